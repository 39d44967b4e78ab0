"""What is put into a stream: counted, told, and guarded by roles, policies and keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import Clock
from skyproof.emulator.services.kinesis.service import Kinesis
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY

Client = Callable[..., Any]

ACCOUNT = "123456789012"
STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"


@pytest.fixture
def kinesis(client: Client, still: Clock) -> Any:
    del still
    made = client("kinesis")
    made.create_stream(StreamName="clicks", ShardCount=1)
    return made


def put(kinesis: Any, data: bytes = b"abc") -> None:
    kinesis.put_record(StreamARN=STREAM, Data=data, PartitionKey="k")


def test_records_are_counted(client: Client, kinesis: Any) -> None:
    records = [{"Data": b"1234", "PartitionKey": "k"}] * 2
    kinesis.put_records(StreamName="clicks", Records=records)
    put(kinesis)

    def total(name: str) -> float:
        points = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Kinesis",
            MetricName=name,
            Dimensions=[{"Name": "StreamName", "Value": "clicks"}],
            StartTime=MONDAY,
            EndTime=MONDAY + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    assert (total("IncomingRecords"), total("IncomingBytes")) == (3, 11)


def test_watchers_are_told_of_what_was_taken_and_of_nothing_else(
    world: World, kinesis: Any
) -> None:
    told: list[str] = []
    Kinesis.of(world).watchers.add(STREAM, "w", lambda: told.append("told"))

    put(kinesis)
    kinesis.describe_stream_summary(StreamARN=STREAM)
    with pytest.raises(ClientError):
        kinesis.put_record(StreamName="none", Data=b"", PartitionKey="k")

    assert told == ["told"]


def allow(client: Client, *statements: tuple[str, str]) -> Principal:
    """A role that may do these actions on these resources."""
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    allowed = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in statements
    ]
    iam.put_role_policy(
        RoleName="r",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    return Principal(arn, ACCOUNT)


def test_a_role_needs_the_permission_on_the_very_stream(client: Client, kinesis: Any) -> None:
    role = allow(client, ("kinesis:PutRecord", STREAM), ("kinesis:*", f"{STREAM}-other"))

    with acting_as(role):
        put(kinesis)
        with pytest.raises(ClientError, match="kinesis:PutRecords on resource"):
            kinesis.put_records(StreamName="clicks", Records=[{"Data": b"", "PartitionKey": "k"}])


def test_a_stream_that_is_sealed_takes_the_use_of_its_key(client: Client, kinesis: Any) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    kinesis.start_stream_encryption(StreamName="clicks", EncryptionType="KMS", KeyId=key)
    role = allow(client, ("kinesis:*", "*"), ("kms:GenerateDataKey", key))

    with acting_as(role):
        put(kinesis)
        iterator = kinesis.get_shard_iterator(
            StreamName="clicks", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        with pytest.raises(ClientError, match="kms:Decrypt"):
            kinesis.get_records(StreamARN=STREAM, ShardIterator=iterator)
