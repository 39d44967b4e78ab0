"""Subscription filters, and the destinations that Logs tries when they are put."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

ACCOUNT, OTHER = "123456789012", "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"


@pytest.fixture
def logs(client: Client) -> Any:
    made = client("logs")
    made.create_log_group(logGroupName="/shop")
    return made


@pytest.fixture
def function(client: Client) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    arn: str = client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.12",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": content.getvalue()},
    )["FunctionArn"]
    return arn


@pytest.fixture
def stream(client: Client) -> str:
    client("kinesis").create_stream(StreamName="s", ShardCount=1)
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"


def put(logs: Any, destination: str, name: str = "errors", **members: str) -> None:
    logs.put_subscription_filter(
        logGroupName="/shop",
        filterName=name,
        filterPattern="ERROR",
        destinationArn=destination,
        **members,
    )


def names(logs: Any) -> list[str]:
    found = logs.describe_subscription_filters(logGroupName="/shop")["subscriptionFilters"]
    return [one["filterName"] for one in found]


def refused(logs: Any, destination: str, said: str, **members: str) -> None:
    with pytest.raises(ClientError, match=said):
        put(logs, destination, **members)
    assert names(logs) == []


def allow_logs(client: Client, **conditions: str) -> None:
    client("lambda").add_permission(
        FunctionName="f",
        StatementId="logs",
        Action="lambda:InvokeFunction",
        Principal="logs.amazonaws.com",
        **conditions,
    )


def test_a_filter_is_put_changed_and_deleted(logs: Any, stream: str) -> None:
    put(logs, stream, roleArn=ROLE)
    [made] = logs.describe_subscription_filters(logGroupName="/shop")["subscriptionFilters"]
    assert (made["filterPattern"], made["destinationArn"], made["distribution"]) == (
        "ERROR",
        stream,
        "ByLogStream",
    )
    put(logs, stream, roleArn=ROLE, distribution="Random")
    [changed] = logs.describe_subscription_filters(logGroupName="/shop")["subscriptionFilters"]
    assert changed["distribution"] == "Random"
    assert changed["creationTime"] == made["creationTime"]
    logs.delete_subscription_filter(logGroupName="/shop", filterName="errors")
    assert names(logs) == []
    with pytest.raises(ClientError, match="The specified subscription filter does not exist"):
        logs.delete_subscription_filter(logGroupName="/shop", filterName="errors")


def test_a_group_has_two_at_most(logs: Any, stream: str) -> None:
    put(logs, stream, "one", roleArn=ROLE)
    put(logs, stream, "two", roleArn=ROLE)
    with pytest.raises(ClientError, match="Resource limit exceeded"):
        put(logs, stream, "three", roleArn=ROLE)
    assert names(logs) == ["one", "two"]


def test_a_function_must_let_logs_invoke_it(client: Client, logs: Any, function: str) -> None:
    refused(logs, function, "Could not execute the lambda function")
    allow_logs(client, SourceAccount=ACCOUNT)
    put(logs, function)
    assert names(logs) == ["errors"]


def test_a_permission_for_another_account_is_none(client: Client, logs: Any, function: str) -> None:
    allow_logs(client, SourceAccount=OTHER)
    refused(logs, function, "Could not execute the lambda function")


@pytest.mark.parametrize(
    ("destination", "members", "said"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:q", {}, "cannot work with destinationArn for vendor"),
        ("arn:aws:kinesis:us-east-1:123456789012:stream/s", {}, "cannot be used without roleArn"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            {"roleArn": ROLE},
            "cannot be used with roleArn",
        ),
        (
            "arn:aws:kinesis:us-east-1:123456789012:stream/gone",
            {"roleArn": ROLE},
            "Could not deliver test message to specified Kinesis stream",
        ),
        (
            "arn:aws:firehose:us-east-1:123456789012:deliverystream/gone",
            {"roleArn": ROLE},
            "Could not deliver test message to specified Firehose stream",
        ),
        ("arn:aws:logs:us-east-1:123456789012:destination:gone", {}, "does not exist"),
    ],
)
def test_a_destination_that_cannot_be_reached_is_refused(
    logs: Any, destination: str, members: dict[str, str], said: str
) -> None:
    refused(logs, destination, said, **members)


def test_another_accounts_destination_must_let_this_one_in(
    client: Client, logs: Any, stream: str
) -> None:
    theirs = client("logs", account=OTHER)
    arn = theirs.put_destination(destinationName="d", targetArn=stream, roleArn=ROLE)[
        "destination"
    ]["arn"]
    refused(logs, arn, "is not authorized to perform PutSubscriptionFilter")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "logs:PutSubscriptionFilter",
        "Resource": arn,
    }
    theirs.put_destination_policy(
        destinationName="d",
        accessPolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    put(logs, arn)
    assert names(logs) == ["errors"]
