"""When a schedule is due, and when within its window it is invoked.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from skyproof.emulator import schedules
from skyproof.emulator.schedules import At, Schedule

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Timing:
    """A schedule's times.

    Attributes:
        begins: nothing is due before; a rate is counted from here.
        is_dated: whether that is a StartDate, and not the moment the schedule was put.
        ends: nothing is due after; ``None`` for never.
        window: how long after its time an invocation may come.
    """

    schedule: Schedule
    begins: datetime
    is_dated: bool
    ends: datetime | None
    window: timedelta

    @classmethod
    def of(cls, configuration: dict[str, Any], put: datetime) -> Timing:
        """As configured at a moment.

        "If you do not provide a StartDate for a rate-based schedule, your schedule starts invoking
        the target immediately"; one-time schedules ignore both dates.
        """
        schedule = schedules.parse(
            configuration["ScheduleExpression"], configuration["ScheduleExpressionTimezone"]
        )
        dates = {} if isinstance(schedule, At) else configuration
        start = dates.get("StartDate")
        minutes = configuration["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)
        return cls(
            schedule,
            start or put,
            start is not None,
            dates.get("EndDate"),
            timedelta(minutes=minutes),
        )

    def first(self) -> datetime | None:
        """The first time of all."""
        return self.after(self.begins - _TICK)

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment, if any is left."""
        since = max(moment, self.begins - _TICK)
        found = self.schedule.next_after(since, anchor=self.begins)
        return None if found is None or (self.ends and found > self.ends) else found

    def seen_from(self, moment: datetime) -> Timing:
        """After the clock was set back before it was put, it begins anew."""
        return self if self.is_dated else replace(self, begins=min(self.begins, moment))

    def invoked(self, arn: str, scheduled: datetime) -> datetime:
        """When within the window; AWS chooses at will, here the same schedule always does alike."""
        seconds = int(self.window.total_seconds())
        if not seconds:
            return scheduled
        chosen = int.from_bytes(sha256(f"{arn} {scheduled.isoformat()}".encode()).digest()[:8])
        return scheduled + timedelta(seconds=chosen % seconds)
