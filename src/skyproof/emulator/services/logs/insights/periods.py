"""Periods of time, as ``bin(5m)`` has them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime

from skyproof.emulator.services.logs.insights.values import Timestamp, calendar

_SECOND = 1000
_NAMES = {
    "ms": "millisecond milliseconds ms msec msecs",
    "s": "second seconds s sec secs",
    "m": "minute minutes m min mins",
    "h": "hour hours h hr hrs",
    "d": "day days d",
    "w": "week weeks w",
    "mo": "month months mo mos mon mons",
    "q": "quarter quarters q qtr qtrs",
    "y": "year years y yr yrs",
}
_UNIT = {name: unit for unit, names in _NAMES.items() for name in names.split()}
_MILLISECONDS = {
    "ms": 1,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
    "d": 86_400 * _SECOND,
}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
#: Documented caps: bin(300s) is not five minutes, bin(5m) is.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html#CWL_QuerySyntax-datetime
_MOST = {"ms": 1000, "s": 60, "m": 60, "h": 24}
#: Of this emulator, so that no period is longer than the calendar.
_MOST_OF_OTHERS = 1000

_WRITTEN = re.compile(r"([0-9]{1,9})([a-z]+)")


@dataclass(frozen=True)
class Period:
    """A number of milliseconds, or of calendar months."""

    amount: int
    months: bool = False

    def floor(self, time: int) -> Timestamp | None:
        """The beginning of the period that a time lies in; periods are counted from the epoch."""
        if not self.months:
            return Timestamp(time // self.amount * self.amount)
        moment = calendar(time)
        return self._begins(_month(moment)) if moment else None

    def ceil(self, time: int) -> Timestamp | None:
        """The beginning of the next period, or the time itself where one begins."""
        if not self.months:
            return Timestamp(-(-time // self.amount) * self.amount)
        moment = calendar(time)
        if moment is None or self.floor(time) == time:
            return self.floor(time)
        return self._begins(_month(moment) + self.amount)

    def _begins(self, month: int) -> Timestamp | None:
        """The first millisecond of the period that a month, counted from the epoch, lies in."""
        year, index = divmod(month // self.amount * self.amount, 12)
        if not MINYEAR <= 1970 + year <= MAXYEAR:
            return None
        first = datetime(1970 + year, index + 1, 1, tzinfo=UTC)
        return Timestamp(first.timestamp() * _SECOND)


def _month(moment: datetime) -> int:
    return (moment.year - 1970) * 12 + moment.month - 1


def read(written: str) -> Period:
    """Read ``5m``, ``1hr``, ``2days``.

    Raises:
        ValueError: no such period; the text says why.
    """
    parts = _WRITTEN.fullmatch(written)
    unit = _UNIT.get(parts[2]) if parts else None
    if parts is None or unit is None:
        raise ValueError(f"Invalid period {written}")
    amount = int(parts[1])
    if unit == "w":
        # Undocumented: the day on which a week begins.
        raise ValueError(f"Periods of weeks, as {written}, are not implemented")
    most = _MOST.get(unit, _MOST_OF_OTHERS)
    if not 1 <= amount <= most:
        raise ValueError(f"Invalid period {written}, {unit} takes 1 to {most}")
    if unit in _MONTHS:
        return Period(amount * _MONTHS[unit], months=True)
    return Period(amount * _MILLISECONDS[unit])
