"""A backend in front of an emulated one, to whose clients and clock it hands on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from skyproof.backends.emulated import Emulated
from skyproof.expect.emulated import EmulatedClock


class Fronting(ABC):
    """What a backend has in common with the emulated one that answers for it."""

    @property
    @abstractmethod
    def _behind(self) -> Emulated:
        """The one that answers at the moment, started."""

    def environment(self) -> dict[str, str]:
        return self._behind.environment()

    def reference(self) -> dict[str, str]:
        """Nothing: what is behind ends with this process, and with it the way in."""
        return {}

    def reaches(self, account: str) -> bool:
        """Every account is there."""
        del account
        return True

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        return self._behind.client(service, region, account)

    def clock(self) -> EmulatedClock:
        return self._behind.clock()
