"""Where a stack is applied, behind one protocol."""

from __future__ import annotations

from collections.abc import Callable

from skyproof.backends.embedded import Embedded
from skyproof.backends.movable import Movable
from skyproof.backends.protocol import Backend
from skyproof.backends.sandbox import Sandbox
from skyproof.run import Run
from skyproof.settings import Settings

__all__ = ["Backend", "capabilities", "create"]


def _localstack(settings: Settings, _: Run) -> Backend:
    # Here, for it asks the emulator which services there are, and that takes moto's second.
    from skyproof.backends.localstack import Localstack

    return Localstack(settings)


_BACKENDS: dict[str, Callable[[Settings, Run], Backend]] = {
    "embedded": lambda settings, _: (Movable if settings.reuses else Embedded)(settings),
    "localstack": _localstack,
    "sandbox": Sandbox,
}


def create(settings: Settings, run: Run) -> Backend:
    """The backend that the settings name, for one run; it is not started yet."""
    return _BACKENDS[settings.backend](settings, run)


def capabilities(settings: Settings, run: Run) -> frozenset[str]:
    """What the backend that the settings name can do, without starting it."""
    return create(settings, run).capabilities
