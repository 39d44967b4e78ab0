"""The service as a whole.

https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.scheduler.groups import Groups
from skyproof.emulator.services.scheduler.schedules import Schedules
from skyproof.emulator.services.scheduler.store import Store
from skyproof.emulator.services.scheduler.tags import Tagging

if TYPE_CHECKING:
    from skyproof.emulator.world import World


class Scheduler(Groups, Schedules, Tagging, Service):
    """Schedules in groups."""

    name: ClassVar[str] = "scheduler"
    complete: ClassVar[bool] = True
    fidelity: ClassVar[str] = (
        "Every operation. Schedules run to the second, where AWS takes up to a minute; within a "
        "flexible window at a moment that the schedule's ARN and time decide. Templated targets "
        "are Lambda, SQS, SNS, EventBridge, Firehose, Kinesis and Step Functions (moto's), those "
        "of other services are noted and dropped; universal targets are every operation that the "
        "emulator has, judged by the role's policies where it knows their resource. Every refusal "
        "is retried, without jitter. What is due before a schedule was made is never invoked. A "
        "group is deleted at once, with its schedules; nothing is encrypted."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)
