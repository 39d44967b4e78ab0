"""CloudWatch Observability Access Manager: one account watches others."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.oam.links import Links
from skyproof.emulator.services.oam.sharing import Sharing
from skyproof.emulator.services.oam.sinks import Sinks
from skyproof.emulator.services.oam.store import Store
from skyproof.emulator.services.oam.tags import Tagging
from skyproof.emulator.world import World


class Oam(Sinks, Links, Sharing, Tagging, Service):
    """Sinks in monitoring accounts, links from source accounts."""

    name: ClassVar[str] = "oam"
    complete: ClassVar[bool] = True
    fidelity: ClassVar[str] = (
        "Every operation. Sink policies are evaluated for the caller's account, organization and "
        "resource types; a role or user in a policy stands for its account. Link filters are "
        "checked and kept. $AccountName is the account's number outside an organization."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)


SERVICE = Oam
