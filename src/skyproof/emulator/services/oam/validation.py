"""``operation`` for OAM's handlers: parameters are checked against the model first."""

from __future__ import annotations

from skyproof.emulator.constraints import checked_operations

operation = checked_operations("oam")
