"""Events that reach targets: by pattern, on a schedule, again when refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World

Client = Callable[..., Any]
ACCOUNT = "123456789012"


def rule(client: Client, target: dict[str, Any], **members: Any) -> str:
    events = client("events")
    given = members or {"EventPattern": json.dumps({"source": ["orders"]})}
    arn = events.put_rule(Name="rule", **given)["RuleArn"]
    events.put_targets(Rule="rule", Targets=[{"Id": "target", **target}])
    return str(arn)


def send(client: Client, source: str = "orders", **detail: Any) -> dict[str, Any]:
    entry = {"Source": source, "DetailType": "Order placed", "Detail": json.dumps(detail)}
    answer: dict[str, Any] = client("events").put_events(Entries=[entry])
    return answer


def test_an_event_that_matches_reaches_the_target(
    client: Client, mailbox: Any, still: Clock
) -> None:
    box = mailbox("box")
    rule(client, {"Arn": box.arn})

    answer = send(client, number=7)
    send(client, source="elsewhere")
    still.advance(0)

    assert box.bodies() == [
        {
            "version": "0",
            "id": answer["Entries"][0]["EventId"],
            "detail-type": "Order placed",
            "source": "orders",
            "account": ACCOUNT,
            "time": "2026-01-05T00:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": {"number": 7},
        }
    ]


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail"}, {"number": 7}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"number": "$.detail.number"},
                    "InputTemplate": '{"order": <number>}',
                }
            },
            {"order": 7},
        ),
    ],
)
def test_a_target_chooses_what_it_is_told(
    client: Client, mailbox: Any, still: Clock, target: dict[str, Any], body: Any
) -> None:
    box = mailbox("box")
    rule(client, {"Arn": box.arn, **target})

    send(client, number=7)
    still.advance(0)

    assert box.bodies() == [body]


def test_a_disabled_rule_is_silent(client: Client, mailbox: Any, still: Clock) -> None:
    box = mailbox("box")
    rule(client, {"Arn": box.arn})
    client("events").disable_rule(Name="rule")

    send(client)
    still.advance(0)

    assert box.take() == []


def test_a_rate_runs_from_when_the_rule_was_put(client: Client, mailbox: Any, still: Clock) -> None:
    box = mailbox("box")
    still.advance(17)
    arn = rule(client, {"Arn": box.arn}, ScheduleExpression="rate(5 minutes)")

    still.advance(600)

    bodies = box.bodies()
    assert [body["time"] for body in bodies] == ["2026-01-05T00:05:17Z", "2026-01-05T00:10:17Z"]
    assert bodies[0]["detail-type"] == "Scheduled Event"
    assert bodies[0]["resources"] == [arn]


def test_a_cron_runs_at_its_minutes(client: Client, mailbox: Any, still: Clock) -> None:
    box = mailbox("box")
    rule(client, {"Arn": box.arn}, ScheduleExpression="cron(30 6 ? * TUE-WED *)")

    still.advance(timedelta(days=3, hours=12).total_seconds())

    assert [body["time"] for body in box.bodies()] == [
        "2026-01-06T06:30:00Z",
        "2026-01-07T06:30:00Z",
    ]


@pytest.mark.parametrize("end", ["delete", "disable"])
def test_a_schedule_ends_with_its_rule(
    client: Client, mailbox: Any, still: Clock, end: str
) -> None:
    box = mailbox("box")
    rule(client, {"Arn": box.arn}, ScheduleExpression="rate(1 minute)")
    if end == "disable":
        client("events").disable_rule(Name="rule")
    else:
        client("events").remove_targets(Rule="rule", Ids=["target"])
        client("events").delete_rule(Name="rule")

    assert still.advance(600) == 0
    assert box.take() == []


def test_a_target_that_does_not_let_the_rule_in_costs_no_retries(
    client: Client, mailbox: Any, still: Clock
) -> None:
    box, dead = mailbox("box"), mailbox("dead")
    box.allow("sns.amazonaws.com")
    arn = rule(client, {"Arn": box.arn, "DeadLetterConfig": {"Arn": dead.arn}})

    send(client, number=7)
    still.advance(0)

    [letter] = dead.take()
    facts = {name: one["StringValue"] for name, one in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["detail"] == {"number": 7}
    assert facts | {"ERROR_MESSAGE": ""} == {
        "RULE_ARN": arn,
        "TARGET_ARN": box.arn,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "",
        "RETRY_ATTEMPTS": "0",
    }


def test_a_throttled_target_is_tried_again_with_growing_gaps(
    client: Client, still: Clock, world: World, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, dead = mailbox("box"), mailbox("dead")
    target = {
        "Arn": box.arn,
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    rule(client, target)
    tried: list[float] = []

    def throttled(*_: Any) -> None:
        tried.append(world.clock.now().timestamp())
        error = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
        raise ClientError(error, "SendMessage")

    monkeypatch.setitem(
        __import__("skyproof.emulator.services.events.targets", fromlist=["x"])._SENDERS,
        "sqs",
        throttled,
    )
    send(client)
    still.advance(600)

    gaps = [later - earlier for earlier, later in pairwise(tried)]
    [letter] = dead.take()
    assert gaps == [1, 2, 4]
    condition = letter["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"]
    assert condition == "MaximumRetryAttempts"


def test_an_event_crosses_to_the_bus_of_another_account(
    client: Client, mailbox: Any, still: Clock
) -> None:
    there = client("events", account="111122223333")
    box = mailbox("box", account="111122223333")
    pattern = json.dumps({"source": ["orders"]})
    there.put_rule(Name="there", EventPattern=pattern)
    there.put_targets(Rule="there", Targets=[{"Id": "box", "Arn": box.arn}])
    bus = "arn:aws:events:us-east-1:111122223333:event-bus/default"
    allow = {
        "Sid": "orders",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "events:PutEvents",
        "Resource": bus,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    there.put_permission(EventBusName="default", Policy=policy)
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    )
    role = iam.create_role(RoleName="sender", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}
    iam.put_role_policy(
        RoleName="sender",
        PolicyName="send",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]}),
    )
    rule(client, {"Arn": bus, "RoleArn": role})

    send(client, number=7)
    still.advance(0)

    [event] = box.bodies()
    assert (event["account"], event["detail"]) == (ACCOUNT, {"number": 7})


def test_a_log_group_gets_a_stream_for_each_event(client: Client, still: Clock) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    logs.put_resource_policy(policyName="events", policyDocument=policy)
    rule(client, {"Arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/orders"})

    send(client, number=7)
    still.advance(0)

    [event] = logs.filter_log_events(logGroupName="/aws/events/orders")["events"]
    assert json.loads(event["message"])["detail"] == {"number": 7}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (
            {"Source": "aws.s3", "DetailType": "x", "Detail": "{}"},
            "NotAuthorizedForSourceException",
        ),
        ({"Source": "orders", "DetailType": "x", "Detail": "[]"}, "MalformedDetail"),
        ({"Source": "orders", "Detail": "{}"}, "InvalidArgument"),
    ],
)
def test_what_put_events_refuses_is_refused(
    client: Client, entry: dict[str, str], code: str
) -> None:
    answer = client("events").put_events(Entries=[entry])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code


def _role(client: Client, *actions: str) -> str:
    """A role that may do these things."""
    iam = client("iam")
    trust = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Action": list(actions), "Resource": "*"}
    trust_text, allow_text = (
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one}]})
        for one in (trust, allow)
    )
    arn = iam.create_role(RoleName="rule", AssumeRolePolicyDocument=trust_text)["Role"]["Arn"]
    iam.put_role_policy(RoleName="rule", PolicyName="one", PolicyDocument=allow_text)
    return str(arn)


def test_a_stream_gets_events_by_the_key_that_they_hold(client: Client, still: Clock) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    target = {
        "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s",
        "RoleArn": _role(client, "kinesis:PutRecord"),
        "InputPath": "$.detail",
        "KinesisParameters": {"PartitionKeyPath": "$.detail.customer"},
    }
    rule(client, target)

    send(client, customer="c-7")
    still.advance(0)

    iterator = kinesis.get_shard_iterator(
        StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert (record["PartitionKey"], json.loads(record["Data"])) == ("c-7", {"customer": "c-7"})


def test_a_role_that_may_not_put_into_a_stream_is_refused(
    client: Client, still: Clock, world: World
) -> None:
    client("kinesis").create_stream(StreamName="s", ShardCount=1)
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"
    rule(client, {"Arn": arn, "RoleArn": _role(client, "kinesis:DescribeStream")})

    send(client)
    still.advance(0)

    outcomes = [one.outcome for one in world.happenings.about("stream/s")]
    assert outcomes == ["refused", "failed"]
