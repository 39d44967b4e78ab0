"""What Scheduler refuses, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from tests.unit.skyproof.emulator.services.scheduler.conftest import Client, Schedule

Role = Callable[..., str]
QUEUE = "arn:aws:sqs:us-east-1:123456789012:box"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def universal(action: str) -> str:
    return f"arn:aws:scheduler:::aws-sdk:{action}"


def refusal(ask: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        ask()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ScheduleExpression": "rate(5 minute)"}, "Invalid Schedule Expression rate(5 minute)."),
        ({"ScheduleExpression": "at(2026-01-05)"}, "Invalid Schedule Expression at(2026-01-05)."),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "Timezone Mars/Olympus"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes has to be set"),
        (
            {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
            "MaximumWindowInMinutes cannot be set",
        ),
        ({"StartDate": NOW - timedelta(minutes=6)}, "cannot be earlier than 5 minutes ago"),
        ({"EndDate": NOW - timedelta(days=1)}, "EndDate"),
        ({"Name": "a b"}, "at 'name' failed to satisfy constraint"),
        (
            {"Target": {"RetryPolicy": {"MaximumRetryAttempts": 186}}},
            "Value '186' at 'target.retryPolicy.maximumRetryAttempts' failed",
        ),
        ({"Target": {"DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}}}, "deadLetterConfig.arn"),
    ],
)
def test_a_schedule_that_cannot_be(
    role: Role, schedule: Schedule, still: Clock, members: dict[str, Any], said: str
) -> None:
    arn = role()
    code, message = refusal(lambda: schedule("rate(1 hour)", QUEUE, arn, **members))
    assert (code, said in message) == ("ValidationException", True), message


@pytest.mark.parametrize(
    ("arn", "target", "said"),
    [
        ("box", {}, "Provided Arn is not in correct format."),
        ("arn:aws:s3:::box", {}, "s3 is not a supported service for a target."),
        (universal("sqs:getQueueUrl"), {}, "getQueueUrl only reads"),
        (universal("sqs:receiveMessage"), {}, "receiveMessage only reads"),
        (universal("sqs:sing"), {}, "sing is not a supported API action of sqs"),
        (universal("sqs:SendMessage"), {}, "SendMessage is not a supported API action of sqs"),
        (universal("events:putEvents"), {}, "events is not a supported service"),
        (universal("sqs:createQueue"), {"Input": "box"}, "Invalid RequestJson provided."),
        (universal("sqs:createQueue"), {"Input": "{}"}, '"QueueName"'),
        (universal("sqs:createQueue"), {"Input": '{"QueueName": "a", "B": 1}'}, "'B'"),
        (universal("sqs:createQueue"), {"Input": '{"QueueName": 7}'}, "QueueName"),
        (QUEUE, {"KinesisParameters": {"PartitionKey": "a"}}, "KinesisParameters is not supported"),
        ("arn:aws:kinesis:us-east-1:123456789012:stream/a", {}, "KinesisParameters is required"),
        ("arn:aws:lambda:us-east-1:123456789012:function:a", {"Input": "hello"}, "well-formed"),
    ],
)
def test_a_target_that_cannot_be(
    role: Role, schedule: Schedule, arn: str, target: dict[str, Any], said: str
) -> None:
    trusted = role()
    code, message = refusal(lambda: schedule("rate(1 hour)", arn, trusted, Target=target))
    assert (code, said in message) == ("ValidationException", True), message


def test_ways_to_put_events_that_are_not_emulated_are_named(role: Role, schedule: Schedule) -> None:
    parameters: dict[str, Any] = {"EventBridgePutRawEventsParameters": {}}
    bus, arn = "arn:aws:events:us-east-1:123456789012:event-bus/default", role()
    code, message = refusal(lambda: schedule("rate(1 hour)", bus, arn, Target=parameters))
    assert code == "NotImplemented"
    assert "EventBridgePutRawEventsParameters" in message


@pytest.mark.parametrize(
    ("source", "trusted"),
    [
        ("arn:aws:scheduler:us-east-1:123456789012:schedule-group/default", True),
        ("arn:aws:scheduler:us-east-1:123456789012:schedule/default/nightly", False),
    ],
)
def test_a_role_has_to_trust_the_schedules_group(
    role: Role, schedule: Schedule, source: str, trusted: bool
) -> None:
    arn = role(Condition={"ArnLike": {"aws:SourceArn": source}})
    if trusted:
        assert schedule("rate(1 hour)", QUEUE, arn)
        return
    code, message = refusal(lambda: schedule("rate(1 hour)", QUEUE, arn))
    wanted = (
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role"
    )
    assert (code, message) == ("ValidationException", f"{wanted}.")


def test_a_schedule_is_made_once(client: Client, role: Role, schedule: Schedule) -> None:
    arn = role()
    first = schedule("rate(1 hour)", QUEUE, arn, ClientToken="one")

    assert schedule("rate(1 hour)", QUEUE, arn, ClientToken="one") == first
    again = refusal(lambda: schedule("rate(1 hour)", QUEUE, arn))
    assert again == ("ConflictException", "Schedule nightly already exists.")


def test_what_is_not_there_is_named(client: Client, role: Role, schedule: Schedule) -> None:
    scheduler, arn = client("scheduler"), role()
    for ask, said in (
        (lambda: scheduler.get_schedule(Name="a"), "Schedule a does not exist."),
        (lambda: scheduler.delete_schedule(Name="a"), "Schedule a does not exist."),
        (lambda: scheduler.get_schedule_group(Name="g"), "Schedule group g does not exist."),
        (lambda: scheduler.list_schedules(GroupName="g"), "Schedule group g does not exist."),
        (
            lambda: schedule("rate(1 hour)", QUEUE, arn, GroupName="g"),
            "Schedule group g does not exist.",
        ),
    ):
        assert refusal(ask) == ("ResourceNotFoundException", said)


def test_tags_that_aws_keeps_for_itself(client: Client) -> None:
    tags = [{"Key": "aws:team", "Value": "shop"}]
    code, message = refusal(
        lambda: client("scheduler").create_schedule_group(Name="jobs", Tags=tags)
    )
    assert (code, "aws:team" in message) == ("ValidationException", True), message


def test_the_default_group_stays(client: Client) -> None:
    scheduler = client("scheduler")
    code, _ = refusal(lambda: scheduler.delete_schedule_group(Name="default"))
    assert code == "ValidationException"
    [group] = scheduler.list_schedule_groups()["ScheduleGroups"]
    assert (group["Name"], group["State"]) == ("default", "ACTIVE")


def test_schedules_are_listed_by_group_prefix_and_state_in_pages(
    client: Client, role: Role, schedule: Schedule
) -> None:
    scheduler, arn = client("scheduler"), role()
    scheduler.create_schedule_group(Name="jobs")
    for name, members in (
        ("day", {}),
        ("dusk", {"GroupName": "jobs"}),
        ("night", {"State": "DISABLED"}),
    ):
        schedule("rate(1 hour)", QUEUE, arn, Name=name, **members)

    def names(**which: str) -> list[str]:
        return [one["Name"] for one in scheduler.list_schedules(**which)["Schedules"]]

    assert names(NamePrefix="d") == ["day", "dusk"]
    assert names(GroupName="jobs") == ["dusk"]
    assert names(State="DISABLED") == ["night"]
    pages = scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": 2})
    found = [[one["Name"] for one in page["Schedules"]] for page in pages]
    assert found == [["day", "night"], ["dusk"]]
