"""When canaries run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from skyproof.emulator.clock import stopwatch
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.synthetics.conftest import Datum, Probe, package

PASSES = "def handler(event, context): print('hello')"
FAILS = "def handler(event, context): raise ValueError('broken')"
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_metrics(published: list[Datum]) -> None:
    """CloudWatch has no part in what is tested here."""


def minutes(probe: Probe) -> list[float]:
    """When the runs started, oldest first, in minutes since midnight of that Monday."""
    starts = [run["Timeline"]["Started"] for run in reversed(probe.runs())]
    return [(start - MONDAY).total_seconds() / 60 for start in starts]


def pending(world: World) -> list[str]:
    return [one.what for one in world.clock.pending if one.what.startswith("synthetics")]


def test_a_canary_does_not_run_before_it_is_started(probe: Probe, world: World) -> None:
    probe.synthetics.create_canary(
        Name="probe",
        Code={"ZipFile": package(PASSES), "Handler": "probe.handler"},
        ArtifactS3Location="s3://artifacts",
        ExecutionRoleArn=probe.role,
        Schedule={"Expression": "rate(1 minute)"},
        RuntimeVersion="syn-python-selenium-14.0",
    )
    assert pending(world) == []
    probe.clock.advance(120)
    assert probe.runs() == []


def test_a_canary_runs_when_it_is_started_and_then_at_its_rate(probe: Probe) -> None:
    probe.clock.advance(30)
    probe.make(PASSES, Schedule={"Expression": "rate(2 minutes)"})
    probe.clock.advance(299)
    assert minutes(probe) == [0.5, 2.5, 4.5]
    assert probe.state() == "RUNNING"


def test_a_rate_of_zero_runs_once_for_each_start(probe: Probe, world: World) -> None:
    probe.make(PASSES, Schedule={"Expression": "rate(0 minute)"})
    probe.clock.advance(3600)
    assert minutes(probe) == [0]
    assert pending(world) == []
    probe.synthetics.stop_canary(Name="probe")
    probe.synthetics.start_canary(Name="probe")
    probe.clock.advance(3600)
    assert minutes(probe) == [0, 60]


def test_a_calendar_s_canary_runs_at_its_times(probe: Probe) -> None:
    probe.make(PASSES, Schedule={"Expression": "cron(15,45 * * * ? *)"})
    probe.clock.advance(3600)
    assert minutes(probe) == [0, 15, 45]


def test_a_calendar_follows_a_clock_that_is_set(probe: Probe, world: World) -> None:
    probe.make(PASSES, Schedule={"Expression": "cron(0 12 * * ? *)"})
    probe.clock.advance(60)
    probe.clock.set(MONDAY + timedelta(days=1, hours=11, minutes=59))
    [event] = [one for one in world.clock.pending if one.what.startswith("synthetics")]
    assert event.due == MONDAY + timedelta(days=1, hours=12)


def test_a_schedule_ends_after_its_duration(probe: Probe, world: World) -> None:
    probe.make(PASSES, Schedule={"Expression": "rate(1 minute)", "DurationInSeconds": 180})
    probe.clock.advance(179)
    assert probe.state() == "RUNNING"
    probe.clock.advance(600)
    assert minutes(probe) == [0, 1, 2]
    assert probe.state() == "STOPPED"
    assert pending(world) == []
    timeline = probe.synthetics.get_canary(Name="probe")["Canary"]["Timeline"]
    assert timeline["LastStopped"] == MONDAY + timedelta(minutes=3)


def test_a_stopped_canary_runs_no_more(probe: Probe, world: World) -> None:
    probe.make(PASSES)
    probe.clock.advance(60)
    probe.synthetics.stop_canary(Name="probe")
    assert pending(world) == []
    probe.clock.advance(600)
    assert minutes(probe) == [0, 1]


def test_a_canary_stopped_at_once_does_not_run(probe: Probe) -> None:
    probe.make(PASSES)
    probe.synthetics.stop_canary(Name="probe")
    probe.clock.advance(600)
    assert probe.runs() == []


def test_a_turn_that_waited_while_its_canary_was_restarted_runs_nothing(
    probe: Probe, world: World
) -> None:
    probe.make(PASSES)
    [late] = [one for one in world.clock.pending if one.what.startswith("synthetics")]
    probe.synthetics.stop_canary(Name="probe")
    probe.synthetics.start_canary(Name="probe")
    late.action()
    assert probe.runs() == []
    probe.clock.advance(60)
    assert minutes(probe) == [0, 1]


def test_a_deleted_canary_leaves_its_log_and_no_event(probe: Probe, world: World) -> None:
    probe.make(PASSES)
    probe.clock.advance(0)
    probe.synthetics.stop_canary(Name="probe")
    probe.synthetics.delete_canary(Name="probe", DeleteLambda=True)
    assert pending(world) == []
    assert "hello" in probe.log()


def test_a_running_canary_has_one_event(probe: Probe, world: World) -> None:
    probe.make(PASSES)
    assert pending(world) == ["synthetics: probe"]
    probe.clock.advance(150)
    assert pending(world) == ["synthetics: probe"]


@pytest.mark.parametrize(
    "change",
    [
        {"Code": {"ZipFile": package(FAILS), "Handler": "probe.handler"}},
        {"RunConfig": {"EnvironmentVariables": {"MODE": "fail"}}},
    ],
)
def test_a_change_takes_effect_at_the_next_run(probe: Probe, change: dict[str, object]) -> None:
    probe.make(
        "import os\ndef handler(event, context): assert os.environ.get('MODE') != 'fail', 'asked'"
    )
    probe.clock.advance(0)
    probe.synthetics.update_canary(Name="probe", **change)
    probe.clock.advance(60)
    assert minutes(probe) == [0, 1]
    assert [run["Status"]["State"] for run in probe.runs()] == ["FAILED", "PASSED"]


def test_a_new_rate_counts_from_the_last_run(probe: Probe) -> None:
    probe.make(PASSES, Schedule={"Expression": "rate(1 hour)"})
    probe.clock.advance(150)
    probe.synthetics.update_canary(Name="probe", Schedule={"Expression": "rate(1 minute)"})
    probe.clock.advance(90)
    assert minutes(probe) == [0, 3, 4]


def test_a_change_before_the_first_run_leaves_it_in_place(probe: Probe) -> None:
    probe.make(PASSES)
    probe.synthetics.update_canary(Name="probe", Schedule={"Expression": "rate(5 minutes)"})
    probe.clock.advance(300)
    assert minutes(probe) == [0, 5]


@pytest.mark.parametrize(
    "members",
    [
        {"RuntimeVersion": "syn-nodejs-puppeteer-15.0"},
        {"Code": {"ZipFile": package(PASSES), "BlueprintTypes": ["multi-checks"]}},
    ],
)
def test_what_cannot_run_here_is_told(
    probe: Probe, world: World, members: dict[str, object]
) -> None:
    probe.make(PASSES, **members)
    probe.clock.advance(60)
    assert probe.runs() == []
    [told] = world.happenings.about("canary:probe")
    assert (told.what, told.outcome) == ("run", "dropped")
    assert "do not run" in told.reason


def test_a_canary_that_becomes_able_to_run_does_so(probe: Probe) -> None:
    probe.make(PASSES, RuntimeVersion="syn-nodejs-puppeteer-15.0")
    probe.clock.advance(90)
    probe.synthetics.update_canary(Name="probe", RuntimeVersion="syn-python-selenium-14.0")
    probe.clock.advance(60)
    assert minutes(probe) == [2.5]


def test_a_canary_that_becomes_unable_to_run_says_so(probe: Probe, world: World) -> None:
    probe.make(PASSES)
    probe.clock.advance(0)
    probe.synthetics.update_canary(Name="probe", RuntimeVersion="syn-nodejs-puppeteer-15.0")
    probe.clock.advance(60)
    assert minutes(probe) == [0]
    assert [one.outcome for one in world.happenings.about("canary:probe")] == ["done", "dropped"]


def test_a_failed_run_is_not_retried_and_that_is_told(probe: Probe, world: World) -> None:
    schedule = {"Expression": "rate(0 minute)", "RetryConfig": {"MaxRetries": 2}}
    probe.make(FAILS, Schedule=schedule)
    probe.clock.advance(600)
    assert len(probe.runs()) == 1
    told = world.happenings.about("canary:probe")
    assert [(one.what, one.outcome) for one in told] == [("run", "failed"), ("retry", "dropped")]


def test_runs_are_forgotten_after_their_retention_periods(probe: Probe) -> None:
    odd = "def handler(event, context):\n    import time; assert time.localtime().tm_min % 2"
    probe.make(
        odd,
        Schedule={"Expression": "rate(1 minute)", "DurationInSeconds": 120},
        SuccessRetentionPeriodInDays=2,
        FailureRetentionPeriodInDays=1,
    )
    probe.clock.advance(120)
    assert len(probe.runs()) == 2
    probe.clock.advance(86_400)
    assert [run["Status"]["State"] for run in probe.runs()] == ["PASSED"]
    probe.clock.advance(86_400)
    assert probe.synthetics.describe_canaries_last_run()["CanariesLastRun"] == []


def test_forgotten_runs_make_room(probe: Probe) -> None:
    probe.make(PASSES, SuccessRetentionPeriodInDays=1, Schedule={"Expression": "cron(0 0 * * ? *)"})
    probe.clock.advance(86_400 * 3)
    assert minutes(probe) == [60 * 24 * 2, 60 * 24 * 3]


def test_on_a_clock_that_goes_it_runs_by_itself(probe: Probe) -> None:
    probe.clock.set(mode="real")
    probe.make(PASSES)
    until = stopwatch() + 30
    while stopwatch() < until and [run["Status"]["State"] for run in probe.runs()] != ["PASSED"]:
        pass
    assert [run["Status"]["State"] for run in probe.runs()] == ["PASSED"]
    assert probe.state() == "RUNNING"
