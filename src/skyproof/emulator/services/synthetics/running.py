"""When canaries run: at once when they are started, and then on their schedule.

A canary has one event of the clock at most: its next run, or its end; a run under way has another,
at which its script is waited for. The state of one that runs once stays RUNNING until it is
stopped, so that whoever waits for it to start always sees it.
https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CanaryScheduleInput.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

from skyproof.emulator import schedules
from skyproof.emulator.clock import NEVER, Anew, Event
from skyproof.emulator.service import Call, Regional
from skyproof.emulator.services.synthetics import report
from skyproof.emulator.services.synthetics.execution import Execution, UnderWay, obstacle
from skyproof.emulator.services.synthetics.store import Canary, CanaryRun, Status, Store
from skyproof.emulator.world import World


@dataclass(eq=False)
class _Turn:
    """What a canary waits for; ``event`` is in the clock's queue."""

    call: Call
    canary: Canary
    event: Event = field(init=False)


class Runner:
    """The schedules of all canaries. Its methods are called with the world's lock held."""

    def __init__(self, world: World, stores: Regional[Store]) -> None:
        self._world = world
        self._stores = stores
        self._execution = Execution(world)
        self._turns: dict[str, _Turn] = {}

    def start(self, call: Call, canary: Canary) -> None:
        """Run now, and from now on."""
        self.stop(canary)
        if reason := obstacle(canary):
            self._world.tell(canary.arn, "run", "", "dropped", reason)
            return
        self._enter(call, canary, self._world.clock.now(), self._run)

    def stop(self, canary: Canary) -> None:
        """Run no more; a run under way comes to its end."""
        turn = self._turns.pop(canary.id, None)
        if turn is not None:
            turn.event.cancel()

    def change(self, call: Call, before: Canary, after: Canary) -> None:
        """Have the next run be of the canary as changed, at the time of its new schedule."""
        if before.engine != after.engine:
            self._execution.forget(before)
        if after.status.state != "RUNNING":
            return
        now = self._world.clock.now()
        turn = self._turns.get(after.id)
        waits_for_first = turn is not None and turn.event.due <= now
        rescheduled = before.settings["Schedule"] != after.settings["Schedule"] or obstacle(before)
        if rescheduled and not waits_for_first and not obstacle(after):
            self.stop(before)
            last = after.runs[-1].started if after.runs else now
            self._enter_next(call, after, now, anchor=min(last, now))

    def delete(self, canary: Canary) -> None:
        """Run no more, and keep nothing warm."""
        self.stop(canary)
        self._execution.forget(canary)

    def _enter(
        self,
        call: Call,
        canary: Canary,
        due: datetime,
        act: Callable[[_Turn], None],
        anew: Anew | None = None,
    ) -> None:
        turn = self._turns[canary.id] = _Turn(call, canary)
        what = f"synthetics: {canary.name}"
        turn.event = self._world.clock.at(due, what, lambda: act(turn), anew)

    def _enter_next(self, call: Call, canary: Canary, now: datetime, anchor: datetime) -> None:
        """The next run after now; or the end, where the schedule's duration is over before it."""
        expression = canary.settings["Schedule"]["Expression"]
        try:
            schedule = schedules.parse(expression, allow_zero=True)
        except schedules.ScheduleError as error:
            self._world.tell(canary.arn, "run", "", "dropped", str(error))
            return
        due = schedule.next_after(now, anchor=anchor)
        end = _end(canary)
        if end is not None and (due is None or due >= end):
            self._enter(call, canary, end, self._end)
        elif due is not None:
            self._enter(call, canary, due, self._run, _anew(schedule))

    def _run(self, turn: _Turn) -> None:
        with self._world.lock:
            canary = self._taken(turn)
            if canary is None:
                return
            now, due = self._world.clock.now(), turn.event.due
            # Counted from when this run was due, so that a late one moves none of the others.
            self._enter_next(turn.call, canary, max(now, due), anchor=due)
            if reason := obstacle(canary):
                self._world.tell(canary.arn, "run", "", "dropped", reason)
                return
            run = _begin(turn.call, canary, now)
        # Without the lock: what is being imported may call this very world.
        under_way = self._execution.begin(turn.call, canary, run)
        end = partial(self._complete, under_way)
        # Of a clock that goes by itself a copy may be made between two events.
        if self._world.clock.mode == "real" or self._execution.is_crowded:
            end()
        else:
            # While all else that is due now is done, the script runs, and others beside it.
            self._world.clock.last(f"synthetics: {canary.name} ran", end)

    def _complete(self, under_way: UnderWay) -> None:
        self._execution.end(under_way)
        canary, run = under_way.canary, under_way.run
        retries = canary.settings["Schedule"].get("RetryConfig", {}).get("MaxRetries", 0)
        if run.state == "FAILED" and retries:
            reason = "RetryConfig: runs are not retried"
            self._world.tell(canary.arn, "retry", "", "dropped", reason)

    def _end(self, turn: _Turn) -> None:
        with self._world.lock:
            canary = self._taken(turn)
            if canary is not None:
                canary.status = Status("STOPPED")
                canary.timeline.stopped = self._world.clock.now()

    def _taken(self, turn: _Turn) -> Canary | None:
        """The canary whose turn it is, as it is now.

        None when it was stopped or changed while this turn, already off the clock's queue, waited
        for the world's lock.
        """
        if self._turns.get(turn.canary.id) is not turn:
            return None
        del self._turns[turn.canary.id]
        return self._stores.of(turn.call).canaries[turn.canary.name]


def _begin(call: Call, canary: Canary, now: datetime) -> CanaryRun:
    """The record of a new run; its id is the same wherever the canary's is."""
    canary.ran += 1
    run = CanaryRun(
        id=str(uuid5(UUID(canary.id), str(canary.ran))),
        canary=canary.name,
        state="RUNNING",
        started=now,
        artifacts=report.location(call, canary, now),
    )
    while canary.runs and not canary.keeps(canary.runs[0], now):
        del canary.runs[0]
    canary.runs.append(run)
    return run


def _anew(schedule: schedules.Schedule) -> Anew | None:
    """A calendar's times follow a clock that is set; a rate keeps its distance."""
    if not isinstance(schedule, schedules.Cron):
        return None
    return lambda now: schedule.next_after(now) or NEVER


def _end(canary: Canary) -> datetime | None:
    seconds = canary.settings["Schedule"].get("DurationInSeconds", 0)
    if not seconds or canary.timeline.started is None:
        return None
    return canary.timeline.started + timedelta(seconds=seconds)
