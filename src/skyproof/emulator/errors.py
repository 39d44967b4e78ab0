"""What an AWS service answers when it refuses."""

from __future__ import annotations

from typing import Any


class AwsError(Exception):
    """A refusal in AWS's own words, written to the wire in the caller's protocol.

    Args:
        code: the error code that clients match on, e.g. ``ResourceNotFoundException``.
        message: the text AWS gives, where a recorded one is known.
        status: HTTP status; ``None`` takes the one in botocore's model, or 400.
        members: further members of the error shape, e.g. ``{"ResourceType": "alarm"}``.
    """

    def __init__(
        self, code: str, message: str, *, status: int | None = None, **members: Any
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class OperationNotImplementedError(AwsError):
    """Nobody here implements the operation.

    501, because provider clients retry 500, 502, 503 and 504 for minutes and give up on it at once.
    """

    def __init__(self, service: str, operation: str, why: str = "") -> None:
        self.why = why
        super().__init__(
            "NotImplemented",
            f"skyproof's emulator does not implement {service}:{operation}"
            + (f": {why}" if why else ""),
            status=501,
        )


class EmulatorDefectError(AwsError):
    """The emulator itself failed; 501 for the same reason, with the way to the traceback."""

    def __init__(self, service: str, operation: str, error: Exception) -> None:
        super().__init__(
            "EmulatorDefect",
            f"skyproof's emulator failed in {service}:{operation}: "
            f"{type(error).__name__}: {error} (the traceback is in the emulator's log)",
            status=501,
        )
