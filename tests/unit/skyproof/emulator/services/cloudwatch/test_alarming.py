"""Alarms at work: they evaluate, act once per transition, and tell whoever is to know."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.cloudwatch.evaluation import Criteria, Treatment, evaluate
from skyproof.emulator.services.cloudwatch.rules import State
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

ACCOUNT, REGION = "123456789012", "us-east-1"
ALARM = {
    "AlarmName": "errors",
    "Namespace": "Orders",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
}

Client = Callable[..., Any]
Put = Callable[..., None]


@pytest.fixture
def put(cloudwatch: Any, clock: Clock) -> Put:
    """``put(9.0)``: a value of Orders/Errors, half a minute ago."""

    def now(value: float, name: str = "Errors", namespace: str = "Orders") -> None:
        at = clock.now() - timedelta(seconds=30)
        datum = {"MetricName": name, "Value": value, "Timestamp": at}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    return now


@pytest.fixture
def inbox(client: Client, clock: Clock) -> Callable[[], list[dict[str, Any]]]:
    """What arrives at the topic ``pager``, each time only what is new."""
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="pager")["TopicArn"]
    url = sqs.create_queue(QueueName="pager")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:pager"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    _let_alarms_publish(sns, topic)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def arrived() -> list[dict[str, Any]]:
        found = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    return arrived


TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:pager"


def _let_alarms_publish(sns: Any, topic: str) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def state(cloudwatch: Any, name: str = "errors") -> str:
    answer = cloudwatch.describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    [alarm] = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return str(alarm["StateValue"])


def test_an_alarm_fires_at_the_end_of_the_minute_that_breaches(
    cloudwatch: Any, clock: Clock
) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_metric_data(
        Namespace="Orders", MetricData=[{"MetricName": "Errors", "Value": 9.0}]
    )

    clock.advance(59)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    clock.advance(1)
    assert state(cloudwatch) == "ALARM"


def test_its_reason_is_in_the_words_of_cloudwatch(cloudwatch: Any, clock: Clock, put: Put) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    put(9.0)
    clock.advance(60)

    [alarm] = cloudwatch.describe_alarms()["MetricAlarms"]

    assert alarm["StateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (05/01/26 11:59:00)] was greater "
        "than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(alarm["StateReasonData"])
    assert (data["recentDatapoints"], data["threshold"], data["period"]) == ([9.0], 5.0, 60)


def test_it_recovers_and_then_lacks_data(cloudwatch: Any, clock: Clock, put: Put) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    put(9.0)
    clock.advance(60)
    cloudwatch.put_metric_data(
        Namespace="Orders", MetricData=[{"MetricName": "Errors", "Value": 1.0}]
    )
    clock.advance(60)
    assert state(cloudwatch) == "OK"

    clock.advance(600)

    assert state(cloudwatch) == "INSUFFICIENT_DATA"


def test_actions_are_done_once_for_each_transition(
    cloudwatch: Any, clock: Clock, put: Put, inbox: Any
) -> None:
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[TOPIC], OKActions=[TOPIC])
    for value in (9.0, 9.0, 9.0, 1.0, 1.0):
        clock.advance(60)
        put(value)
    clock.advance(60)

    states = [json.loads(one["Message"])["NewStateValue"] for one in inbox()]

    assert states == ["ALARM", "OK"]


def test_the_message_is_that_of_the_documentation(
    cloudwatch: Any, clock: Clock, put: Put, inbox: Any
) -> None:
    cloudwatch.put_metric_alarm(
        **ALARM,
        AlarmDescription="[critical] too many",
        AlarmActions=[TOPIC],
        Dimensions=[{"Name": "Shop", "Value": "1"}],
        TreatMissingData="notBreaching",
    )
    clock.advance(60)
    at = clock.now() - timedelta(seconds=30)
    dimension = [{"Name": "Shop", "Value": "1"}]
    datum = {"MetricName": "Errors", "Value": 7.0, "Timestamp": at, "Dimensions": dimension}
    cloudwatch.put_metric_data(Namespace="Orders", MetricData=[datum])
    clock.advance(60)

    [envelope] = inbox()
    message = json.loads(envelope["Message"])

    assert envelope["Subject"] == 'ALARM: "errors" in US East (N. Virginia)'
    assert "MessageAttributes" not in envelope
    assert message | {"NewStateReason": "", "AlarmConfigurationUpdatedTimestamp": ""} == {
        "AlarmName": "errors",
        "AlarmDescription": "[critical] too many",
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": "",
        "NewStateValue": "ALARM",
        "NewStateReason": "",
        "StateChangeTime": "2026-01-05T12:01:00.000+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors",
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Errors",
            "Namespace": "Orders",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "1", "name": "Shop"}],
            "Period": 60,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
            "Threshold": 5.0,
        },
    } | {"StateChangeTime": message["StateChangeTime"]}


def test_an_action_that_is_refused_is_in_the_history_with_the_reason(
    cloudwatch: Any, client: Client, clock: Clock, put: Put
) -> None:
    client("sns").create_topic(Name="closed")
    closed = TOPIC.replace("pager", "closed")
    nobody = {"Version": "2012-10-17", "Statement": []}
    client("sns").set_topic_attributes(
        TopicArn=closed, AttributeName="Policy", AttributeValue=json.dumps(nobody)
    )
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[closed])
    put(9.0)
    clock.advance(60)

    items = cloudwatch.describe_alarm_history(AlarmName="errors", HistoryItemType="Action")
    [item] = items["AlarmHistoryItems"]

    assert item["HistorySummary"] == f"Failed to execute action {closed}"
    assert "cloudwatch.amazonaws.com is not authorized" in json.loads(item["HistoryData"])["error"]


def test_alarms_without_actions_enabled_are_silent(
    cloudwatch: Any, clock: Clock, put: Put, inbox: Any
) -> None:
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[TOPIC], ActionsEnabled=False)
    put(9.0)
    clock.advance(60)

    assert (state(cloudwatch), inbox()) == ("ALARM", [])


def test_set_alarm_state_acts_and_the_next_evaluation_takes_it_back(
    cloudwatch: Any, clock: Clock, inbox: Any
) -> None:
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[TOPIC], TreatMissingData="notBreaching")
    clock.advance(120)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")
    clock.advance(0)

    [envelope] = inbox()

    assert json.loads(envelope["Message"])["NewStateReason"] == "a drill"


def test_metric_math_fires_exactly_once(
    cloudwatch: Any, clock: Clock, put: Put, inbox: Any
) -> None:
    def query(id_: str, name: str) -> dict[str, Any]:
        metric = {"Namespace": "Orders", "MetricName": name}
        stat = {"Metric": metric, "Stat": "Sum", "Period": 60}
        return {"Id": id_, "MetricStat": stat, "ReturnData": False}

    cloudwatch.put_metric_alarm(
        AlarmName="error-rate",
        AlarmActions=[TOPIC],
        Metrics=[
            {"Id": "rate", "Expression": "IF(total > 0, 100 * FILL(failed, 0) / total, 0)"},
            query("total", "Requests"),
            query("failed", "Errors"),
        ],
        EvaluationPeriods=5,
        DatapointsToAlarm=3,
        Threshold=5.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    for failed in (0, 0, 20, 20, 20, 20, 20):
        clock.advance(60)
        put(100.0, "Requests")
        put(float(failed), "Errors")
    clock.advance(60)

    [envelope] = inbox()
    message = json.loads(envelope["Message"])

    assert message["NewStateValue"] == "ALARM"
    assert [query["Id"] for query in message["Trigger"]["Metrics"]] == ["rate", "total", "failed"]


def test_a_composite_follows_its_children(
    cloudwatch: Any, clock: Clock, put: Put, inbox: Any
) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_metric_alarm(**ALARM | {"AlarmName": "slow", "MetricName": "Latency"})
    cloudwatch.put_composite_alarm(
        AlarmName="both", AlarmRule='ALARM("errors") AND ALARM("slow")', AlarmActions=[TOPIC]
    )
    clock.advance(0)
    assert state(cloudwatch, "both") == "OK"
    put(9.0)
    clock.advance(60)
    assert state(cloudwatch, "both") == "OK"
    put(9.0)
    put(9.0, "Latency")
    clock.advance(60)

    assert state(cloudwatch, "both") == "ALARM"
    [envelope] = inbox()
    message = json.loads(envelope["Message"])
    assert (message["AlarmRule"], message["OldStateValue"]) == (
        'ALARM("errors") AND ALARM("slow")',
        "OK",
    )


def test_state_changes_reach_event_bridge(
    cloudwatch: Any, client: Client, clock: Clock, put: Put
) -> None:
    events, sqs = client("events"), client("sqs")
    url = sqs.create_queue(QueueName="audit")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:audit"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"state": {"value": ["ALARM"]}},
    }
    events.put_rule(Name="audit", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="audit", Targets=[{"Id": "audit", "Arn": arn}])
    cloudwatch.put_metric_alarm(**ALARM)
    put(9.0)
    clock.advance(60)

    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])

    assert event["resources"] == [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors"]
    assert event["detail"]["state"]["value"] == "ALARM"
    assert isinstance(event["detail"]["state"]["reasonData"], str)
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["detail"]["configuration"]["metrics"][0]["metricStat"]["stat"] == "Sum"


def test_an_alarm_that_has_no_data_costs_nothing(cloudwatch: Any, clock: Clock) -> None:
    cloudwatch.put_metric_alarm(**ALARM)

    assert clock.advance(450 * 86_400) <= 2


def test_a_band_alarm_makes_the_detector_that_it_lacks(cloudwatch: Any, clock: Clock) -> None:
    metric = {"Namespace": "Orders", "MetricName": "Latency"}
    stat = {"Metric": metric, "Stat": "Average", "Period": 60}
    cloudwatch.put_metric_alarm(
        AlarmName="unlike-itself",
        Metrics=[
            {"Id": "m1", "MetricStat": stat},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 3)"},
        ],
        ThresholdMetricId="band",
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanUpperThreshold",
    )
    clock.advance(60)

    [detector] = cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]

    assert detector["SingleMetricAnomalyDetector"]["MetricName"] == "Latency"


def test_a_band_alarm_fires_outside_the_band_alone(cloudwatch: Any, clock: Clock) -> None:
    metric = {"Namespace": "Orders", "MetricName": "Latency"}
    stat = {"Metric": metric, "Stat": "Average", "Period": 300}
    begin = START - timedelta(days=13)
    data = [
        {
            "MetricName": "Latency",
            "Value": 100.0 + number % 7,
            "Timestamp": begin + timedelta(minutes=5 * number),
        }
        for number in range(13 * 288)
    ]
    for at in range(0, len(data), 1000):
        cloudwatch.put_metric_data(Namespace="Orders", MetricData=data[at : at + 1000])
    cloudwatch.put_metric_alarm(
        AlarmName="unlike-itself",
        Metrics=[
            {"Id": "m1", "MetricStat": stat},
            {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 4)"},
        ],
        ThresholdMetricId="band",
        EvaluationPeriods=1,
        ComparisonOperator="LessThanLowerOrGreaterThanUpperThreshold",
    )
    clock.advance(60)
    assert state(cloudwatch, "unlike-itself") == "OK"

    cloudwatch.put_metric_data(
        Namespace="Orders", MetricData=[{"MetricName": "Latency", "Value": 5000.0}]
    )
    clock.advance(300)

    assert state(cloudwatch, "unlike-itself") == "ALARM"


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.sampled_from([None, 1.0, 9.0]), min_size=1, max_size=25),
    periods=st.integers(1, 4),
    treatment=st.sampled_from(["missing", "ignore", "breaching", "notBreaching"]),
    data=st.data(),
)
def test_sleeping_alarms_miss_nothing(
    minutes: list[float | None], periods: int, treatment: Treatment, data: st.DataObject
) -> None:
    """The evaluator that sleeps agrees, minute by minute, with one that looks every minute."""
    datapoints = data.draw(st.integers(1, periods))
    world = World()
    world.clock.set(START, "manual")
    try:
        cloudwatch = world.client("cloudwatch", REGION, ACCOUNT)
        criteria = {
            "EvaluationPeriods": periods,
            "DatapointsToAlarm": datapoints,
            "TreatMissingData": treatment,
        }
        cloudwatch.put_metric_alarm(**ALARM | criteria)
        expected: State = State.INSUFFICIENT_DATA
        seen: list[bool | None] = []
        for value in [*minutes, *[None] * 8]:
            if value is not None:
                cloudwatch.put_metric_data(
                    Namespace="Orders", MetricData=[{"MetricName": "Errors", "Value": value}]
                )
            world.clock.advance(60)
            seen.append(None if value is None else value > 5)
            expected = _naive(seen, Criteria(periods, datapoints, treatment)) or expected

            assert state(cloudwatch) == expected.value
    finally:
        world.close()


def _naive(seen: list[bool | None], criteria: Criteria) -> State | None:
    padded = [None] * criteria.range + seen
    return evaluate(padded[-criteria.range :], criteria).state
