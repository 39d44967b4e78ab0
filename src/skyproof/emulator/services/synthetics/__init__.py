"""CloudWatch Synthetics: canaries, their runs and groups."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.synthetics.canaries import Canaries
from skyproof.emulator.services.synthetics.groups import Groups
from skyproof.emulator.services.synthetics.running import Runner
from skyproof.emulator.services.synthetics.runs import Runs
from skyproof.emulator.services.synthetics.store import Store
from skyproof.emulator.services.synthetics.tags import Tagging
from skyproof.emulator.world import World


class Synthetics(Groups, Canaries, Runs, Tagging, Service):
    """Canaries with the Lambda function and layer behind them; groups."""

    name: ClassVar[str] = "synthetics"
    complete: ClassVar[bool] = True
    fidelity: ClassVar[str] = (
        "Canaries, groups, tags and runtime versions (of November 2026) as on AWS, with changes of "
        "state done at once; function and layer are really made in the canary's account. Scripts "
        "in Python really run on their schedule, with steps, artifacts, metrics and logs, and in a "
        "browser where the machine has Selenium, Chromium and its driver. Other runtimes and "
        "blueprints do not run. No metrics of requests, no retries, no dry runs, no replica "
        "locations."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)
        self.runner = Runner(world, self.stores)


SERVICE = Synthetics
