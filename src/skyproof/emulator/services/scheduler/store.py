"""What Scheduler keeps for one account and region: groups, and the schedules in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from skyproof.emulator.tags import Tags

if TYPE_CHECKING:
    from skyproof.emulator.services.scheduler.running import Run

DEFAULT_GROUP = "default"
#: Whom a role has to trust.
PRINCIPAL = "scheduler.amazonaws.com"


@dataclass
class Schedule:
    """A schedule.

    Attributes:
        configuration: what was put, in the API's names, with defaults filled in; neither name nor
            group are in it.
        token: the client token that it was made with.
        run: how it waits for its times, ``None`` while it is disabled.
    """

    name: str
    group: str
    arn: str
    configuration: dict[str, Any]
    created: datetime
    modified: datetime
    token: str | None = None
    run: Run | None = None

    @property
    def target(self) -> dict[str, Any]:
        """As the API describes it."""
        found: dict[str, Any] = self.configuration["Target"]
        return found

    @property
    def group_arn(self) -> str:
        """Which roles' trust policies name as ``aws:SourceArn``.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        return f"{self.arn.partition(':schedule/')[0]}:schedule-group/{self.group}"


@dataclass
class Group:
    """A group of schedules.

    Attributes:
        created: when; ``None`` for the default group, which nobody made.
        token: the client token that it was made with.
    """

    name: str
    created: datetime | None = None
    modified: datetime | None = None
    tags: Tags = field(default_factory=dict)
    token: str | None = None
    schedules: dict[str, Schedule] = field(default_factory=dict)


@dataclass
class Store:
    """The groups of one account and region, by name."""

    groups: dict[str, Group] = field(default_factory=lambda: {DEFAULT_GROUP: Group(DEFAULT_GROUP)})
