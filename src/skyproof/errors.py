"""The one error that ends a command: what went wrong, where, and the way out."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line ends with; scripts may rely on these."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ENVIRONMENT = 3
    INTERRUPTED = 130


class SkyproofError(Exception):
    """What went wrong and where, a hint that names the way out, and the exit code to end with."""

    def __init__(self, what: str, hint: str = "", exit_code: int = ExitCode.USAGE) -> None:
        super().__init__(f"{what}\n{hint}" if hint else what)
        self.what = what
        self.hint = hint
        self.exit_code = exit_code


class EndedError(SkyproofError):
    """A backend ended by itself, and what was made in it is gone with it."""
