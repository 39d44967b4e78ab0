"""A schedule that waits for its times on the clock, one event at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from skyproof.emulator.clock import NEVER, Event
from skyproof.emulator.service import Call
from skyproof.emulator.services.scheduler import delivery
from skyproof.emulator.services.scheduler.timing import Timing

if TYPE_CHECKING:
    from skyproof.emulator.services.scheduler.store import Schedule


class Run:
    """From when a schedule was put until it is put again, disabled, deleted or over.

    Args:
        call: in whose account and region.
        schedule: as it is now; what it becomes is another run's.
        completed: called when the last invocation is done with, whatever came of it.
    """

    def __init__(self, call: Call, schedule: Schedule, completed: Callable[[], None]) -> None:
        self._call = call
        self._completed = completed
        self._arn, self._group = schedule.arn, schedule.group
        self._source = schedule.group_arn
        self._target = schedule.target
        self._timing = Timing.of(schedule.configuration, schedule.modified)
        self._scheduled: datetime | None = None
        self._waiting: Event | None = None
        self._stopped = False

    def start(self) -> None:
        self._wait(self._timing.first())

    def stop(self) -> None:
        """Nothing more is invoked; what was refused before is still tried again."""
        self._stopped = True
        if self._waiting is not None:
            self._waiting.cancel()

    def _wait(self, scheduled: datetime | None) -> None:
        due, what = self._due(scheduled), f"scheduler: {self._arn}"
        self._waiting = self._call.world.clock.at(due, what, self._fire, self._due_anew)

    def _due(self, scheduled: datetime | None) -> datetime:
        self._scheduled = scheduled
        return self._timing.invoked(self._arn, scheduled) if scheduled else NEVER

    def _due_anew(self, now: datetime) -> datetime:
        """When it is due after the clock was set: what was leapt over is not made up for."""
        self._timing = self._timing.seen_from(now)
        return self._due(self._timing.after(now))

    def _fire(self) -> None:
        with self._call.world.lock:
            # It may be stopped by a request that came between its time and now.
            if self._stopped:
                return
            scheduled = self._scheduled
            assert scheduled is not None, "what is never due does not fire"
            following = self._timing.after(scheduled)
            if following is not None:
                self._wait(following)
        invocation = delivery.Invocation(
            call=self._call,
            schedule=self._arn,
            group=self._group,
            source=self._source,
            target=self._target,
            scheduled=scheduled,
            accepted=self._call.world.clock.now(),
            done=_nothing if following is not None else self._completed,
        )
        delivery.attempt(invocation)


def _nothing() -> None:
    """More invocations are to come."""
