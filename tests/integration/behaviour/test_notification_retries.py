"""Notifications that are refused: again with growing gaps, and at last a dead letter."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from skyproof.expect import EmulatedClock, Expect, minutes
from tests.integration.backends import NOT_IN_A_SANDBOX, ON_THE_PLATFORM
from tests.integration.behaviour.conftest import Inboxes
from tests.integration.platform import Platform

pytestmark = [pytest.mark.usefixtures("calm"), ON_THE_PLATFORM]


@pytest.fixture
def drill(platform: Platform) -> str:
    """A critical alarm, to be set by hand."""
    return platform.name("archive-delivery")


def fire(platform: Platform, alarm: str) -> None:
    cloudwatch = platform.client("cloudwatch")
    for state in ("OK", "ALARM"):
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="a drill")


def processor_log(platform: Platform, pattern: str, since: Any) -> list[dict[str, Any]]:
    """The lines of the alarm processor's log that match, as JSON."""
    events = platform.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{platform.name('alarm-processor')}",
        filterPattern=pattern,
        startTime=int(since.timestamp() * 1000),
    )["events"]
    return [json.loads(event["message"]) for event in events]


def test_refused_twice_it_is_retried_and_delivered_once(
    platform: Platform, expect: Expect, inboxes: Inboxes, emulated: EmulatedClock, drill: str
) -> None:
    begun = emulated.now()
    topic = platform.outputs["sns_critical_topic_arn"]
    emulated.fail("sns", "Publish", about=topic, times=2)

    fire(platform, drill)

    expect(inboxes.critical).receives(alarm=drill, state="ALARM", exactly=1, within=minutes(10))
    refused = processor_log(platform, '{ $.message = "publish refused" }', begun)
    assert [line["attempt"] for line in refused] == [1, 2]
    ceilings = [0.2, 0.4]
    assert all(0 <= line["pause"] <= most for line, most in zip(refused, ceilings, strict=True))


@pytest.mark.parity(
    localstack="fails: its queues tell its own CloudWatch of their messages, and the alarm is ours",
    sandbox=NOT_IN_A_SANDBOX,
)
def test_refused_for_ever_it_ends_in_the_dead_letter_queue(
    platform: Platform, expect: Expect, inboxes: Inboxes, emulated: EmulatedClock, drill: str
) -> None:
    topic = platform.outputs["sns_critical_topic_arn"]
    name = f"{platform.name('alarm-processor')}-dlq"
    url = platform.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    dead_letters = platform.views().queue(url)
    dead_letters.empty()
    runs = platform.views().metric(
        "AWS/Lambda", "Errors", {"FunctionName": platform.name("alarm-processor")}
    )
    emulated.fail("sns", "Publish", about=topic)
    begun = emulated.now()

    fire(platform, drill)

    alarm = platform.views().alarm(platform.name("alarm-processor-dead-letters"))
    expect(alarm).fires(within=minutes(10))
    [letter] = expect(dead_letters).receives(within=minutes(1))
    assert drill in letter.body
    failed = [
        at for at, errors in runs.points(begun, emulated.now() + timedelta(minutes=1)) if errors
    ]
    # Then the alarm on the dead letters is itself refused.
    gaps = [later - earlier for earlier, later in pairwise(failed[:3])]
    assert gaps == [timedelta(minutes=1), timedelta(minutes=2)]
    expect(inboxes.critical).stays_empty(for_=minutes(1))

    emulated.heal()
    expect(inboxes.critical).receives(alarm=alarm.name, state="ALARM", within=minutes(5))
    expect(alarm).recovers(within=minutes(10))
