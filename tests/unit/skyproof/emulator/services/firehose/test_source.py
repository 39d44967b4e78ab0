"""Delivery streams that read a Kinesis stream."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.services.kinesis import service as kinesis
from tests.unit.skyproof.emulator.services.firehose.staging import (
    NAME,
    ROLE,
    START,
    Stage,
    destination,
    processing,
)

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"


@pytest.fixture(autouse=True)
def clicks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinesis, "publish", lambda *_: None)
    stage.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


def put(stage: Stage, *every: bytes) -> None:
    records = [{"Data": data, "PartitionKey": "k"} for data in every]
    stage.client("kinesis").put_records(StreamName="clicks", Records=records)


def test_what_is_put_from_now_on_is_delivered(stage: Stage) -> None:
    put(stage, b"before")
    stage.create_reading("clicks", BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
    put(stage, b"one", b"two")
    stage.advance(30)
    put(stage, b"three")

    stage.advance(30)

    assert list(stage.objects().values()) == [b"onetwothree"]
    assert stage.metric("DataReadFromKinesisStream.Records") == [2, 1]
    assert stage.metric("DataReadFromKinesisStream.Bytes") == [6, 5]
    assert stage.metric("IncomingRecords") == []
    asked = {operation for role, operation in stage.authority.asked if role == ROLE}
    assert {"ListShards", "GetRecords"} <= asked


def test_a_transforming_function_is_told_where_records_were_read(stage: Stage) -> None:
    stage.create_reading("clicks", ProcessingConfiguration=processing())
    seen = stage.answer_with(
        lambda event: {
            "records": [
                {"recordId": one["recordId"], "result": "Ok", "data": one["data"]}
                for one in event["records"]
            ]
        }
    )
    put(stage, b"one")

    stage.advance(300)

    [event] = seen.events
    assert event["sourceKinesisStreamArn"] == STREAM
    arrived = int(START.timestamp() * 1000)
    assert event["records"][0]["kinesisRecordMetadata"] == {
        "sequenceNumber": "1",
        "subsequenceNumber": 0,
        "partitionKey": "k",
        "shardId": "shardId-000000000000",
        "approximateArrivalTimestamp": arrived,
    }
    assert list(stage.objects().values()) == [b"one"]


def test_a_role_that_may_not_read_is_tried_again(stage: Stage) -> None:
    stage.create_reading("clicks")
    stage.authority.denied = {"GetRecords"}
    put(stage, b"one")
    stage.advance(10)
    assert set(stage.outcomes("read")) == {"refused"}
    stage.authority.denied = set()

    stage.advance(400)

    assert list(stage.objects().values()) == [b"one"]


def test_a_deleted_stream_reads_no_more_and_a_new_one_only_what_is_new(stage: Stage) -> None:
    stage.create_reading("clicks")
    stage.client("firehose").delete_delivery_stream(DeliveryStreamName=NAME)
    put(stage, b"between")
    stage.create_reading("clicks")
    put(stage, b"after")

    stage.advance(300)

    assert list(stage.objects().values()) == [b"after"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {
                "KinesisStreamSourceConfiguration": {
                    "KinesisStreamARN": STREAM[:-1],
                    "RoleARN": ROLE,
                }
            },
            "ResourceNotFoundException",
        ),
        (
            {
                "MSKSourceConfiguration": {
                    "MSKClusterARN": "arn:aws:kafka:us-east-1:123456789012:cluster/c/1",
                    "TopicName": "t",
                    "AuthenticationConfiguration": {"RoleARN": ROLE, "Connectivity": "PUBLIC"},
                }
            },
            "MSKSourceConfiguration is not read",
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_refused_and_nothing_made(
    stage: Stage, source: dict[str, Any], said: str
) -> None:
    firehose = stage.client("firehose")
    with pytest.raises(ClientError, match=said):
        firehose.create_delivery_stream(
            DeliveryStreamName=NAME,
            DeliveryStreamType="KinesisStreamAsSource",
            ExtendedS3DestinationConfiguration=destination(),
            **source,
        )
    assert firehose.list_delivery_streams()["DeliveryStreamNames"] == []


def test_an_idle_source_costs_nothing(stage: Stage) -> None:
    stage.create_reading("clicks")
    assert stage.world.clock.advance(450 * 86_400) == 0
