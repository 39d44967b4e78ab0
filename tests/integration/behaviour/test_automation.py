"""Alarms set things in motion: a work item, a line in the audit log, derived metrics."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from skyproof.expect import EmulatedClock, Expect, minutes
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = [pytest.mark.usefixtures("calm"), ON_THE_PLATFORM]


def test_an_alarm_becomes_a_work_item_and_a_line_in_the_audit_log(
    platform: Platform, expect: Expect, emulated: EmulatedClock
) -> None:
    sqs, alarm = platform.client("sqs"), platform.name("cluster-cpu")
    url = sqs.get_queue_url(QueueName=platform.name("remediation"))["QueueUrl"]
    queue = platform.views().queue(url)
    queue.empty()
    begun = int(emulated.now().timestamp() * 1000)
    for state in ("OK", "ALARM"):
        platform.client("cloudwatch").set_alarm_state(
            AlarmName=alarm, StateValue=state, StateReason="a drill"
        )

    [item] = expect(queue).receives(
        lambda message: message.json["alarm"] == alarm, exactly=1, within=minutes(5)
    )

    assert item.json["state"] == "ALARM"
    events = platform.client("logs").filter_log_events(
        logGroupName=f"/aws/events/{platform.name('alarm-audit')}", startTime=begun
    )["events"]
    told = [json.loads(event["message"])["detail"] for event in events]
    states = [one["state"]["value"] for one in told if one["alarmName"] == alarm]
    assert states[-2:] == ["OK", "ALARM"] or states == ["ALARM"]


def test_the_metric_processor_derives_metrics_every_minute(
    platform: Platform, expect: Expect, emulated: EmulatedClock
) -> None:
    emulated.advance(timedelta(seconds=60 - emulated.now().second))
    begun = emulated.now()
    emulated.advance(timedelta(minutes=5))

    mode = platform.views().metric(f"CwObs/{platform.suffix}", "MaintenanceMode")
    values = [value for _, value in mode.points(begun, emulated.now())]
    throughput = platform.views().metric(
        f"CwObs/{platform.suffix}",
        "Throughput",
        {"FunctionName": platform.name("metric-processor")},
        stat="Average",
    )

    assert values == [0.0] * 5
    assert expect(throughput).reports(since=begun) == pytest.approx(1 / 60)
