"""Schedules that invoke their target when they are due, and only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock, Event
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.scheduler.conftest import Client, Schedule

Role = Callable[..., str]
DAY = 86_400.0
#: As the clock stands.
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def waiting(clock: Clock) -> list[Event]:
    """What schedules wait for; queues wait to be counted."""
    return [event for event in clock.pending if event.what.startswith("scheduler:")]


def invoked(world: World) -> list[str]:
    """When schedules invoked their targets."""
    return [f"{one.at:%m-%dT%H:%M:%S}" for one in world.happenings if one.what == "invoke"]


@pytest.fixture
def topic(client: Client) -> str:
    """A target that nothing follows from."""
    return str(client("sns").create_topic(Name="news")["TopicArn"])


@pytest.fixture
def due(
    topic: str, role: Role, schedule: Schedule, still: Clock, world: World
) -> Callable[..., list[str]]:
    """``due("rate(1 hour)", seconds, …)``: when a schedule invoked its target."""

    def run(expression: str, seconds: float, **members: Any) -> list[str]:
        schedule(expression, topic, role("sns:Publish"), **members)
        still.advance(seconds)
        return invoked(world)

    return run


def test_a_rate_begins_at_once(due: Any) -> None:
    assert due("rate(5 minutes)", 600) == [
        "01-05T00:00:00",
        "01-05T00:05:00",
        "01-05T00:10:00",
    ]


def test_a_rate_is_counted_from_its_start_to_its_end(due: Any) -> None:
    dates = {"StartDate": NOW + timedelta(minutes=7), "EndDate": NOW + timedelta(minutes=27)}
    assert due("rate(10 minutes)", DAY, **dates) == [
        "01-05T00:07:00",
        "01-05T00:17:00",
        "01-05T00:27:00",
    ]


def test_a_cron_waits_for_its_start(due: Any) -> None:
    found = due("cron(0 12 * * ? *)", 3 * DAY, StartDate=NOW + timedelta(days=1))
    assert found == ["01-06T12:00:00", "01-07T12:00:00"]


def test_a_time_comes_once_in_its_zone_whatever_the_dates(due: Any) -> None:
    found = due(
        "at(2026-01-06T08:30:00)",
        3 * DAY,
        ScheduleExpressionTimezone="Europe/Berlin",
        EndDate=NOW + timedelta(hours=1),
    )
    assert found == ["01-06T07:30:00"]


def test_a_time_that_is_over_never_comes(due: Any) -> None:
    assert due("at(2026-01-04T23:59:59)", DAY) == []


def test_daylight_saving_moves_a_cron_and_skips_what_is_not_there(due: Any, still: Clock) -> None:
    still.set(datetime(2026, 3, 27, 12, tzinfo=UTC))
    found = due("cron(30 2 * * ? *)", 4 * DAY, ScheduleExpressionTimezone="Europe/Berlin")
    # At 2:00 on 29 March the clocks there go to 3:00.
    assert found == ["03-28T01:30:00", "03-30T00:30:00", "03-31T00:30:00"]


def test_a_disabled_schedule_does_nothing(due: Any, still: Clock) -> None:
    assert due("rate(1 hour)", DAY, State="DISABLED") == []
    assert waiting(still) == []


def test_every_time_comes_within_its_flexible_window(
    topic: str, role: Role, schedule: Schedule, still: Clock, world: World
) -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 45}
    dates = {"EndDate": NOW + timedelta(hours=12)}
    schedule("rate(30 minutes)", topic, role("sns:Publish"), FlexibleTimeWindow=window, **dates)

    still.advance(DAY)

    times = [one.at for one in world.happenings if one.what == "invoke"]
    late = [at - NOW - number * timedelta(minutes=30) for number, at in enumerate(times)]
    assert len(times) == 25
    assert all(timedelta(0) <= one < timedelta(minutes=45) for one in late), late
    assert len(set(late)) > 10, late


def test_the_clock_that_is_set_leaps_over_what_was_due(
    due: Any, still: Clock, world: World
) -> None:
    due("cron(0 6 * * ? *)", 0)

    still.set(NOW + timedelta(days=30, hours=12))
    still.advance(DAY)

    assert invoked(world) == ["02-05T06:00:00"]


@pytest.mark.parametrize(
    ("expression", "dates"),
    [
        ("at(2026-01-05T01:00:00)", {}),
        ("rate(1 hour)", {"EndDate": NOW + timedelta(hours=2)}),
    ],
)
def test_a_schedule_that_is_over_deletes_itself_when_it_should(
    due: Any, client: Client, expression: str, dates: dict[str, Any]
) -> None:
    assert len(due(expression, DAY, ActionAfterCompletion="DELETE", **dates)) >= 1

    with pytest.raises(ClientError, match="Schedule nightly does not exist"):
        client("scheduler").get_schedule(Name="nightly")


def test_a_schedule_that_is_over_stays_by_default(due: Any, client: Client) -> None:
    due("at(2026-01-05T01:00:00)", DAY)

    assert client("scheduler").get_schedule(Name="nightly")["State"] == "ENABLED"


@pytest.mark.parametrize("end", ["schedule", "group", "disable"])
def test_a_schedule_ends(
    topic: str, role: Role, schedule: Schedule, still: Clock, client: Client, end: str
) -> None:
    scheduler, arn = client("scheduler"), role("sns:Publish")
    scheduler.create_schedule_group(Name="jobs")
    schedule("rate(1 hour)", topic, arn, GroupName="jobs")
    match end:
        case "schedule":
            scheduler.delete_schedule(Name="nightly", GroupName="jobs")
        case "group":
            scheduler.delete_schedule_group(Name="jobs")
        case "disable":
            scheduler.update_schedule(
                Name="nightly",
                GroupName="jobs",
                State="DISABLED",
                ScheduleExpression="rate(1 hour)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": topic, "RoleArn": arn},
            )

    assert waiting(still) == []


def test_a_changed_schedule_goes_by_its_new_times_alone(
    topic: str, role: Role, schedule: Schedule, still: Clock, client: Client, world: World
) -> None:
    arn = role("sns:Publish")
    schedule("cron(0 1 * * ? *)", topic, arn)

    client("scheduler").update_schedule(
        Name="nightly",
        ScheduleExpression="cron(0 3 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": topic, "RoleArn": arn},
    )
    still.advance(DAY)

    assert invoked(world) == ["01-05T03:00:00"]


def test_a_schedule_waits_with_one_event(due: Any, still: Clock) -> None:
    due("cron(0 0 1 1 ? *)", 0)

    assert [event.due for event in waiting(still)] == [datetime(2027, 1, 1, tzinfo=UTC)]
