"""Looking again until it is so, or for as long as it must not be so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result

from skyproof.expect.clock import Clock
from skyproof.expect.timeline import Timeline

T = TypeVar("T")


@dataclass
class Watch(Generic[T]):
    """Looks at one thing over a stretch of time.

    Attributes:
        clock: whose time passes.
        look: what the thing is now.
        describe: what was seen, in a few words, for the timeline.
    """

    clock: Clock
    look: Callable[[], T]
    describe: Callable[[T], str]
    timeline: Timeline = field(default_factory=Timeline)

    def until(self, is_so: Callable[[T], bool], within: timedelta) -> tuple[bool, T, datetime]:
        """Look until it is so or the time is over; whether it was, what was seen last, and when."""
        deadline = self.clock.now() + within
        last: list[tuple[datetime, T]] = []

        def look() -> bool:
            last[:] = [self._look()]
            return is_so(last[0][1])

        pause = self.clock.pause(within)

        def clipped(state: RetryCallState) -> float:
            # The last look is at the deadline itself.
            return min(pause(state), max(0.0, self._left(deadline)))

        looking = Retrying(
            retry=retry_if_result(lambda done: not done),
            stop=lambda _: self._left(deadline) <= 0,
            wait=clipped,
            sleep=self.clock.wait,
            retry_error_callback=lambda _: False,
        )
        found = bool(looking(look))
        at, seen = last[0]
        return found, seen, at

    def _left(self, deadline: datetime) -> float:
        return (deadline - self.clock.now()).total_seconds()

    def _look(self) -> tuple[datetime, T]:
        seen = self.look()
        at = self.clock.now()
        self.timeline.add(at, self.describe(seen))
        return at, seen
