"""The one source of time in the emulator, and the queue of what is still to happen.

A clock is *real*, and then goes by itself, or *manual*, and then stands until it is advanced.
Alarms, schedules, buffers, retries and lifecycles wait in one queue; advancing runs what falls due,
in the order of its time and then of its entry, and what that causes in turn, so that the same calls
have the same effects in the same order. The last of a moment is what runs beside it in a process of
its own.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import time_machine

from skyproof.emulator.gate import Gate, Visit

Mode = Literal["real", "manual"]
Action = Callable[[], None]
Anew = Callable[[datetime], datetime]
#: Later than any event; what "never" is where a time is asked for.
NEVER = datetime.max.replace(tzinfo=UTC)
#: More events than this at one instant are a loop, and would never end.
MOST_AT_ONCE = 100_000

log = logging.getLogger(__name__)


class ClockError(Exception):
    """The clock cannot do what it was asked; the text says what would be right."""


@dataclass(order=True)
class Event:
    """Something that happens at a time.

    Attributes:
        due: when.
        is_last: after all else that is due then, and all that comes of it.
        number: breaks ties: what was entered first happens first.
        what: for logs, e.g. ``"cloudwatch: evaluate alarms"``.
        anew: when it is due after the clock was set; without one it keeps its distance to now.
    """

    due: datetime
    is_last: bool
    number: int
    what: str = field(compare=False)
    action: Action = field(compare=False)
    anew: Anew | None = field(compare=False, default=None)
    cancelled: bool = field(compare=False, default=False)

    def cancel(self) -> None:
        """It will not happen; harmless when it has."""
        self.cancelled = True


class Clock:
    """The world's time. Services ask it and never the machine, so that it can be turned.

    While it is manual or was set, the whole process sees its time: the base asks the machine.

    Args:
        gate: of the world in which things happen.
    """

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate or Gate()
        self._mode: Mode = "real"
        self._queue: list[Event] = []
        self._numbers = itertools.count()
        self._make_locks()
        self._machine: time_machine.travel | None = None
        self._traveller: time_machine.Traveller | None = None
        # What the process sees while the clock stands: asking it anew takes ten times as long.
        self._standing: datetime | None = None
        self._closed = False

    def _make_locks(self) -> None:
        self._changed = threading.Condition()
        # One event at a time: events that ran at once could meet in any order.
        self._turn = threading.RLock()
        self._runner: threading.Thread | None = None

    def renew(self) -> None:
        """Go on in a process that was just forked, to which threads and their locks do not come."""
        self._make_locks()
        with self._changed:
            if self._mode == "real" and self._queue:
                self._start_runner()

    @property
    def mode(self) -> Mode:
        return self._mode

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        return self._standing or datetime.now(UTC)

    def at(self, due: datetime, what: str, action: Action, anew: Anew | None = None) -> Event:
        """Do something at a time; what lies in the past is done next."""
        event = Event(
            due, is_last=False, number=next(self._numbers), what=what, action=action, anew=anew
        )
        if due != NEVER:
            self._enter(event)
        return event

    def after(self, seconds: float, what: str, action: Action) -> Event:
        """Do something so many seconds from now."""
        return self.at(self.now() + timedelta(seconds=seconds), what, action)

    def soon(self, what: str, action: Action) -> Event:
        """Do something now, but after what is being done."""
        return self.at(self.now(), what, action)

    def last(self, what: str, action: Action) -> Event:
        """Do something now, but after all else that is due now, and all that comes of it."""
        event = Event(
            self.now(), is_last=True, number=next(self._numbers), what=what, action=action
        )
        self._enter(event)
        return event

    def _enter(self, event: Event) -> None:
        with self._changed:
            heapq.heappush(self._queue, event)
            if self._mode == "real":
                self._start_runner()
                self._changed.notify()

    def set(self, now: datetime | None = None, mode: Mode | None = None) -> None:
        """Put the clock to a time, a mode or both, without running what lies between."""
        with self._turn, self._changed:
            before = self.now()
            self._mode = mode or self._mode
            self._travel(now or before, tick=self._mode == "real")
            if now is not None:
                self._shift(now - before, now)
            if self._mode == "real" and self._queue:
                self._start_runner()
            self._changed.notify()

    def advance(self, seconds: float) -> int:
        """Turn a manual clock on, running what falls due; how many events that were.

        Raises:
            ClockError: the clock is real, time runs backwards, or events cause events without end.
        """
        if self._mode == "real":
            raise ClockError('the clock goes by itself: set {"mode": "manual"} before advancing it')
        if seconds < 0:
            raise ClockError(f"time does not run backwards: seconds is {seconds:g}")
        with self._turn:
            end = self.now() + timedelta(seconds=seconds)
            done = self._run_until(end)
            self._move_to(end)
            return done

    @property
    def pending(self) -> list[Event]:
        """What is still to happen, the next first."""
        with self._changed:
            return sorted(event for event in self._queue if not event.cancelled)

    def close(self) -> None:
        """Give the process its own time back and run nothing more."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify()
        if self._runner is not None and self._runner is not threading.current_thread():
            self._runner.join()
        if self._machine is not None:
            self._machine.stop()
            self._machine = self._standing = None

    def _travel(self, now: datetime, *, tick: bool) -> None:
        if self._traveller is not None:
            # Not stopped and started anew: between the two, others would see the machine's time.
            self._traveller.move_to(now, tick=tick)
        else:
            self._machine = time_machine.travel(now, tick=tick)
            self._traveller = self._machine.start()
        self._standing = None if tick else datetime.now(UTC)

    def _move_to(self, moment: datetime) -> None:
        assert self._traveller is not None
        self._traveller.move_to(moment)
        self._standing = datetime.now(UTC)

    def _shift(self, delta: timedelta, now: datetime) -> None:
        for event in self._queue:
            event.due = event.anew(now) if event.anew else event.due + delta
        heapq.heapify(self._queue)

    def _run_until(self, end: datetime) -> int:
        done, at_once, instant = 0, 0, self.now()
        while (event := self._next_due(end)) is not None:
            if event.due > instant:
                self._move_to(event.due)
                at_once, instant = 0, event.due
            at_once += 1
            if at_once > MOST_AT_ONCE:
                raise ClockError(
                    f"more than {MOST_AT_ONCE} events at {instant.isoformat()}: the last is "
                    f"{event.what!r}, which seems to cause itself"
                )
            _run(event)
            done += 1
        return done

    def _next_due(self, end: datetime) -> Event | None:
        with self._changed:
            while self._queue and self._queue[0].due <= end:
                event = heapq.heappop(self._queue)
                if not event.cancelled:
                    return event
        return None

    def _start_runner(self) -> None:
        if (self._runner is None or not self._runner.is_alive()) and not self._closed:
            self._runner = threading.Thread(target=self._go, name="clock", daemon=True)
            self._runner.start()

    def _go(self) -> None:
        """Run what falls due for as long as the clock is real."""
        while self._wait_until_due():
            with self._gate.passing(Visit("the clock")) as visit, self._turn:
                event = self._next_due(self.now()) if self._mode == "real" else None
                if event is not None:
                    visit.what = event.what
                    _run(event)

    def _wait_until_due(self) -> bool:
        """Sleep until the next event is due; whether to go on."""
        with self._changed:
            while not self._closed and self._mode == "real":
                if not self._queue:
                    self._changed.wait()
                    continue
                seconds = (self._queue[0].due - self.now()).total_seconds()
                if seconds <= 0:
                    return True
                self._changed.wait(min(seconds, threading.TIMEOUT_MAX))
        return False


def _run(event: Event) -> None:
    try:
        event.action()
    except Exception:
        # One failed event must not stop the world; its traceback is in the emulator's log.
        log.exception("%s failed", event.what)


def stopwatch() -> float:
    """Seconds of the machine's own, for durations: never turned."""
    return time.perf_counter()


def stamp(moment: datetime) -> str:
    """A moment in UTC to the millisecond, as many services write time: 2026-01-05T00:00:00.000Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def milliseconds(moment: datetime) -> int:
    """Since 1970, as many services tell time."""
    return int(moment.timestamp() * 1000)
