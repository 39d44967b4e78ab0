"""Schedule expressions of canaries.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_cron.html
https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CanaryScheduleInput.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_SECONDS = 60 * 60

#: As AWS gives back every way of saying that a canary runs once, when it is started.
ONCE = "rate(0 hour)"

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_DAYS = {day: n for n, day in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_MONTHS = {
    month: number
    for number, month in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)
}


class ScheduleError(ValueError):
    """The expression is no schedule of a canary; says why."""


@dataclass(frozen=True)
class Rate:
    """Every so many seconds; 0 is once, when started."""

    seconds: int


@dataclass(frozen=True)
class Cron:
    """A cron expression, in UTC: the values that each field allows; ``None`` is any.

    Attributes:
        weekdays: 1 is Sunday.
    """

    minutes: frozenset[int] | None
    hours: frozenset[int] | None
    days: frozenset[int] | None
    months: frozenset[int] | None
    weekdays: frozenset[int] | None


def parse(expression: str) -> Rate | Cron:
    """Read ``rate(…)`` or ``cron(…)``.

    Raises:
        ScheduleError: neither, or out of the bounds that canaries have.
    """
    rate = _RATE.fullmatch(expression)
    if rate is not None:
        return _rate(int(rate[1]), rate[2])
    cron = _CRON.fullmatch(expression)
    if cron is not None:
        return _cron(cron[1].split())
    raise ScheduleError("it is neither rate(number minute|minutes|hour) nor cron(six fields)")


def normalised(expression: str) -> str:
    """The expression as AWS gives it back.

    Raises:
        ScheduleError: as :func:`parse`.
    """
    return ONCE if parse(expression) == Rate(0) else expression


def _rate(number: int, unit: str) -> Rate:
    seconds = number * (3600 if unit == "hour" else 60)
    if number == 1 and unit == "minutes":
        raise ScheduleError("it must be rate(1 minute)")
    if number > 1 and unit == "minute":
        raise ScheduleError(f"it must be rate({number} minutes)")
    if seconds > MAX_SECONDS:
        raise ScheduleError("a rate lies between rate(1 minute) and rate(1 hour)")
    return Rate(seconds)


def _cron(fields: list[str]) -> Cron:
    if len(fields) != 6:
        raise ScheduleError(
            "cron has six fields: minutes hours day-of-month month day-of-week year"
        )
    minutes, hours, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise ScheduleError("exactly one of day-of-month and day-of-week must be ?")
    if year != "*":
        # "The year field must be *": the one difference from EventBridge's cron.
        raise ScheduleError("the year must be *")
    return Cron(
        _values(minutes, "minutes", 0, 59),
        _values(hours, "hours", 0, 23),
        _values(day, "day-of-month", 1, 31),
        _values(month.upper(), "month", 1, 12, _MONTHS),
        _values(weekday.upper(), "day-of-week", 1, 7, _DAYS),
    )


def _values(
    text: str, what: str, low: int, high: int, names: dict[str, int] | None = None
) -> frozenset[int] | None:
    if text in ("*", "?"):
        return None
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = low if first == "*" else _number(first, what, low, high, names)
        if dash:
            end = _number(last, what, low, high, names)
        else:
            end = high if step or first == "*" else start
        if start > end:
            raise ScheduleError(f"the {what} {part} go backwards")
        stride = _number(step, what, 1, high, None) if step else 1
        found.update(range(start, end + 1, stride))
    return frozenset(found)


def _number(text: str, what: str, low: int, high: int, names: dict[str, int] | None) -> int:
    number = (names or {}).get(text, int(text) if text.isdecimal() else -1)
    if not low <= number <= high:
        raise ScheduleError(f"{text or 'nothing'} is not within {low}-{high} for {what}")
    return number
