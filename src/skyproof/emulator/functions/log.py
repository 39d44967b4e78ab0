"""What a function writes, as log events."""

from __future__ import annotations

from skyproof.emulator.functions import limits

#: Stands for a line break inside one event on the pipe from the subprocess; `bootstrap` sends it.
BREAK = b"\0"


class Log:
    """Collects the events of one invocation from the bytes of a pipe."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._dropped = 0
        self._unfinished = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the pipe, however they are cut."""
        *finished, rest = (self._unfinished + data).split(b"\n")
        for line in finished:
            self._keep(line)
        self._unfinished = rest[: limits.MAX_LINE]

    def finish(self) -> tuple[str, ...]:
        """All events in the order in which they were written."""
        if self._unfinished:
            self._keep(self._unfinished)
            self._unfinished = b""
        if not self._dropped:
            return tuple(self._lines)
        return (*self._lines, f"[{self._dropped} more lines were written and are not kept]")

    def _keep(self, line: bytes) -> None:
        if len(self._lines) == limits.MAX_LINES:
            self._dropped += 1
            return
        event = line[: limits.MAX_LINE].replace(BREAK, b"\n")
        self._lines.append(event.decode(errors="replace"))
