"""A world: one emulated AWS with all its accounts and regions, its clock and its services."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

from skyproof.emulator.base import MotoBase
from skyproof.emulator.clients import ClientFactory
from skyproof.emulator.clock import Clock
from skyproof.emulator.service import Service
from skyproof.emulator.services import SERVICES, load


class World:
    """State and time of one emulated AWS.

    One re-entrant lock serves every service of ours, so that none sees another's half-done write;
    a request that is wholly the base's is answered without it.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.lock = threading.RLock()
        self.base = MotoBase()
        self._services: dict[str, Service] = {}

    def service(self, name: str) -> Service | None:
        """Our service of that name, made on first use; ``None`` when the base has it alone."""
        if name not in SERVICES:
            return None
        with self.lock:
            if name not in self._services:
                self._services[name] = load(name)(self)
            return self._services[name]

    def client(self, service: str, region: str, account: str) -> Any:
        """A boto3 client through the gateway, without a socket."""
        return self._clients.get(service, region, account)

    def base_client(self, service: str, region: str, account: str) -> Any:
        """A boto3 client to the base, without a socket."""
        return self._base_clients.get(service, region, account)

    @cached_property
    def _clients(self) -> ClientFactory:
        from skyproof.emulator.gateway import Gateway

        return ClientFactory(Gateway(self))

    @cached_property
    def _base_clients(self) -> ClientFactory:
        return ClientFactory(self.base)
