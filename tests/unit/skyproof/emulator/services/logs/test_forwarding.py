"""Log events passed on to Kinesis streams, of this account and through destinations of others."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY

Client = Callable[..., Any]

ACCOUNT, OTHER = "123456789012", "111122223333"


@pytest.fixture
def say(client: Client, still: Clock) -> Callable[..., None]:
    """``say(log_stream, line, …)``: log events of the group ``/shop``, now."""
    logs = client("logs")
    logs.create_log_group(logGroupName="/shop")
    for name in ("one", "two"):
        logs.create_log_stream(logGroupName="/shop", logStreamName=name)

    def put(log_stream: str, *lines: str) -> None:
        now = int(still.now().timestamp() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        logs.put_log_events(logGroupName="/shop", logStreamName=log_stream, logEvents=events)

    return put


def stream(client: Client, account: str = ACCOUNT) -> str:
    client("kinesis", account=account).create_stream(StreamName="s", ShardCount=1)
    return f"arn:aws:kinesis:us-east-1:{account}:stream/s"


def role(client: Client, action: str, account: str = ACCOUNT) -> str:
    """A role that may do one thing."""
    iam = client("iam", account=account)
    trusted = {"Principal": {"Service": "logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName="logs", AssumeRolePolicyDocument=_policy(**trusted))["Role"]
    document = _policy(Action=action, Resource="*")
    iam.put_role_policy(RoleName="logs", PolicyName="one", PolicyDocument=document)
    arn: str = made["Arn"]
    return arn


def _policy(**members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **members}]})


def subscribe(client: Client, target: str, **members: str) -> None:
    client("logs").put_subscription_filter(
        logGroupName="/shop",
        filterName="errors",
        filterPattern="ERROR",
        destinationArn=target,
        **members,
    )


def records(client: Client, account: str = ACCOUNT) -> list[tuple[str, dict[str, Any]]]:
    """Partition key and content of what is in the stream."""
    kinesis = client("kinesis", account=account)
    iterator = kinesis.get_shard_iterator(
        StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = kinesis.get_records(ShardIterator=iterator)["Records"]
    return [(one["PartitionKey"], json.loads(gzip.decompress(one["Data"]))) for one in found]


def test_a_subscription_puts_what_matches_into_a_stream(
    client: Client, say: Callable[..., None], still: Clock
) -> None:
    subscribe(client, stream(client), roleArn=role(client, "kinesis:PutRecord"))

    say("one", "ERROR 1", "fine", "ERROR 2")
    say("two", "ERROR 3")
    still.advance(0)

    (key, first), (other_key, second) = records(client)
    ids = [event.pop("id") for event in first["logEvents"]]
    assert len(set(ids)) == 2
    at = int(MONDAY.timestamp() * 1000)
    assert first == {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/shop",
        "logStream": "one",
        "subscriptionFilters": ["errors"],
        "logEvents": [
            {"timestamp": at, "message": "ERROR 1"},
            {"timestamp": at, "message": "ERROR 2"},
        ],
    }
    assert (key, other_key, second["logStream"]) == ("one", "two", "two")


def test_a_random_distribution_does_not_keep_log_streams_together(
    client: Client, say: Callable[..., None], still: Clock
) -> None:
    may_put = role(client, "kinesis:PutRecord")
    subscribe(client, stream(client), roleArn=may_put, distribution="Random")

    say("one", "ERROR 1")
    say("one", "ERROR 2")
    still.advance(0)

    assert len({key for key, _ in records(client)}) == 2


def test_a_role_that_may_not_put_passes_nothing_on(
    client: Client, say: Callable[..., None], still: Clock, world: World
) -> None:
    subscribe(client, stream(client), roleArn=role(client, "kinesis:PutRecords"))

    say("one", "ERROR 1")
    still.advance(0)

    assert records(client) == []
    [told] = world.happenings.about("stream/s")
    assert told.outcome == "refused"
    assert "kinesis:PutRecord" in told.reason


def test_a_destination_of_another_account_passes_events_on_under_its_own_role(
    client: Client, say: Callable[..., None], still: Clock, world: World
) -> None:
    theirs = client("logs", account=OTHER)
    may_put = role(client, "kinesis:PutRecord", OTHER)
    arn = theirs.put_destination(
        destinationName="central", targetArn=stream(client, OTHER), roleArn=may_put
    )["destination"]["arn"]
    let_in = {"Principal": {"AWS": ACCOUNT}, "Action": "logs:PutSubscriptionFilter"}
    policy = _policy(**let_in, Resource=arn)
    theirs.put_destination_policy(destinationName="central", accessPolicy=policy)
    subscribe(client, arn)

    say("one", "ERROR 1")
    still.advance(0)

    [(_, content)] = records(client, OTHER)
    assert (content["owner"], content["logEvents"][0]["message"]) == (ACCOUNT, "ERROR 1")
    assert [one.outcome for one in world.happenings.about("destination:central")] == ["done"]

    theirs.delete_destination(destinationName="central")
    say("one", "ERROR 2")
    still.advance(0)

    told = world.happenings.about("destination:central")[-1]
    assert (told.outcome, "does not exist" in told.reason) == ("refused", True)
    assert len(records(client, OTHER)) == 1
