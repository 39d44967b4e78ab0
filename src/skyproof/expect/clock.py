"""How a test waits: by turning a clock, or by waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tenacity import RetryCallState, wait_exponential_jitter, wait_fixed


class Clock(Protocol):
    """The time of the AWS under test."""

    def now(self) -> datetime:
        """The present moment there, aware."""

    def wait(self, seconds: float) -> None:
        """Let time pass there."""

    def pause(self, within: timedelta) -> Callable[[RetryCallState], float]:
        """How long to wait between two looks, for tenacity."""

    def explain(self, about: str) -> list[str]:
        """What is known of deliveries to or from something, one a line; empty when nothing is."""


@dataclass(frozen=True)
class RealClock:
    """AWS's own time: waiting costs what it costs.

    Looks come a second apart at first and then more seldom, with jitter, so that tests that run
    side by side do not ask in step.
    """

    sleep: Callable[[float], None] = time.sleep

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        self.sleep(seconds)

    def pause(self, within: timedelta) -> Callable[[RetryCallState], float]:
        longest = max(1.0, min(15.0, within.total_seconds() / 10))
        return wait_exponential_jitter(initial=1, max=longest)

    def explain(self, about: str) -> list[str]:
        del about
        return []


def fixed_pause(seconds: float) -> Callable[[RetryCallState], Any]:
    """The same wait between all looks."""
    return wait_fixed(seconds)
