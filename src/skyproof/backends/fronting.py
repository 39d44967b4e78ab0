"""A backend in front of an emulated one, to whose clients and clock it hands on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from skyproof.backends.emulated import Emulated, Transient
from skyproof.expect.emulated import EmulatedClock


class Fronting(Transient, ABC):
    """What a backend has in common with the emulated one that answers for it."""

    @property
    @abstractmethod
    def _behind(self) -> Emulated:
        """The one that answers at the moment, started."""

    def environment(self) -> dict[str, str]:
        return self._behind.environment()

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        return self._behind.client(service, region, account)

    def clock(self) -> EmulatedClock:
        return self._behind.clock()
