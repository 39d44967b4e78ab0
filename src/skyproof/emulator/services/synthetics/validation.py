"""``operation`` for Synthetics' handlers: parameters are checked against the model first."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.oam.constraints import checked_operations

operation = checked_operations("synthetics")


def invalid(message: str) -> AwsError:
    """Synthetics' refusal of parameters that contradict its rules."""
    return AwsError("ValidationException", message)
