"""Weekly maintenance windows, UTC, in which environments other than production stay silent."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from settings import SettingsError, text

PRODUCTION = "prod"
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY

_START = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class Window:
    """A window that opens at ``start`` minutes after midnight of each of ``days`` (0 is Monday)."""

    days: frozenset[int]
    start: int
    minutes: int

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in it; the first minute does, the one after the last does not.

        Counted on the ring of a week's minutes, so that midnight and the week's end are no edges.
        """
        utc = moment.astimezone(UTC)
        now = utc.weekday() * MINUTES_A_DAY + utc.hour * 60 + utc.minute
        return any(
            (now - day * MINUTES_A_DAY - self.start) % MINUTES_A_WEEK < self.minutes
            for day in self.days
        )


@dataclass(frozen=True)
class Maintenance:
    """What an environment keeps silent about, and when."""

    environment: str
    windows: tuple[Window, ...]

    def active(self, moment: datetime) -> bool:
        """Whether notifications are suppressed at ``moment``, which must know its time zone."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone: windows are in UTC")
        return self.environment != PRODUCTION and any(
            window.contains(moment) for window in self.windows
        )


def from_environment(environment: Mapping[str, str]) -> Maintenance:
    """Read ENVIRONMENT and MAINTENANCE_WINDOWS.

    The latter is a JSON list of ``{"days": ["SUN"], "start": "02:00", "duration_minutes": 120}``.
    Raises SettingsError.
    """
    name = text(environment, "ENVIRONMENT")
    raw = text(environment, "MAINTENANCE_WINDOWS")
    try:
        entries = json.loads(raw)
    except json.JSONDecodeError as error:
        raise SettingsError(f"MAINTENANCE_WINDOWS is not JSON: {error}") from error
    if not isinstance(entries, list):
        raise SettingsError(f"MAINTENANCE_WINDOWS must be a JSON list of windows, got {raw}")
    windows = tuple(_window(entry, number) for number, entry in enumerate(entries, start=1))
    return Maintenance(environment=name, windows=windows)


def _window(entry: object, number: int) -> Window:
    where = f"MAINTENANCE_WINDOWS, window {number}"
    if not isinstance(entry, dict) or set(entry) != {"days", "start", "duration_minutes"}:
        raise SettingsError(f"{where}: expected days, start and duration_minutes, got {entry!r}")
    days, start, minutes = entry["days"], entry["start"], entry["duration_minutes"]
    if not isinstance(days, list) or not days or not set(map(str, days)) <= set(DAYS):
        raise SettingsError(f"{where}: days is {days!r}, expected a list of {', '.join(DAYS)}")
    clock = _START.fullmatch(start) if isinstance(start, str) else None
    if clock is None:
        raise SettingsError(f"{where}: start is {start!r}, expected HH:MM in UTC")
    if type(minutes) is not int or not 1 <= minutes <= MINUTES_A_WEEK:
        raise SettingsError(
            f"{where}: duration_minutes is {minutes!r}, "
            f"expected a whole number, 1 to {MINUTES_A_WEEK}"
        )
    return Window(
        days=frozenset(DAYS.index(day) for day in days),
        start=int(clock[1]) * 60 + int(clock[2]),
        minutes=minutes,
    )
