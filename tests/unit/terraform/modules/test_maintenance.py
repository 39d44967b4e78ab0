import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.terraform.modules.sources import MODULES, load

maintenance = load(MODULES / "maintenance" / "src", "maintenance")
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(days=7)


def parse(*windows: dict[str, Any], environment: str = "dev") -> Any:
    return maintenance.from_environment(
        {"ENVIRONMENT": environment, "MAINTENANCE_WINDOWS": json.dumps(windows)}
    )


def window(*days: str, start: str, minutes: int) -> dict[str, Any]:
    return {"days": list(days), "start": start, "duration_minutes": minutes}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-06T01:59:59Z", False),
        ("2026-01-06T02:00:00Z", True),
        ("2026-01-06T03:59:59.999Z", True),
        ("2026-01-06T04:00:00Z", False),
        ("2026-01-05T02:00:00Z", False),
        ("2026-01-13T02:00:00Z", True),
        ("2026-01-06T03:30:00+01:00", True),
        ("2026-01-06T01:30:00-01:00", True),
    ],
)
def test_a_window_opens_and_closes_on_its_minute(moment: str, expected: bool) -> None:
    schedule = parse(window("TUE", start="02:00", minutes=120))

    assert schedule.active(datetime.fromisoformat(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-04T22:59:00Z", False),
        ("2026-01-04T23:00:00Z", True),
        ("2026-01-05T00:59:00Z", True),
        ("2026-01-05T01:00:00Z", False),
    ],
)
def test_a_window_crosses_midnight_and_the_end_of_the_week(moment: str, expected: bool) -> None:
    schedule = parse(window("SUN", start="23:00", minutes=120))

    assert schedule.active(datetime.fromisoformat(moment)) is expected


def test_production_is_never_suppressed() -> None:
    whole_week = window("MON", start="00:00", minutes=7 * 24 * 60)

    assert parse(whole_week).active(MONDAY) is True
    assert parse(whole_week, environment="prod").active(MONDAY) is False


def test_no_windows_suppress_nothing() -> None:
    assert parse().active(MONDAY) is False


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        parse().active(MONDAY.replace(tzinfo=None))


windows = st.builds(
    window,
    start=st.times().map(lambda time: time.strftime("%H:%M")),
    minutes=st.integers(1, 7 * 24 * 60),
).flatmap(
    lambda entry: st.lists(st.sampled_from(maintenance.DAYS), min_size=1, unique=True).map(
        lambda days: {**entry, "days": days}
    )
)
moments = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 (hypothesis takes naive bounds)
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


@given(st.lists(windows, max_size=3), moments)
def test_it_agrees_with_listing_every_opening(
    entries: list[dict[str, Any]], moment: datetime
) -> None:
    expected = any(
        opening <= moment < opening + timedelta(minutes=entry["duration_minutes"])
        for entry in entries
        for opening in openings(entry, moment)
    )

    assert parse(*entries).active(moment) is expected


@given(windows, moments, st.integers(-100, 100))
def test_every_week_is_alike(entry: dict[str, Any], moment: datetime, weeks: int) -> None:
    schedule = parse(entry)

    assert schedule.active(moment) == schedule.active(moment + weeks * WEEK)


def openings(entry: dict[str, Any], moment: datetime) -> list[datetime]:
    """Return the starts on which a window that holds ``moment`` could have opened."""
    hour, minute = map(int, entry["start"].split(":"))
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        day.replace(hour=hour, minute=minute)
        for day in (midnight - timedelta(days=back) for back in range(9))
        if maintenance.DAYS[day.weekday()] in entry["days"]
    ]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "ENVIRONMENT is missing"),
        ({"ENVIRONMENT": " "}, "ENVIRONMENT is missing or blank"),
        ({"ENVIRONMENT": "dev"}, "MAINTENANCE_WINDOWS is missing"),
        ({"ENVIRONMENT": "dev", "MAINTENANCE_WINDOWS": "["}, "MAINTENANCE_WINDOWS is not JSON"),
        ({"ENVIRONMENT": "dev", "MAINTENANCE_WINDOWS": "{}"}, "must be a JSON list"),
    ],
)
def test_missing_settings_are_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(maintenance.SettingsError, match=message):
        maintenance.from_environment(environment)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": []}, r"window 2: days is \[\]"),
        ({"days": ["Mon"]}, "window 2: days"),
        ({"days": "MON"}, "window 2: days"),
        ({"days": [["MON"]]}, "window 2: days"),
        ({"start": "24:00"}, "window 2: start is '24:00', expected HH:MM"),
        ({"start": "2:00"}, "window 2: start"),
        ({"start": 120}, "window 2: start"),
        ({"duration_minutes": 0}, "window 2: duration_minutes is 0"),
        ({"duration_minutes": 10081}, "window 2: duration_minutes"),
        ({"duration_minutes": 1.5}, "window 2: duration_minutes"),
        ({"duration_minutes": True}, "window 2: duration_minutes"),
        ({"until": "04:00"}, "window 2: expected days, start and duration_minutes"),
    ],
)
def test_a_bad_window_is_named(change: dict[str, Any], message: str) -> None:
    good = window("MON", start="02:00", minutes=60)

    with pytest.raises(maintenance.SettingsError, match=message):
        parse(good, {**good, **change})
