"""Where a stack is applied, behind one protocol."""

from __future__ import annotations

from collections.abc import Callable

from skyproof.backends.embedded import Embedded
from skyproof.backends.localstack import Localstack
from skyproof.backends.protocol import Backend
from skyproof.settings import Settings

__all__ = ["Backend", "create"]

_BACKENDS: dict[str, Callable[[Settings], Backend]] = {
    "embedded": Embedded,
    "localstack": Localstack,
}


def create(settings: Settings) -> Backend:
    """The backend that the settings name; it is not started yet."""
    return _BACKENDS[settings.backend](settings)
