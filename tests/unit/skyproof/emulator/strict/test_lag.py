"""Reads that lag writes."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from skyproof.emulator.strict import unseen
from tests.unit.skyproof.emulator.strict.conftest import (
    Start,
    Strict,
    Watch,
    described,
    policy,
    refusal,
    statement,
)

BUCKET = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
TRUST = json.dumps(
    policy(statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole"))
)


@pytest.fixture
def strict(start: Start) -> Strict:
    return start(described(consistency_seconds=3))


def test_what_was_just_created_is_not_found_yet(strict: Strict, watch: Watch) -> None:
    iam, sqs, s3 = (strict.root(service) for service in ("iam", "sqs", "s3"))
    events = strict.root("events")
    iam.create_role(RoleName="new-role", AssumeRolePolicyDocument=TRUST)
    sqs.create_queue(QueueName="new-queue")
    s3.create_bucket(Bucket="new-bucket", **BUCKET)
    events.put_rule(Name="new-rule", ScheduleExpression="rate(1 day)")
    assert refusal(iam.get_role, RoleName="new-role") == (
        404,
        "NoSuchEntity",
        "Role new-role not found",
    )
    assert refusal(sqs.get_queue_url, QueueName="new-queue")[1] == (
        "AWS.SimpleQueueService.NonExistentQueue"
    )
    assert refusal(s3.head_bucket, Bucket="new-bucket")[:2] == (404, "404")
    assert refusal(s3.get_bucket_versioning, Bucket="new-bucket")[1] == "NoSuchBucket"
    assert refusal(events.describe_rule, Name="new-rule")[1] == "ResourceNotFoundException"
    assert strict.counts()["stale"] == 5

    watch.seconds += 3
    iam.get_role(RoleName="new-role")
    sqs.get_queue_url(QueueName="new-queue")
    s3.head_bucket(Bucket="new-bucket")
    events.describe_rule(Name="new-rule")
    assert strict.counts()["stale"] == 5


def test_what_was_changed_or_deleted_is_as_before(strict: Strict, watch: Watch) -> None:
    sqs = strict.root("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "1"})["QueueUrl"]
    watch.seconds += 3

    def delay() -> str:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
        return str(answer["Attributes"]["DelaySeconds"])

    def urls() -> list[str]:
        found: list[str] = sqs.list_queues().get("QueueUrls", [])
        return found

    assert (delay(), urls()) == ("1", [url])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "2"})
    watch.seconds += 2.9
    assert delay() == "1"
    watch.seconds += 0.1
    assert (delay(), urls()) == ("2", [url])
    sqs.delete_queue(QueueUrl=url)
    assert (delay(), urls()) == ("2", [url])
    watch.seconds += 3
    assert urls() == []
    assert "NonExistentQueue" in refusal(sqs.get_queue_attributes, QueueUrl=url)[1]


def test_a_log_group_is_found_at_once_and_changes_late(strict: Strict, watch: Watch) -> None:
    logs = strict.root("logs")
    logs.create_log_group(logGroupName="/new/group")

    def retention() -> int | None:
        [group] = logs.describe_log_groups(logGroupNamePrefix="/new/group")["logGroups"]
        days: int | None = group.get("retentionInDays")
        return days

    assert retention() is None
    logs.put_retention_policy(logGroupName="/new/group", retentionInDays=7)
    assert retention() is None
    watch.seconds += 3
    assert retention() == 7


def test_a_list_that_was_asked_before_lacks_what_is_new(strict: Strict, watch: Watch) -> None:
    s3 = strict.root("s3")

    def names() -> list[str]:
        return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]

    assert names() == []
    s3.create_bucket(Bucket="new-bucket", **BUCKET)
    assert names() == []
    watch.seconds += 3
    assert names() == ["new-bucket"]


def test_a_change_of_one_thing_leaves_others_fresh(strict: Strict, watch: Watch) -> None:
    iam = strict.root("iam")
    for name in ("one", "two"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    watch.seconds += 3
    for name in ("one", "two"):
        iam.list_role_policies(RoleName=name)
    everything = json.dumps(policy(statement(Action="*", Resource="*")))
    iam.put_role_policy(RoleName="one", PolicyName="p", PolicyDocument=everything)
    assert iam.list_role_policies(RoleName="two")["PolicyNames"] == []
    assert strict.counts()["stale"] == 0
    assert iam.list_role_policies(RoleName="one")["PolicyNames"] == []
    assert strict.counts()["stale"] == 1


def test_objects_and_services_that_are_consistent_do_not_lag(strict: Strict, watch: Watch) -> None:
    s3, cloudwatch = strict.root("s3"), strict.root("cloudwatch")
    s3.create_bucket(Bucket="new-bucket", **BUCKET)
    s3.put_object(Bucket="new-bucket", Key="k", Body=b"1")
    assert s3.get_object(Bucket="new-bucket", Key="k")["Body"].read() == b"1"
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": []}')
    cloudwatch.get_dashboard(DashboardName="d")
    assert strict.counts()["stale"] == 0


def test_a_new_role_cannot_be_assumed_by_lambda_yet(strict: Strict, watch: Watch) -> None:
    role = strict.root("iam").create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)["Role"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "")
    function: dict[str, Any] = {
        "FunctionName": "f",
        "Role": role["Arn"],
        "Runtime": "python3.12",
        "Handler": "main.handler",
        "Code": {"ZipFile": content.getvalue()},
    }
    aws_lambda = strict.root("lambda")
    assert refusal(aws_lambda.create_function, **function) == (
        400,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
    watch.seconds += 3
    aws_lambda.create_function(**function)
    assert refusal(aws_lambda.get_function, FunctionName="f")[1] == "ResourceNotFoundException"


def test_without_a_lag_reads_see_writes(start: Start) -> None:
    strict = start(described())
    sqs = strict.root("sqs")
    assert "QueueUrls" not in sqs.list_queues()
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    assert sqs.get_queue_url(QueueName="q")["QueueUrl"] == url
    assert sqs.list_queues()["QueueUrls"] == [url]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Action=GetRole&RoleName=Role&Version=1", "Action=GetRole&RoleName=Ebyr&Version=1"),
        ('{"QueueUrl": "http://h/1/Role"}', '{"QueueUrl": "http://h/1/Ebyr"}'),
        ("arn%3Aaws%3Aiam%3A%3A1%3Arole%2FRole", "arn%3Aaws%3Aiam%3A%3A1%3Arole%2FEbyr"),
        ("/Role?policy", "/Ebyr?policy"),
        ("Role-2 my.Role aRole Role_", "Role-2 my.Role aRole Role_"),
    ],
)
def test_a_name_is_exchanged_where_it_stands_alone(text: str, expected: str) -> None:
    environ = unseen.asked({"QUERY_STRING": text}, text.encode(), "Role")
    assert (environ["QUERY_STRING"], environ["wsgi.input"].read()) == (expected, expected.encode())
    if expected != text:
        assert unseen.answered(b"no Ebyr here", "Role") == b"no Role here"
