"""Four clients that write at once, and alarms that look meanwhile.

How many values a second that makes, ``benchmarks/virtual_time.py`` says.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from skyproof.emulator import Emulator
from tests.unit.skyproof.emulator.conftest import MONDAY

CLIENTS, CALLS, PAIRS = 4, 5, 500
VALUES = CLIENTS * CALLS * PAIRS * 2


def put(endpoint: str) -> None:
    """Both metrics of a pair get the same values, in one call each time."""
    cloudwatch = client(endpoint)
    pair = [{"MetricName": name, "Timestamp": MONDAY, "Value": 1.0} for name in ("Left", "Right")]
    for _ in range(CALLS):
        cloudwatch.put_metric_data(Namespace="Load", MetricData=pair * PAIRS)


def client(endpoint: str) -> Any:
    return boto3.session.Session().client(
        "cloudwatch",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="test",
    )


def query(name: str) -> dict[str, Any]:
    metric = {"Namespace": "Load", "MetricName": name, "Dimensions": []}
    stat = {"Metric": metric, "Stat": "Sum", "Period": 60}
    return {"Id": name.lower(), "MetricStat": stat, "ReturnData": False}


@pytest.fixture
def emulator() -> Any:
    with Emulator() as emulator:
        emulator.world.clock.set(MONDAY, "manual")
        yield emulator


def test_none_is_lost_and_no_alarm_sees_half_a_call(emulator: Emulator) -> None:
    cloudwatch = client(emulator.endpoint)
    difference = {"Id": "difference", "Expression": "ABS(left - right)", "ReturnData": True}
    cloudwatch.put_metric_alarm(
        AlarmName="torn",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0.0,
        EvaluationPeriods=1,
        Metrics=[query("Left"), query("Right"), difference],
    )
    with ThreadPoolExecutor(CLIENTS) as clients:
        putting = [clients.submit(put, emulator.endpoint) for _ in range(CLIENTS)]
        while not all(one.done() for one in putting):
            emulator.world.clock.set(MONDAY)
            emulator.world.clock.advance(60)
    for one in putting:
        one.result()

    emulator.world.clock.advance(60)
    [found] = cloudwatch.get_metric_statistics(
        Namespace="Load",
        MetricName="Left",
        StartTime=MONDAY,
        EndTime=emulator.world.clock.now(),
        Period=60,
        Statistics=["SampleCount", "Sum"],
    )["Datapoints"]
    assert (found["SampleCount"], found["Sum"]) == (VALUES / 2, VALUES / 2)
    states = [
        item["HistorySummary"]
        for item in cloudwatch.describe_alarm_history(
            AlarmName="torn", HistoryItemType="StateUpdate"
        )["AlarmHistoryItems"]
    ]
    assert states == ["Alarm updated from INSUFFICIENT_DATA to OK"]
