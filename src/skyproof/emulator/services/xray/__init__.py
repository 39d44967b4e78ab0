"""AWS X-Ray: groups, sampling rules, traces."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.xray.groups import Groups
from skyproof.emulator.services.xray.sampling import Sampling
from skyproof.emulator.services.xray.settings import Settings
from skyproof.emulator.services.xray.store import Store
from skyproof.emulator.services.xray.tags import Tagging
from skyproof.emulator.services.xray.traces import Traces
from skyproof.emulator.world import World


class XRay(Groups, Sampling, Settings, Traces, Tagging, Service):
    """Groups, sampling rules, encryption, resource policies and traces."""

    name: ClassVar[str] = "xray"
    complete: ClassVar[bool] = True
    fidelity: ClassVar[str] = (
        "Groups, sampling rules, encryption, resource policies and tags as on AWS; segments are "
        "kept and summarised. Filter expressions are kept, not evaluated; reservoirs are shared "
        "equally among the clients of the last ten seconds. No insights, service graphs, indexing "
        "rules or trace retrieval."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)


SERVICE = XRay
