"""What pollers of queues and streams have in common: a mapping, a role, and patience.

A poller sleeps until its source says that something has come: a mapping whose source is idle costs
nothing, however long.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from skyproof.emulator.acting import Principal
from skyproof.emulator.clock import NEVER, Event
from skyproof.emulator.services.lambda_.definitions import Runnable
from skyproof.emulator.watching import Patience

if TYPE_CHECKING:
    from skyproof.emulator.functions import Outcome
    from skyproof.emulator.happenings import Outcome as Happened
    from skyproof.emulator.service import Call
    from skyproof.emulator.world import World


class Invoking(Protocol):
    """What a poller asks of Lambda."""

    def found(self, call: Call, name: str, qualifier: str | None, /) -> Runnable:
        """What an invocation of a function runs. Raises AwsError or ClientError."""

    def hand_over(
        self, call: Call, found: Runnable, payload: bytes, age: float | None, /
    ) -> tuple[str, Outcome]:
        """Run a function on a batch: the request's id, and what came of it. Raises AwsError."""


@dataclass
class EventSourceMapping:
    """A mapping.

    Attributes:
        call: where it is, for clients and the clock.
        config: as Lambda answers it.
    """

    call: Call
    config: dict[str, Any]
    tags: dict[str, str]

    @property
    def source(self) -> str:
        return str(self.config["EventSourceArn"])

    @property
    def function(self) -> str:
        return str(self.config["FunctionArn"])

    @property
    def reports_items(self) -> bool:
        return "ReportBatchItemFailures" in self.config["FunctionResponseTypes"]

    @property
    def filters(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.config.get("FilterCriteria", {}).get("Filters", [])
        return found


class Poller(ABC):
    """Reads the source of a mapping and hands over what it holds, on the clock's thread.

    Attributes:
        is_on: whether it was started; a request may stop it while a function runs.
    """

    def __init__(self, functions: Invoking, mapping: EventSourceMapping) -> None:
        self.functions = functions
        self.mapping = mapping
        self.patience = Patience()
        self.is_on = False

    @abstractmethod
    def start(self) -> None:
        """Read, from now on."""

    @abstractmethod
    def stop(self) -> None:
        """Read no more, and hand nothing over."""

    @property
    def world(self) -> World:
        return self.mapping.call.world

    def runnable(self) -> Runnable:
        """The function as it is now. Raises AwsError or ClientError."""
        return self.functions.found(self.mapping.call, self.mapping.function, None)

    def principal(self, found: Runnable) -> Principal:
        """Lambda under the function's role."""
        return Principal(found.role, found.role.split(":")[4], found.definition.arn)

    def tell(self, what: str, outcome: Happened = "done", reason: str = "") -> None:
        """Remember what came of the source."""
        source, function = self.mapping.source, self.mapping.function
        self.world.tell(source, what, function, outcome, reason)

    def never(self) -> Event:
        """An event that does not come, to stand where none waits."""
        return self.world.clock.at(NEVER, "never", lambda: None)
