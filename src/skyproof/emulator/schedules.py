"""Schedule expressions of EventBridge rules, EventBridge Scheduler and Synthetics canaries.

* https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
* https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
* https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_cron.html

Which kinds a service takes (only Scheduler takes ``at``) is the service's to say: by the class.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MAX_LENGTH = 256


class ScheduleError(ValueError):
    """An expression that AWS refuses; the text says why, services have words of their own."""


class Schedule(ABC):
    """When something is due."""

    @abstractmethod
    def next_after(self, moment: datetime, *, anchor: datetime | None = None) -> datetime | None:
        """The first time strictly after an aware moment that something is due.

        Args:
            moment: aware.
            anchor: aware; from when rates are counted. Only rates need it.

        Returns:
            Aware, in UTC; None when nothing is due any more.

        Raises:
            ValueError: for a moment without a time zone, or a rate without an anchor.
        """


@dataclass(frozen=True)
class Rate(Schedule):
    """Regularly, counted from when the schedule began."""

    every: timedelta

    def next_after(self, moment: datetime, *, anchor: datetime | None = None) -> datetime | None:
        """The anchor itself is due when the moment is before it."""
        if anchor is None:
            raise ValueError("a rate is counted from an anchor")
        begin, now = _in_utc(anchor), _in_utc(moment)
        if now < begin:
            return begin
        try:
            return begin + ((now - begin) // self.every + 1) * self.every
        except OverflowError:
            return None


@dataclass(frozen=True)
class At(Schedule):
    """Once, at a time of Scheduler's."""

    due: datetime

    def next_after(self, moment: datetime, *, anchor: datetime | None = None) -> datetime | None:  # noqa: ARG002
        """None from the time itself on."""
        return self.due if _in_utc(moment) < self.due else None


@dataclass(frozen=True)
class Once(Schedule):
    """When it is started and never again: ``rate(0 minute)`` of Synthetics."""

    def next_after(self, moment: datetime, *, anchor: datetime | None = None) -> datetime | None:  # noqa: ARG002
        """Nothing."""
        return None


@dataclass(frozen=True)
class Days:
    """The days that a cron expression names.

    Attributes:
        expression: five fields of cronsim's, with midnight for the time.
        years: in order.
        near: with ``W``, the day of the month that the weekday (Monday to Friday) is nearest to.
    """

    expression: str
    years: tuple[int, ...]
    near: int | None

    def since(self, first: date) -> Iterator[date]:
        """In order, from a day on."""
        for year in self.years:
            if year < first.year:
                continue
            start = max(first, date(year, 1, 1))
            for each in self._from(start):
                if each.year != year:
                    break
                if self.near is None or each.day == _nearest_weekday(each, self.near):
                    yield each

    def _from(self, start: date) -> Iterator[date]:
        before = datetime.combine(start, time()) - timedelta(seconds=1)
        try:
            yield from (moment.date() for moment in CronSim(self.expression, before))
        except CronSimError:
            # 30 February: AWS takes it, and it never comes.
            return


@dataclass(frozen=True)
class Cron(Schedule):
    """At times of a calendar.

    "When the time shifts forward in Spring, your schedule invocation gets skipped if the cron
    expression falls on a non-existent date and time. When the time shifts back in the Fall, your
    schedule runs only once": https://repost.aws/knowledge-center/eventbridge-scheduler-adjust-dst
    """

    times: tuple[time, ...]
    days: Days
    zone: tzinfo

    def next_after(self, moment: datetime, *, anchor: datetime | None = None) -> datetime | None:  # noqa: ARG002
        """None when the last year is over, or no such day is left."""
        now = _in_utc(moment)
        for day in self.days.since(now.astimezone(self.zone).date()):
            for each in self.times:
                due = datetime.combine(day, each, self.zone).astimezone(UTC)
                if due > now and due.astimezone(self.zone).time() == each:
                    return due
        return None


def parse(text: str, timezone: str = "UTC", *, allow_zero: bool = False) -> Schedule:
    """Read ``rate(…)``, ``cron(…)`` or ``at(…)``.

    Args:
        text: the expression.
        timezone: an IANA name, in which ``cron`` and ``at`` are meant.
        allow_zero: take ``rate(0 minute)`` and ``rate(0 hour)``, as Synthetics does.

    Raises:
        ScheduleError: for anything else, and an unknown time zone.
    """
    found = _EXPRESSION.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise ScheduleError(f"{text[:MAX_LENGTH]!r} is not rate(…), cron(…) or at(…)")
    kind, inner = found[1], found[2]
    try:
        if kind == "rate":
            return _rate(inner, allow_zero=allow_zero)
        return _at(inner, timezone) if kind == "at" else _cron(inner, timezone)
    except ScheduleError as error:
        raise ScheduleError(f"{text!r} is not valid: {error}") from None


_EXPRESSION = re.compile(r"(rate|cron|at)\(([^\s()](?:[^()]*[^\s()])?)\)")
_RATE = re.compile(r"(\d{1,9})\s+(minute|hour|day)(s?)", re.ASCII)
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)


