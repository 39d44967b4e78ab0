"""Metrics that breach: by metric math, by a band, and out of a log line."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta

import pytest

from skyproof.expect import EmulatedClock, Expect, minutes
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.behaviour.conftest import Inboxes, next_time
from tests.integration.platform import Platform

pytestmark = [pytest.mark.usefixtures("calm"), ON_THE_PLATFORM]
MONDAY, SUNDAY = 0, 6


def test_an_error_rate_by_metric_math_notifies_exactly_once(
    platform: Platform, expect: Expect, inboxes: Inboxes, emulated: EmulatedClock
) -> None:
    requests, errors = platform.application("Requests"), platform.application("Errors")
    alarm = platform.views().alarm(platform.name("application-error-rate"))
    for failed in (0, 0, 20, 20, 20, 20, 20, 20):
        requests.put(100, at=emulated.now(), unit="Count")
        errors.put(failed, at=emulated.now(), unit="Count")
        emulated.advance(timedelta(minutes=1))

    expect(alarm).becomes("ALARM", within=minutes(1))
    [message] = expect(inboxes.critical).receives(
        severity="critical",
        alarm=platform.name("application-error-rate"),
        exactly=1,
        within=minutes(10),
    )
    [told] = [one for one in message.json["Trigger"]["Metrics"] if one["ReturnData"]]
    assert told["Id"] == "rate"
    expect(inboxes.info).stays_empty(for_=minutes(1))


def test_a_few_errors_are_no_alarm(
    platform: Platform, expect: Expect, emulated: EmulatedClock
) -> None:
    requests, errors = platform.application("Requests"), platform.application("Errors")
    alarm = platform.views().alarm(platform.name("application-error-rate"))
    expect(alarm).becomes("OK", within=minutes(10))
    requests.put(*[100.0] * 10, at=emulated.now(), unit="Count")
    errors.put(*[1.0] * 10, at=emulated.now(), unit="Count")

    expect(alarm).stays("OK", for_=minutes(10))


def test_what_is_normal_on_a_monday_alarms_on_a_sunday(
    platform: Platform, expect: Expect, emulated: EmulatedClock
) -> None:
    alarm = platform.views().alarm(platform.name("application-latency-anomaly"))
    latency = platform.application("Latency", "p90", 300)
    monday = next_time(emulated.now() + timedelta(days=15), MONDAY, 12)
    emulated.set(monday)
    learnt = 14 * 288
    begin = monday - timedelta(minutes=5 * learnt)
    series = [_latency(begin + timedelta(minutes=5 * number)) for number in range(learnt)]
    latency.put(*series, at=monday, every=timedelta(minutes=5), unit="Milliseconds")

    for _ in range(6):
        latency.put(_latency(emulated.now()), at=emulated.now(), unit="Milliseconds")
        emulated.advance(timedelta(minutes=5))
    expect(alarm).stays("OK", for_=minutes(1))

    sunday = next_time(emulated.now(), SUNDAY, 12)
    emulated.set(sunday)
    for _ in range(6):
        latency.put(_latency(monday), at=emulated.now(), unit="Milliseconds")
        emulated.advance(timedelta(minutes=5))
    expect(alarm).becomes("ALARM", within=minutes(1))


def test_a_log_line_becomes_a_metric_with_its_value_and_then_an_alarm(
    platform: Platform, expect: Expect, inboxes: Inboxes, emulated: EmulatedClock
) -> None:
    logs, group = platform.client("logs"), platform.outputs["log_group_application"]
    stream = f"web-{emulated.now():%H%M%S}"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    for _ in range(6):
        line = {"level": "INFO", "service": "cart", "operation": "pay", "latency_ms": 4200}
        now = int(emulated.now().timestamp() * 1000)
        event = {"timestamp": now, "message": json.dumps(line)}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])
        emulated.advance(timedelta(minutes=1))

    per_service = platform.views().metric(
        f"CwObs/{platform.suffix}/Application",
        "ServiceLatency",
        {"Service": "cart", "Operation": "pay"},
        stat="Maximum",
    )
    begun = emulated.now() - timedelta(minutes=7)
    assert expect(per_service).reports(since=begun) == 4200
    expect(platform.views().alarm(platform.name("application-latency"))).becomes(
        "ALARM", within=minutes(2)
    )
    expect(inboxes.warning).receives(
        severity="warning", alarm=platform.name("application-latency"), exactly=1
    )


def _latency(at: datetime) -> float:
    """Milliseconds: by day busier than by night, and on a Sunday a tenth of a weekday."""
    by_day = 200 + 100 * math.sin(2 * math.pi * (at.hour * 60 + at.minute) / 1440)
    ripple = 10 * math.sin(at.minute)
    return (by_day + ripple) * (0.1 if at.weekday() == SUNDAY else 1.0)
