"""A bucket that is written to while it is deleted ends all the same, and nobody else's does."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skyproof.emulator.world import World
from skyproof.errors import SkyproofError
from skyproof.lifecycle import late_writers
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.terraform import State
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import Diagnostic

ACCOUNT = "123456789012"
OTHER = "111122223333"


def not_empty(bucket: str) -> Diagnostic:
    return Diagnostic(
        f"deleting S3 Bucket ({bucket}): operation error S3: DeleteBucket, https response error "
        "StatusCode: 409, RequestID: 6, HostID: x, api error BucketNotEmpty: The bucket you tried "
        "to delete is not empty"
    )


def state_of(*resources: tuple[str, dict[str, Any]]) -> State:
    return State(
        {
            "values": {
                "root_module": {
                    "child_modules": [
                        {
                            "resources": [
                                {"address": f"module.a.{address}", "mode": "managed", "values": one}
                                for address, one in resources
                            ]
                        }
                    ]
                }
            }
        }
    )


def bucket_values(name: str) -> dict[str, Any]:
    return {"bucket": name, "arn": f"arn:aws:s3:::{name}", "region": "us-east-1"}


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


def client(world: World, service: str, region: str | None, account: str | None) -> Any:
    return world.client(service, region or "us-east-1", account or ACCOUNT)


def quiet(world: World, error: Diagnostic, state: State) -> None:
    late_writers.quiet(error, lambda: state, lambda *where: client(world, *where))


def fill(s3: Any, bucket: str) -> None:
    """Two versions of one key, one other key, and a delete marker."""
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"late")
    s3.delete_object(Bucket=bucket, Key="b")


@pytest.mark.parametrize("account", [ACCOUNT, OTHER])
def test_a_bucket_of_the_stack_is_emptied_of_all_versions(world: World, account: str) -> None:
    s3: Any = world.client("s3", "us-east-1", account)
    fill(s3, "logs")
    alarm = {"arn": f"arn:aws:sqs:us-east-1:{OTHER}:q"}
    state = state_of(("aws_s3_bucket.logs", bucket_values("logs")), ("aws_sqs_queue.q", alarm))
    quiet(world, not_empty("logs"), state)
    s3.delete_bucket(Bucket="logs")


@pytest.mark.parametrize(
    ("said", "resource"),
    [
        (not_empty("others"), "aws_s3_bucket.logs"),
        (not_empty("logs"), "aws_s3_bucket_policy.logs"),
        (Diagnostic("deleting S3 Bucket (logs): AccessDenied"), "aws_s3_bucket.logs"),
        (Diagnostic("BucketNotEmpty: not empty"), "aws_s3_bucket.logs"),
    ],
)
def test_what_is_not_the_stacks_own_is_left_alone(
    world: World, said: Diagnostic, resource: str
) -> None:
    s3: Any = world.client("s3", "us-east-1", ACCOUNT)
    for name in ("logs", "others"):
        fill(s3, name)
    quiet(world, said, state_of((resource, bucket_values("logs"))))
    for name in ("logs", "others"):
        assert len(s3.list_object_versions(Bucket=name)["Versions"]) == 3


class Refusing:
    """An S3 that lists a bucket, and of its two objects deletes none."""

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": [{"Name": "logs"}]}

    def get_paginator(self, _operation: str) -> Refusing:
        return self

    def paginate(self, **_arguments: Any) -> list[dict[str, Any]]:
        return [{"Versions": [{"Key": "a", "VersionId": "1"}]}, {}]

    def delete_objects(self, **_arguments: Any) -> dict[str, Any]:
        return {"Errors": [{"Key": "a", "Code": "AccessDenied", "Message": "it is locked"}]}


def test_an_object_that_cannot_be_deleted_is_named() -> None:
    state = state_of(("aws_s3_bucket.logs", bucket_values("logs")))
    with pytest.raises(SkyproofError, match=r"logs could not be emptied: a: AccessDenied: it is"):
        late_writers.quiet(not_empty("logs"), lambda: state, lambda *_where: Refusing())


class Calls:
    """Notes what is called, and has nothing to delete."""

    exceptions = type("E", (), {"ResourceNotFoundException": KeyError})

    def __init__(self, calls: list[tuple[str, ...]], *where: str | None) -> None:
        self._calls = calls
        self._where = tuple(str(part) for part in where)

    def _note(self, *call: str) -> None:
        self._calls.append((*call, *self._where))

    def stop_metric_streams(self, Names: list[str]) -> None:  # noqa: N803 (boto3's own)
        self._note("stop", *Names)

    def delete_delivery_stream(self, DeliveryStreamName: str, **_: bool) -> None:  # noqa: N803
        self._note("delete", DeliveryStreamName)
        if DeliveryStreamName == "gone":
            raise KeyError

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": []}


def test_what_writes_to_the_bucket_is_stopped_where_it_is() -> None:
    def stream(name: str, bucket: str) -> dict[str, Any]:
        return {
            "name": name,
            "arn": f"arn:aws:firehose:us-west-2:{OTHER}:deliverystream/{name}",
            "extended_s3_configuration": [{"bucket_arn": f"arn:aws:s3:::{bucket}"}],
        }

    def source(name: str, into: str) -> dict[str, Any]:
        return {
            "name": name,
            "arn": f"arn:aws:cloudwatch:us-west-2:{OTHER}:metric-stream/{name}",
            "firehose_arn": f"arn:aws:firehose:us-west-2:{OTHER}:deliverystream/{into}",
        }

    state = state_of(
        ("aws_s3_bucket.logs", bucket_values("logs")),
        ("aws_kinesis_firehose_delivery_stream.gone", stream("gone", "logs")),
        ('aws_kinesis_firehose_delivery_stream.mine["a.b"]', stream("mine", "logs")),
        ("aws_kinesis_firehose_delivery_stream.other", stream("other", "elsewhere")),
        ("aws_cloudwatch_metric_stream.m", source("metrics", "mine")),
        ("aws_cloudwatch_metric_stream.o", source("others", "other")),
    )
    calls: list[tuple[str, ...]] = []
    late_writers.quiet(not_empty("logs"), lambda: state, lambda *where: Calls(calls, *where))
    assert calls == [
        ("stop", "metrics", "cloudwatch", "us-west-2", OTHER),
        ("delete", "gone", "firehose", "us-west-2", OTHER),
        ("delete", "mine", "firehose", "us-west-2", OTHER),
    ]


FIREHOSE = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/archive"
METRIC_STREAM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:metric-stream/all"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/writer"


@pytest.mark.parametrize("stopped", [True, False])
def test_what_firehose_has_buffered_comes_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    monkeypatch.setattr("skyproof.emulator.authorization.check", lambda *_: None)
    world.clock.set(datetime(2026, 1, 5, tzinfo=UTC), "manual")
    s3, firehose, cloudwatch = (
        world.client(service, "us-east-1", ACCOUNT) for service in ("s3", "firehose", "cloudwatch")
    )
    fill(s3, "logs")
    into = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::logs"}
    firehose.create_delivery_stream(
        DeliveryStreamName="archive", ExtendedS3DestinationConfiguration=into
    )
    cloudwatch.put_metric_stream(
        Name="all", FirehoseArn=FIREHOSE, RoleArn=ROLE, OutputFormat="json"
    )
    firehose.put_record(DeliveryStreamName="archive", Record={"Data": b"buffered"})
    if stopped:
        configured = [{"bucket_arn": "arn:aws:s3:::logs"}]
        stream = {"name": "archive", "arn": FIREHOSE, "extended_s3_configuration": configured}
        source = {"name": "all", "arn": METRIC_STREAM, "firehose_arn": FIREHOSE}
        state = state_of(
            ("aws_s3_bucket.logs", bucket_values("logs")),
            ("aws_kinesis_firehose_delivery_stream.archive", stream),
            ("aws_cloudwatch_metric_stream.all", source),
        )
        quiet(world, not_empty("logs"), state)
    world.clock.advance(3600)
    found = [one["Key"] for one in s3.list_objects_v2(Bucket="logs").get("Contents", ())]
    streams = cloudwatch.get_metric_stream(Name="all")["State"]
    assert (found == [], streams) == ((True, "stopped") if stopped else (False, "running"))


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    session = Session(Settings(), Display(io.StringIO()))
    yield session
    session.close()


STACK = """
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
resource "aws_s3_bucket" "logs" { bucket = "logs-that-come-late" }
output "name" { value = aws_s3_bucket.logs.bucket }
"""


@pytest.mark.terraform
def test_a_destroy_ends_clean_though_an_object_came_late(session: Session, tmp_path: Path) -> None:
    source = tmp_path / "stack"
    source.mkdir()
    (source / "main.tf").write_text(STACK)
    applied = session.apply(source)
    s3 = applied.client("s3")
    s3.put_object(Bucket=applied.outputs["name"], Key="late", Body=json.dumps({}).encode())
    session.destroy(applied.stack)
    assert s3.list_buckets()["Buckets"] == []
    assert session.kept == []