def _rate(text: str, *, allow_zero: bool) -> Schedule:
    found = _RATE.fullmatch(text)
    if found is None:
        raise ScheduleError("a rate is a number and minute(s), hour(s) or day(s)")
    value, unit, plural = int(found[1]), found[2], bool(found[3])
    if value == 0:
        if allow_zero and not plural and unit in ("minute", "hour"):
            return Once()
        raise ScheduleError("the number of a rate is positive")
    if plural != (value > 1):
        raise ScheduleError("the unit is singular for 1, and plural for more")
    return Rate(value * _UNITS[unit])


_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


def _at(text: str, timezone: str) -> At:
    try:
        if not _AT.fullmatch(text):
            raise ValueError
        local = datetime.fromisoformat(text)
    except ValueError:
        raise ScheduleError("a time is yyyy-mm-ddThh:mm:ss") from None
    try:
        return At(local.replace(tzinfo=_zone(timezone)).astimezone(UTC))
    except OverflowError:
        raise ScheduleError("the time is out of range") from None


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ScheduleError(f"unknown time zone {name!r}") from None


# Cron expressions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Field:
    """A field's values, smallest and largest, and its characters besides names and numbers."""

    name: str
    low: int
    high: int
    wildcards: str
    names: tuple[str, ...] = ()

    def values(self, text: str) -> tuple[int, ...]:
        """What a list names, in order."""
        found: set[int] = set()
        for entry in text.split(","):
            found.update(self._entry(entry))
        return tuple(sorted(found))

    def number(self, text: str) -> int:
        """One value, by number or name."""
        if text in self.names:
            return self.low + self.names.index(text)
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise self.bad(text)
        if not self.low <= int(text) <= self.high:
            raise self.bad(text)
        return int(text)

    def bad(self, text: str) -> ScheduleError:
        return ScheduleError(f"{text!r} is no {self.name}")

    def _entry(self, text: str) -> Iterator[int]:
        span, slash, increment = text.partition("/")
        if slash and ("/" not in self.wildcards or not _INCREMENT.fullmatch(increment)):
            raise self.bad(text)
        first, last = self._span(span, open_ended=bool(slash))
        size = self.high - self.low + 1
        for value in range(first, last + 1, int(increment or 1)):
            yield self.low + (value - self.low) % size

    def _span(self, text: str, *, open_ended: bool) -> tuple[int, int]:
        if text == "*":
            return self.low, self.high
        first, dash, last = text.partition("-")
        begin = self.number(first)
        if not dash:
            return begin, self.high if open_ended else begin
        end = self.number(last)
        if end < begin:
            # AWS's own example: hours 20-2, from 10 pm to 2 am.
            if self.name == "year":
                raise self.bad(text)
            end += self.high - self.low + 1
        return begin, end


_INCREMENT = re.compile(r"0*[1-9]\d{0,3}", re.ASCII)

_MINUTE = _Field("minute", 0, 59, "/")
_HOUR = _Field("hour", 0, 23, "/")
_DAY = _Field("day of the month", 1, 31, "/")
_MONTH = _Field(
    "month", 1, 12, "/", tuple("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())
)
_WEEKDAY = _Field("day of the week", 1, 7, "", tuple("SUN MON TUE WED THU FRI SAT".split()))
_YEAR = _Field("year", 1970, 2199, "/")


def _cron(text: str, timezone: str) -> Cron:
    fields = text.upper().split()
    if len(fields) != 6:
        raise ScheduleError(f"a cron expression has 6 fields, not {len(fields)}")
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise ScheduleError("one of day of the month and day of the week has to be ?, not both")
    minutes, hours = _MINUTE.values(minute), _HOUR.values(hour)
    days, near = _days(day)
    months = ",".join(map(str, _MONTH.values(month)))
    return Cron(
        tuple(time(each_hour, each_minute) for each_hour in hours for each_minute in minutes),
        Days(f"0 0 {days} {months} {_weekdays(weekday)}", _YEAR.values(year), near),
        _zone(timezone),
    )


def _days(text: str) -> tuple[str, int | None]:
    """The days of the month for cronsim, and the day that ``W`` follows."""
    if text in ("*", "?"):
        return "*", None
    if text in ("L", "LW"):
        return text, None
    if text.endswith("W"):
        return "*", _DAY.number(text[:-1])
    return ",".join(map(str, _DAY.values(text))), None


def _weekdays(text: str) -> str:
    """The days of the week for cronsim: AWS counts SUN-SAT from 1, cronsim from 0."""
    if text in ("*", "?"):
        return "*"
    if text == "L":
        return "6"
    if text.endswith("L"):
        return f"{_WEEKDAY.number(text[:-1]) - 1}L"
    day, hash_sign, which = text.partition("#")
    if hash_sign:
        if which not in ("1", "2", "3", "4", "5"):
            raise _WEEKDAY.bad(text)
        return f"{_WEEKDAY.number(day) - 1}#{which}"
    return ",".join(str(each - 1) for each in _WEEKDAY.values(text))


def _nearest_weekday(day: date, near: int) -> int | None:
    """The day of the same month from Monday to Friday that is nearest to a day of that month."""
    last = monthrange(day.year, day.month)[1]
    if near > last:
        return None
    match day.replace(day=near).isoweekday():
        case 6:
            return near - 1 if near > 1 else near + 2
        case 7:
            return near + 1 if near < last else near - 2
        case _:
            return near


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)
