"""Log events that become metrics, and log events that are passed on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.logs.models import LogEvent

from skyproof.emulator.clock import Clock
from tests.unit.skyproof.emulator.conftest import MONDAY

Client = Callable[..., Any]
Say = Callable[..., None]


@pytest.fixture
def say(client: Client, still: Clock) -> Say:
    """``say("line", …)``: log events of the group ``app``, now."""
    logs = client("logs")
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")

    def put(*lines: Any) -> None:
        now = int(still.now().timestamp() * 1000)
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        events = [{"timestamp": now, "message": text} for text in texts]
        logs.put_log_events(logGroupName="app", logStreamName="one", logEvents=events)

    return put


def metric_filter(client: Client, pattern: str, **transformation: Any) -> None:
    shape = {"metricName": "Found", "metricNamespace": "App", "metricValue": "1", **transformation}
    client("logs").put_metric_filter(
        logGroupName="app", filterName="f", filterPattern=pattern, metricTransformations=[shape]
    )


def values(client: Client, still: Clock, name: str = "Found", **dimensions: str) -> list[float]:
    answer = client("cloudwatch").get_metric_statistics(
        Namespace="App",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": text} for key, text in dimensions.items()],
        StartTime=MONDAY - timedelta(hours=1),
        EndTime=still.now() + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return [point["Sum"] for point in points]


def test_what_a_filter_finds_is_counted(client: Client, say: Say, still: Clock) -> None:
    metric_filter(client, "ERROR")

    say("ERROR one", "fine", "ERROR two")

    assert values(client, still) == [2.0]


def test_an_extracted_value_is_published_with_its_dimensions(
    client: Client, say: Say, still: Clock
) -> None:
    metric_filter(
        client,
        "{ ($.latency = *) && ($.service = *) }",
        metricValue="$.latency",
        unit="Milliseconds",
        dimensions={"Service": "$.service"},
    )

    say({"latency": 120, "service": "cart"}, {"latency": 80, "service": "pay"}, {"latency": 5})

    assert values(client, still, Service="cart") == [120.0]
    assert values(client, still, Service="pay") == [80.0]
    assert values(client, still) == []


def test_what_is_no_number_is_no_value(client: Client, say: Say, still: Clock) -> None:
    metric_filter(client, "{ $.latency = * }", metricValue="$.latency")

    say({"latency": "slow"}, {"latency": "12.5"})

    assert values(client, still) == [12.5]


def test_a_column_is_extracted_by_its_name(client: Client, say: Say, still: Clock) -> None:
    metric_filter(client, "[ip, user, status=5*, bytes]", metricValue="$bytes")

    say("10.0.0.1 anna 500 1024", "10.0.0.2 ben 200 10")

    assert values(client, still) == [1024.0]


def test_the_default_is_published_in_minutes_with_events_and_no_match(
    client: Client, say: Say, still: Clock
) -> None:
    metric_filter(client, "ERROR", defaultValue=0.0)

    say("fine")
    still.advance(60)
    say("ERROR", "fine")
    still.advance(60)
    still.advance(600)

    assert values(client, still) == [0.0, 1.0]


def test_embedded_metrics_are_published(client: Client, say: Say, still: Clock) -> None:
    say(
        {
            "_aws": {
                "Timestamp": int(still.now().timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "App",
                        "Dimensions": [["service"], []],
                        "Metrics": [{"Name": "time", "Unit": "Milliseconds"}],
                    }
                ],
            },
            "service": "cart",
            "time": [10, 20],
        },
        '{"_aws": "nonsense"}',
        '{"_aws": {"CloudWatchMetrics": 3}}',
    )

    assert values(client, still, "time", service="cart") == [30.0]
    assert values(client, still, "time") == [30.0]


def test_a_subscribed_function_gets_the_events_that_match(
    client: Client, say: Say, still: Clock, function: Any
) -> None:
    source = (
        "import base64, gzip\n"
        "def handler(event, context):\n"
        "    print(gzip.decompress(base64.b64decode(event['awslogs']['data'])).decode())\n"
    )
    arn = function("reader", source)
    client("logs").put_subscription_filter(
        logGroupName="app", filterName="errors", filterPattern="ERROR", destinationArn=arn
    )

    say("ERROR one", "fine")
    still.advance(0)

    found = client("logs").filter_log_events(
        logGroupName="/aws/lambda/reader", filterPattern="DATA_MESSAGE"
    )["events"]
    data = json.loads(found[0]["message"])
    assert [event["message"] for event in data["logEvents"]] == ["ERROR one"]
    assert (data["logGroup"], data["subscriptionFilters"]) == ("app", ["errors"])


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("", 3), ("ERROR", 2), ("?one ?fine", 2), ('"ERROR one"', 1), ("-ERROR", 1)],
)
def test_events_are_found_by_a_pattern(client: Client, say: Say, pattern: str, found: int) -> None:
    say("ERROR one", "ERROR two", "fine")

    answer = client("logs").filter_log_events(logGroupName="app", filterPattern=pattern)

    assert len(answer["events"]) == found


def test_events_past_their_retention_are_gone(client: Client, say: Say, still: Clock) -> None:
    client("logs").put_retention_policy(logGroupName="app", retentionInDays=7)
    say("old")
    still.advance(8 * 86_400)
    say("new")

    answer = client("logs").filter_log_events(logGroupName="app")

    assert [event["message"] for event in answer["events"]] == ["new"]


def test_insights_answer_a_query(client: Client, say: Say, still: Clock) -> None:
    say({"level": "ERROR", "service": "cart"}, {"level": "INFO", "service": "cart"})
    logs = client("logs")
    started = logs.start_query(
        logGroupName="app",
        startTime=int(MONDAY.timestamp()),
        endTime=int(still.now().timestamp()) + 60,
        queryString='filter level = "ERROR" | stats count(*) as errors by service',
    )

    answer = logs.get_query_results(queryId=started["queryId"])

    [row] = answer["results"]
    assert {one["field"]: one["value"] for one in row} == {"service": "cart", "errors": "1"}
    assert (answer["status"], answer["statistics"]["recordsScanned"]) == ("Complete", 2.0)


def test_a_filter_can_be_tried(client: Client) -> None:
    answer = client("logs").test_metric_filter(
        filterPattern="[ip, status=5*]", logEventMessages=["10.0.0.1 500", "10.0.0.2 200"]
    )

    [match] = answer["matches"]
    assert (match["eventNumber"], match["extractedValues"]) == (
        1,
        {"$ip": "10.0.0.1", "$status": "500"},
    )


def test_a_pattern_that_does_not_parse_is_refused(client: Client, say: Say) -> None:
    with pytest.raises(ClientError) as caught:
        metric_filter(client, "{ $.a = }")

    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


def test_events_of_one_moment_are_found_in_the_order_in_which_they_were_put(
    client: Client, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogEvent, "_event_id", 98)
    say("1", "2", "3", "4")

    found = client("logs").filter_log_events(logGroupName="app")["events"]

    assert [event["message"] for event in found] == ["1", "2", "3", "4"]
