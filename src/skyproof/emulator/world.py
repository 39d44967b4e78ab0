"""A world: one emulated AWS with all its accounts and regions, its clock and its services."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

from skyproof.emulator.base import Base, MotoBase
from skyproof.emulator.clients import ClientFactory
from skyproof.emulator.clock import Clock
from skyproof.emulator.faults import Faults
from skyproof.emulator.gate import Gate
from skyproof.emulator.guard import Guard
from skyproof.emulator.happenings import Happening, Happenings, Outcome
from skyproof.emulator.holding import Holding
from skyproof.emulator.memo import Memo
from skyproof.emulator.service import Service
from skyproof.emulator.services import SERVICES, load


def account_keys(account: str, role: str) -> dict[str, str]:
    """The keys of a function, as its environment names them: its account, whatever its role."""
    del role
    return {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "embedded"}


class World:
    """State and time of one emulated AWS.

    Args:
        base: makes the base; moto, unless another emulator stands beneath.

    One re-entrant lock serves every service of ours, so that none sees another's half-done write;
    a request that is wholly the base's is answered without it.
    """

    def __init__(self, base: Callable[[], Base] = MotoBase) -> None:
        self.gate = Gate()
        self.clock = Clock(self.gate)
        self.happenings = Happenings()
        self.memo = Memo()
        self.faults = Faults()
        self.guard = Guard()
        self.holding = Holding()
        #: By which whoever started it knows it again, whoever has its port by then.
        self.token = ""
        #: Where this world is served, once it is.
        self.endpoint: str | None = None
        #: By which keys a function that runs under a role is known where it calls this world.
        self.keys_of: Callable[[str, str], dict[str, str]] = account_keys
        self._closers: list[Callable[[], None]] = []
        self._renewals: list[Callable[[], None]] = []
        self.lock = threading.RLock()
        self.base = base()
        self._services: dict[str, Service] = {}

    def service(self, name: str) -> Service | None:
        """Our service of that name, made on first use; ``None`` when the base has it alone."""
        found = self._services.get(name)
        if found is not None:
            return found
        if name not in SERVICES or not self.base.is_ours(name):
            return None
        with self.lock:
            if name not in self._services:
                self._services[name] = load(name)(self)
            return self._services[name]

    def tell(
        self,
        source: str,
        what: str,
        target: str = "",
        outcome: Outcome = "done",
        reason: str = "",
    ) -> None:
        """Remember what a service did of its own accord."""
        now = self.clock.now()
        self.happenings.add(Happening(now, source, what, target, outcome, reason))

    def at_close(self, closer: Callable[[], None]) -> None:
        """Have something done when the world ends."""
        self._closers.append(closer)

    def at_renewal(self, renewal: Callable[[], None]) -> None:
        """Have something done in each copy of the world, such as letting go of a subprocess."""
        self._renewals.append(renewal)

    def renew(self, endpoint: str) -> None:
        """Go on as a copy, in a process that was forked for it and has but this thread."""
        self.endpoint = endpoint
        # Functions are told the endpoint, and it is among what is remembered of them.
        self.memo = Memo()
        # Who wants to write copies a world that is only to be read.
        self.guard = Guard()
        self.gate.renew()
        self.holding.renew()
        for renewal in self._renewals:
            renewal()
        self.clock.renew()

    def close(self) -> None:
        """End what services started, stop the clock, and with it all that happens by itself."""
        self.holding.close()
        # First what may hang: the clock waits for the event that it is at.
        while self._closers:
            self._closers.pop()()
        self.clock.close()

    def client(self, service: str, region: str, account: str) -> Any:
        """A boto3 client through the gateway, without a socket."""
        return self._clients.get(service, region, account)

    def base_client(self, service: str, region: str, account: str) -> Any:
        """A boto3 client to the base, without a socket."""
        return self._base_clients.get(service, region, account)

    @cached_property
    def _clients(self) -> ClientFactory:
        from skyproof.emulator.gateway import Gateway

        gateway = Gateway(self)
        return ClientFactory(gateway, gateway)

    @cached_property
    def _base_clients(self) -> ClientFactory:
        return ClientFactory(self.base)
