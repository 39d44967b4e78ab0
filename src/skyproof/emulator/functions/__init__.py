"""Runs Python functions as Lambda does: in subprocesses that stay warm, by the world's clock.

It knows nothing of the rest of the emulator.
"""

from __future__ import annotations

from skyproof.emulator.functions.environment import Definition, Environment, Outcome, Unsupported
from skyproof.emulator.functions.package import PackageError
from skyproof.emulator.functions.pool import Begun, Pool, Throttled

__all__ = [
    "Begun",
    "Definition",
    "Environment",
    "Outcome",
    "PackageError",
    "Pool",
    "Throttled",
    "Unsupported",
]
