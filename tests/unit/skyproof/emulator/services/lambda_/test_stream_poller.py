"""Streams whose records a function is handed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from skyproof.emulator.clock import Clock
from skyproof.emulator.errors import AwsError
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.services.lambda_.conftest import Handler

Client = Callable[..., Any]
Map = Callable[..., dict[str, Any]]

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
SOURCE = """
import json
def handler(event, context):
    print(json.dumps(event))
"""


@pytest.fixture(autouse=True)
def clicks(client: Client, still: Clock) -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


@pytest.fixture
def mapped(client: Client, function: Any, handler: Handler) -> Map:
    """``mapped(**settings)``: the stream handed to a function that is stood in for."""
    del handler
    arn = function("watch", "")

    def make(**settings: Any) -> dict[str, Any]:
        given = {"StartingPosition": "TRIM_HORIZON", **settings}
        made: dict[str, Any] = client("lambda").create_event_source_mapping(
            EventSourceArn=ARN, FunctionName=arn, **given
        )
        return made

    return make


def put(client: Client, *data: str, key: str = "k") -> None:
    for one in data:
        client("kinesis").put_record(StreamName="clicks", Data=one.encode(), PartitionKey=key)


def failing_on(*bad: str) -> Callable[[list[dict[str, Any]]], None]:
    """A function that fails on batches with any of these records."""
    from base64 import b64decode

    def answer(records: list[dict[str, Any]]) -> None:
        found = {b64decode(one["kinesis"]["data"]).decode() for one in records}
        if found & set(bad):
            raise ValueError(f"cannot read {found & set(bad)}")

    return answer


def test_a_record_is_handed_to_a_function_that_runs(
    client: Client, function: Any, still: Clock
) -> None:
    client("lambda").create_event_source_mapping(
        EventSourceArn=ARN, FunctionName=function("watch", SOURCE), StartingPosition="LATEST"
    )
    still.advance(1.5)
    put(client, "Hello")

    still.advance(0)

    events = client("logs").filter_log_events(logGroupName="/aws/lambda/watch")["events"]
    assert json.loads(events[1]["message"]) == {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "k",
                    "sequenceNumber": "1",
                    "data": "SGVsbG8=",
                    "approximateArrivalTimestamp": MONDAY.timestamp() + 1.5,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": "shardId-000000000000:1",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/watch-role",
                "awsRegion": "us-east-1",
                "eventSourceARN": ARN,
            }
        ]
    }


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ({"StartingPosition": "TRIM_HORIZON"}, ["a", "b", "c"]),
        ({"StartingPosition": "LATEST"}, ["c"]),
        (
            {
                "StartingPosition": "AT_TIMESTAMP",
                "StartingPositionTimestamp": MONDAY + timedelta(seconds=30),
            },
            ["b", "c"],
        ),
    ],
    ids=lambda value: value.get("StartingPosition") if isinstance(value, dict) else None,
)
def test_reading_begins_where_it_was_asked_to(
    client: Client,
    mapped: Map,
    handler: Handler,
    still: Clock,
    position: dict[str, Any],
    expected: list[str],
) -> None:
    put(client, "a")
    still.advance(60)
    put(client, "b")
    still.advance(60)

    mapped(**position)
    put(client, "c")
    still.advance(0)

    assert [one for batch in handler.data() for one in batch] == expected


def test_what_has_expired_is_not_read(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    put(client, "yesterday's")
    still.advance(86_401)
    put(client, "today's")

    mapped()
    still.advance(0)

    assert handler.data() == [["today's"]]


def test_batches_are_no_larger_than_asked(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped(BatchSize=2)
    put(client, "a", "b", "c")

    still.advance(0)

    assert handler.data() == [["a", "b"], ["c"]]


def test_a_batch_is_of_one_shard_and_its_failure_holds_up_no_other(
    client: Client, function: Any, handler: Handler, still: Clock
) -> None:
    kinesis, arn = client("kinesis"), ARN.replace("clicks", "wide")
    kinesis.create_stream(StreamName="wide", ShardCount=2)
    client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function("watch", ""), StartingPosition="LATEST"
    )
    handler.answer = failing_on("left")
    for data, hash_key in (("left", "0"), ("right", str(2**127)), ("right too", str(2**127))):
        kinesis.put_record(
            StreamName="wide", Data=data.encode(), PartitionKey="k", ExplicitHashKey=hash_key
        )

    still.advance(0)

    assert handler.data() == [["left"], ["right", "right too"]]


def test_a_window_gathers_records(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped(BatchSize=3, MaximumBatchingWindowInSeconds=60)
    put(client, "a")
    still.advance(59)
    put(client, "b")
    assert handler.batches == []

    still.advance(1)
    put(client, "c", "d", "e", "f")
    still.advance(60)

    assert handler.data() == [["a", "b"], ["c", "d", "e"], ["f"]]


def test_a_batch_that_fails_holds_up_its_shard_until_it_succeeds(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    made = mapped()
    handler.answer = failing_on("a")
    put(client, "a")
    still.advance(2)
    put(client, "b")
    handler.answer = lambda _records: None

    still.advance(60)

    assert handler.data() == [["a"], ["a"], ["a"], ["b"]]
    got = client("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert got["LastProcessingResult"] == "OK"


def test_after_the_last_retry_records_are_discarded_and_their_destination_told(
    client: Client, mapped: Map, mailbox: Any, handler: Handler, still: Clock
) -> None:
    lost = mailbox("lost")
    destination = {"OnFailure": {"Destination": lost.arn}}
    mapped(MaximumRetryAttempts=2, DestinationConfig=destination)
    handler.answer = failing_on("a")
    put(client, "a", "b")
    still.advance(0)
    put(client, "c")

    still.advance(60)

    assert handler.data() == [["a", "b"]] * 3 + [["c"]]
    [message] = lost.bodies()
    assert message == {
        "requestContext": {
            "requestId": "request-3",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:watch",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-01-05T00:00:03.000Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "1",
            "endSequenceNumber": "2",
            "approximateArrivalOfFirstRecord": "2026-01-05T00:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-01-05T00:00:00.000Z",
            "batchSize": 2,
            "streamArn": ARN,
        },
    }


def test_bisecting_leaves_the_bad_record_alone(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    handler.answer = failing_on("c")
    put(client, "a", "b", "c", "d")

    still.advance(60)

    assert handler.data() == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]


def test_a_reported_record_and_those_after_it_are_tried_again(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped(FunctionResponseTypes=["ReportBatchItemFailures"])
    handler.answer = lambda records: {
        "batchItemFailures": [
            {"itemIdentifier": one["kinesis"]["sequenceNumber"]} for one in records[1:2]
        ]
    }
    put(client, "a", "b", "c")

    still.advance(60)

    assert handler.data() == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_records_that_grow_too_old_are_discarded(
    client: Client, mapped: Map, mailbox: Any, handler: Handler, still: Clock
) -> None:
    lost = mailbox("lost")
    destination = {"OnFailure": {"Destination": lost.arn}}
    mapped(MaximumRecordAgeInSeconds=60, DestinationConfig=destination)
    handler.answer = failing_on("a")
    put(client, "a")
    still.advance(50)
    put(client, "b")

    still.advance(600)

    assert handler.data()[-1] == ["b"]
    [message] = lost.bodies()
    assert message["requestContext"]["condition"] == "RecordAgeExceeded"
    assert message["KinesisBatchInfo"]["batchSize"] == 1


def test_a_function_that_fails_for_ever_costs_no_more_than_the_stream_retains(
    client: Client, mapped: Map, handler: Handler, still: Clock, world: World
) -> None:
    mapped()
    handler.answer = failing_on("a")
    put(client, "a")

    done = still.advance(450 * 86_400)

    assert done < 350
    assert handler.times[-1] - MONDAY < timedelta(days=1)
    told = world.happenings.about(ARN)[-1]
    assert (told.what, told.reason) == ("give up", "1 records have expired")


def test_a_role_that_may_never_read_costs_little(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped()
    client("iam").delete_role_policy(RoleName="watch-role", PolicyName="all")
    put(client, "a")

    done = still.advance(450 * 86_400)

    assert (done < 50, handler.batches) == (True, [])


def test_no_retry_is_spent_while_the_function_cannot_be_called(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    mapped(MaximumRetryAttempts=0)

    def throttled(_records: Any) -> None:
        raise AwsError("TooManyRequestsException", "Rate Exceeded.")

    handler.answer = throttled
    put(client, "a")
    still.advance(10)
    handler.answer = lambda _records: None

    still.advance(60)

    assert handler.data()[-1] == ["a"]


def test_filters_look_into_data_and_keys(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    filters = [{"data": {"page": ["cart"]}}, {"partitionKey": ["vip"]}]
    mapped(FilterCriteria={"Filters": [{"Pattern": json.dumps(one)} for one in filters]})
    put(client, '{"page": "home"}', '{"page": "cart"}', "page cart")
    put(client, "anything", key="vip")

    still.advance(0)

    assert handler.data() == [['{"page": "cart"}', "anything"]]


def test_a_disabled_mapping_goes_on_where_it_stood(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    identifier = mapped(StartingPosition="LATEST")["UUID"]
    put(client, "a")
    still.advance(0)
    client("lambda").update_event_source_mapping(UUID=identifier, Enabled=False)
    put(client, "b")
    still.advance(60)
    assert handler.data() == [["a"]]

    client("lambda").update_event_source_mapping(UUID=identifier, Enabled=True)
    still.advance(0)

    assert handler.data() == [["a"], ["b"]]


def test_what_was_not_done_when_a_mapping_was_disabled_is_done_when_it_is_enabled(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    identifier = mapped(MaximumBatchingWindowInSeconds=30)["UUID"]

    def switch(enabled: bool) -> None:
        client("lambda").update_event_source_mapping(UUID=identifier, Enabled=enabled)

    put(client, "a")
    still.advance(10)
    switch(False)
    still.advance(60)
    assert handler.batches == []

    switch(True)
    handler.answer = failing_on("a")
    still.advance(30)
    assert handler.data() == [["a"]]
    switch(False)
    still.advance(60)
    assert handler.data() == [["a"]]

    switch(True)
    handler.answer = lambda _records: None
    still.advance(0)
    assert handler.data() == [["a"], ["a"]]


def test_a_mapping_that_is_deleted_while_its_function_runs_hands_over_no_more(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    identifier = mapped(BatchSize=1)["UUID"]

    def delete(_records: Any) -> None:
        client("lambda").delete_event_source_mapping(UUID=identifier)

    handler.answer = delete
    put(client, "a", "b")

    still.advance(600)

    assert handler.data() == [["a"]]


def test_the_age_of_what_is_handed_over_is_a_metric(
    client: Client, function: Any, still: Clock
) -> None:
    client("lambda").create_event_source_mapping(
        EventSourceArn=ARN,
        FunctionName=function("watch", "def handler(event, context): ..."),
        StartingPosition="LATEST",
        MaximumBatchingWindowInSeconds=30,
    )
    put(client, "a")
    still.advance(30)

    points = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": "watch"}],
        StartTime=MONDAY,
        EndTime=MONDAY + timedelta(minutes=2),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]

    assert [one["Maximum"] for one in points] == [30_000]


def test_an_idle_mapping_costs_nothing(mapped: Map, handler: Handler, still: Clock) -> None:
    mapped()

    done = still.advance(450 * 86_400)

    assert (done, handler.batches) == (1, [])
