"""Event source mappings as they are asked for, answered, changed and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.skyproof.emulator.conftest import Mailbox

Client = Callable[..., Any]
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:ship"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-05T00:00:00.000"


@pytest.fixture
def queue(client: Client) -> str:
    arn: str = Mailbox(client("sqs"), "orders").arn
    return arn


@pytest.fixture
def ship(function: Any) -> str:
    return str(function("ship", ""))


def settled(client: Client, answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client("lambda").get_event_source_mapping(UUID=answer["UUID"])
    return {name: found[name] for name in found if name not in ("ResponseMetadata", "LastModified")}


def test_a_queue_s_mapping_has_the_defaults_of_queues(
    client: Client, queue: str, ship: str
) -> None:
    answer = client("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName="ship")

    identifier = answer["UUID"]
    assert answer["State"] == "Creating"
    assert settled(client, answer) == {
        "UUID": identifier,
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": queue,
        "FunctionArn": ship,
        "FunctionResponseTypes": [],
        "State": "Enabled",
        "StateTransitionReason": "USER_INITIATED",
        "EventSourceMappingArn": (
            f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{identifier}"
        ),
    }


def test_every_setting_of_a_stream_is_kept(client: Client, mailbox: Any, ship: str) -> None:
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    settings = {
        "BatchSize": 50,
        "MaximumBatchingWindowInSeconds": 5,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": mailbox("lost").arn}},
        "MaximumRecordAgeInSeconds": 600,
        "MaximumRetryAttempts": 4,
        "ParallelizationFactor": 3,
        "StartingPosition": "LATEST",
    }

    made = client("lambda").create_event_source_mapping(
        EventSourceArn=STREAM, FunctionName=ship, **settings
    )

    got = settled(client, made)
    assert {name: got[name] for name in settings} == settings
    assert (got["TumblingWindowInSeconds"], got["LastProcessingResult"]) == (
        0,
        "No records processed",
    )


def test_what_a_change_empties_is_gone_and_what_it_omits_stays(
    client: Client, queue: str, ship: str
) -> None:
    awslambda = client("lambda")
    made = awslambda.create_event_source_mapping(
        EventSourceArn=queue,
        FunctionName=ship,
        BatchSize=3,
        ScalingConfig={"MaximumConcurrency": 7},
        FilterCriteria={"Filters": [{"Pattern": '{"body": ["x"]}'}]},
    )

    changed = awslambda.update_event_source_mapping(
        UUID=made["UUID"], ScalingConfig={}, FilterCriteria={}, Enabled=False
    )

    got = settled(client, made)
    assert changed["State"] == "Updating"
    assert (got["BatchSize"], got["State"]) == (3, "Disabled")
    assert not {"ScalingConfig", "FilterCriteria"} & set(got)


def test_mappings_are_listed_by_source_and_by_function(
    client: Client, queue: str, ship: str, function: Any, mailbox: Any
) -> None:
    awslambda = client("lambda")
    pack = function("pack", "")
    first = awslambda.create_event_source_mapping(EventSourceArn=queue, FunctionName=ship)
    other = mailbox("other").arn
    second = awslambda.create_event_source_mapping(EventSourceArn=other, FunctionName=pack)

    def listed(**where: str) -> list[str]:
        found = awslambda.list_event_source_mappings(**where)["EventSourceMappings"]
        return [one["UUID"] for one in found]

    assert listed() == [first["UUID"], second["UUID"]]
    assert listed(EventSourceArn=other) == [second["UUID"]]
    assert listed(FunctionName="ship") == [first["UUID"]]


def test_a_deleted_mapping_says_so_once(client: Client, queue: str, ship: str) -> None:
    awslambda = client("lambda")
    made = awslambda.create_event_source_mapping(EventSourceArn=queue, FunctionName=ship)

    deleted = awslambda.delete_event_source_mapping(UUID=made["UUID"])

    assert deleted["State"] == "Deleting"
    with pytest.raises(awslambda.exceptions.ResourceNotFoundException):
        awslambda.get_event_source_mapping(UUID=made["UUID"])


def refusal(client: Client, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        client("lambda").create_event_source_mapping(FunctionName="ship", **params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_second_mapping_of_the_same_two_is_refused(client: Client, queue: str, ship: str) -> None:
    del ship
    made = client("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName="ship")

    assert refusal(client, EventSourceArn=queue) == (
        "ResourceConflictException",
        f'An event source mapping with SQS arn (" {queue} ") and function (" ship ") already '
        f"exists. Please update or delete the existing mapping with UUID {made['UUID']}",
    )


def test_a_function_that_may_outlast_the_message_s_being_hidden_is_refused(
    client: Client, function: Any, queue: str
) -> None:
    function("ship", "", Timeout=60)

    assert refusal(client, EventSourceArn=queue) == (
        "InvalidParameterValueException",
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    )


def test_the_function_s_role_needs_each_permission_of_a_queue(
    client: Client, queue: str, ship: str
) -> None:
    del ship
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for missing in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        deny = {"Effect": "Deny", "Action": f"sqs:{missing}", "Resource": "*"}
        client("iam").put_role_policy(
            RoleName="ship-role",
            PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]}),
        )

        assert refusal(client, EventSourceArn=queue) == (
            "InvalidParameterValueException",
            f"The provided execution role does not have permissions to call {missing} on SQS",
        )


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"EventSourceArn": TABLE}, "NotImplemented", "dynamodb are not polled"),
    (
        {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a.example:9092"]}}},
        "NotImplemented",
        "are not polled",
    ),
    ({"BatchSize": 11}, "InvalidParameterValueException", "must be greater than 0"),
    (
        {"StartingPosition": "LATEST"},
        "InvalidParameterValueException",
        "StartingPosition is not valid for SQS event sources.",
    ),
    (
        {"MaximumRetryAttempts": 3},
        "InvalidParameterValueException",
        "Unsupported MaximumRetryAttempts parameter",
    ),
    (
        {"FilterCriteria": {"Filters": [{"Pattern": '{"body": "x"}'}]}},
        "InvalidParameterValueException",
        "Invalid filter pattern definition.",
    ),
    (
        {"EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:none"},
        "InvalidParameterValueException",
        "NonExistentQueue",
    ),
    (
        {"EventSourceArn": f"{STREAM}", "StartingPosition": "LATEST"},
        "InvalidParameterValueException",
        "Stream not found",
    ),
    (
        {
            "EventSourceArn": STREAM,
            "StartingPosition": "LATEST",
            "TumblingWindowInSeconds": 30,
        },
        "NotImplemented",
        "tumbling windows",
    ),
    (
        {"EventSourceArn": STREAM},
        "InvalidParameterValueException",
        "Value null at 'startingPosition'",
    ),
]


def test_what_cannot_be_is_refused(client: Client, queue: str, ship: str) -> None:
    del ship
    for params, code, words in REFUSED:
        source = {} if "SelfManagedEventSource" in params else {"EventSourceArn": queue}

        got, message = refusal(client, **{**source, **params})

        assert (got, words in message) == (code, True), f"{params}: {got}: {message}"
