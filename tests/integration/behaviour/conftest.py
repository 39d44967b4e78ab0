"""The platform at rest before each test of its behaviour, and healthy again after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from skyproof.expect import Clock, EmulatedClock, Queue
from tests.integration.platform import SEVERITIES, Platform
from tests.integration.web import Web

WEDNESDAY = 2


@dataclass(frozen=True)
class Inboxes:
    """The three queues behind the severity topics."""

    critical: Queue
    warning: Queue
    info: Queue

    def empty(self) -> None:
        """Forget what has arrived so far."""
        for queue in (self.critical, self.warning, self.info):
            queue.empty()


@pytest.fixture
def emulated(clock: Clock) -> EmulatedClock:
    """The embedded backend's clock, which can be turned to any hour."""
    assert isinstance(clock, EmulatedClock), "turning the clock needs the embedded backend"
    return clock


@pytest.fixture
def calm(platform: Platform, web: Web, emulated: EmulatedClock) -> Iterator[None]:
    """A quarter of an hour of health on a Wednesday, and no fault and no outage after the test.

    Whatever the tests before did with the clock: no maintenance window is near. Alarms on durations
    act on nobody, for these are measured: they tell how busy this machine is.
    """
    cloudwatch = platform.client("cloudwatch")
    measured = _alarms_on_durations(cloudwatch)
    cloudwatch.disable_alarm_actions(AlarmNames=measured)
    web.comes_back()
    emulated.set(next_time(emulated.now(), WEDNESDAY, 12))
    emulated.advance(timedelta(minutes=15))
    yield
    emulated.heal()
    web.comes_back()
    cloudwatch.enable_alarm_actions(AlarmNames=measured)


def _alarms_on_durations(cloudwatch: Any) -> list[str]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    return [
        alarm["AlarmName"]
        for page in pages
        for alarm in page["MetricAlarms"]
        if "Duration" in _watched(alarm)
    ]


def _watched(alarm: dict[str, Any]) -> set[str]:
    """The names of the metrics that an alarm looks at."""
    queried = (query["MetricStat"] for query in alarm.get("Metrics", []) if "MetricStat" in query)
    return {alarm.get("MetricName", "")} | {stat["Metric"]["MetricName"] for stat in queried}


@pytest.fixture
def inboxes(platform: Platform, calm: None) -> Inboxes:
    """The inboxes, empty."""
    found = Inboxes(*(platform.inbox(severity) for severity in SEVERITIES))
    found.empty()
    return found


def next_time(now: datetime, weekday: int, hour: int, minute: int = 0) -> datetime:
    """The next such moment of a week; Monday is 0."""
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    moment += timedelta(days=(weekday - moment.weekday()) % 7)
    return moment if moment > now else moment + timedelta(days=7)
