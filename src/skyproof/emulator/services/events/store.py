"""What EventBridge keeps beside the base's rules: schedules that wait, and a count of events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from skyproof.emulator.clock import Event as Waiting
from skyproof.emulator.services.events.pattern import Pattern


@dataclass(frozen=True)
class Rule:
    """An enabled rule with a pattern, and its targets as ListTargetsByRule gives them."""

    name: str
    arn: str
    pattern: Pattern
    targets: tuple[dict[str, Any], ...]


@dataclass
class Store:
    """One account and region.

    Attributes:
        schedules: by rule, the event of the clock that it waits for.
        events: how many there have been, for their ids.
    """

    schedules: dict[str, Waiting] = field(default_factory=dict)
    events: int = 0
