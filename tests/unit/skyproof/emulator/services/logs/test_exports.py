"""Export tasks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.services.logs.conftest import Write

START = int(MONDAY.timestamp() * 1000)


def let(s3: Any, *actions: str) -> None:
    """Let Logs do something with the bucket, in the words of the guide."""
    on = {"s3:GetBucketAcl": "arn:aws:s3:::archive", "s3:PutObject": "arn:aws:s3:::archive/*"}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
            "Action": action,
            "Resource": on[action],
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": ["123456789012"],
                    **(acl if action == "s3:PutObject" else {}),
                },
                "ArnLike": {"aws:SourceArn": ["arn:aws:logs:us-east-1:123456789012:log-group:*"]},
            },
        }
        for action in actions
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket="archive", Policy=policy)


@pytest.fixture
def bucket(client: Callable[..., Any]) -> Any:
    """The client to S3, with the bucket ``archive`` made, to which Logs may write."""
    s3 = client("s3")
    s3.create_bucket(Bucket="archive")
    let(s3, "s3:GetBucketAcl", "s3:PutObject")
    return s3


def export(app: Any, **params: Any) -> str:
    answer = app.create_export_task(
        **{
            "logGroupName": "app",
            "from": START,
            "to": START + 1_500,
            "destination": "archive",
            **params,
        }
    )
    return str(answer["taskId"])


def status(app: Any, task: str) -> str:
    [found] = app.describe_export_tasks(taskId=task)["exportTasks"]
    return str(found["status"]["code"])


def refused(operation: Callable[..., Any], *args: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(*args, **params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_events_of_a_range_are_written_a_file_for_each_stream(
    app: Any, write: Write, bucket: Any, still: Clock
) -> None:
    app.create_log_stream(logGroupName="app", logStreamName="a/b")
    write(("first", 0), ("second", 1.5), ("late", 2))
    write(("other", 1), stream="a/b")

    task = export(app)
    still.advance(0)

    keys = [one["Key"] for one in bucket.list_objects_v2(Bucket="archive")["Contents"]]
    folder = f"exportedlogs/{task}"
    assert sorted(keys) == sorted(
        [f"{folder}/a-b/000000.gz", f"{folder}/one/000000.gz", "exportedlogs/aws-logs-write-test"]
    )
    content = bucket.get_object(Bucket="archive", Key=f"{folder}/one/000000.gz")["Body"].read()
    assert gzip.decompress(content).decode() == (
        "2026-01-05T00:00:00.000Z first\n2026-01-05T00:00:01.500Z second\n"
    )
    assert status(app, task) == "COMPLETED"


def test_one_task_is_active_at_a_time_and_can_be_cancelled(
    app: Any, write: Write, bucket: Any, still: Clock
) -> None:
    write(("first", 0))
    task = export(app)

    assert refused(export, app)[0] == "LimitExceededException"
    app.cancel_export_task(taskId=task)
    still.advance(0)

    keys = [one["Key"] for one in bucket.list_objects_v2(Bucket="archive")["Contents"]]
    assert keys == ["exportedlogs/aws-logs-write-test"]
    assert status(app, task) == "CANCELLED"
    assert refused(app.cancel_export_task, taskId=task)[0] == "InvalidOperationException"
    found = app.describe_export_tasks(statusCode="COMPLETED")["exportTasks"]
    assert found == []


@pytest.mark.parametrize(
    ("allowed", "refused_call"),
    [("s3:PutObject", "GetBucketAcl"), ("s3:GetBucketAcl", "PutObject")],
)
def test_the_bucket_must_let_logs_write(
    app: Any, bucket: Any, allowed: str, refused_call: str
) -> None:
    let(bucket, allowed)

    assert refused(export, app) == (
        "InvalidParameterException",
        f"{refused_call} call on the given bucket failed. Please check if CloudWatch Logs has "
        "been granted permission to perform this operation.",
    )
    assert app.describe_export_tasks()["exportTasks"] == []


def test_the_bucket_must_be_there(app: Any) -> None:
    assert refused(export, app) == (
        "InvalidParameterException",
        "The given bucket does not exist. Please make sure the bucket is valid.",
    )


def test_an_export_that_is_refused_later_has_failed(
    app: Any, write: Write, bucket: Any, still: Clock
) -> None:
    write(("first", 0))
    task = export(app)
    let(bucket, "s3:GetBucketAcl")

    still.advance(0)

    assert status(app, task) == "FAILED"
