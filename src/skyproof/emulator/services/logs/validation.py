"""``operation`` for the handlers over Logs: parameters are checked against the model first."""

from __future__ import annotations

from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.errors import AwsError

operation = checked_operations("logs")


def invalid(message: str) -> AwsError:
    """Logs' refusal of parameters that contradict its rules."""
    return AwsError("InvalidParameterException", message)


def not_found(message: str) -> AwsError:
    """Logs' refusal of names that it does not know."""
    return AwsError("ResourceNotFoundException", message)
