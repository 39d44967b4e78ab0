"""``operation`` for Synthetics' handlers: parameters are checked against the model first."""

from __future__ import annotations

from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.errors import AwsError

operation = checked_operations("synthetics")


def invalid(message: str) -> AwsError:
    """Synthetics' refusal of parameters that contradict its rules."""
    return AwsError("ValidationException", message)
