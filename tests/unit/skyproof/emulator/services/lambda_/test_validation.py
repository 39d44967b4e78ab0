"""What Lambda refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
Create = Callable[..., dict[str, Any]]


def refused(request: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        request(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        ("LoggingConfig", {"LogGroup": "a group"}, "'loggingConfig.logGroup'"),
        ("LoggingConfig", {"LogFormat": "XML"}, "enum value set: [JSON, Text]"),
        ("EphemeralStorage", {"Size": 511}, "greater than or equal to 512"),
        ("TracingConfig", {"Mode": "On"}, "'tracingConfig.mode'"),
        ("DeadLetterConfig", {"TargetArn": "lost"}, "'deadLetterConfig.targetArn'"),
        ("Timeout", 0, "greater than or equal to 1"),
    ],
)
def test_a_value_that_the_api_does_not_know_is_refused(
    client: Client, create: Create, member: str, value: Any, said: str
) -> None:
    with pytest.raises(ClientError) as caught:
        create("refused", **{member: value})
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    create()
    code, message = refused(
        client("lambda").update_function_configuration, FunctionName="orders", **{member: value}
    )
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value ")
    assert said in message


def test_dead_letters_go_to_a_queue_or_a_topic(client: Client, create: Create) -> None:
    create(DeadLetterConfig={"TargetArn": "arn:aws:sns:us-east-1:123456789012:lost"})
    code, message = refused(
        client("lambda").update_function_configuration,
        FunctionName="orders",
        DeadLetterConfig={"TargetArn": "arn:aws:s3:::lost"},
    )
    assert (code, "arn:aws:s3:::lost" in message) == ("InvalidParameterValueException", True)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("MaximumEventAgeInSeconds", 59),
        ("MaximumEventAgeInSeconds", 21601),
        ("MaximumRetryAttempts", -1),
        ("MaximumRetryAttempts", 3),
        ("DestinationConfig", {"OnFailure": {"Destination": "lost"}}),
    ],
)
def test_how_a_function_is_invoked_has_limits(
    client: Client, create: Create, setting: str, value: Any
) -> None:
    create()
    functions = client("lambda")
    for request in (
        functions.put_function_event_invoke_config,
        functions.update_function_event_invoke_config,
    ):
        assert refused(request, FunctionName="orders", **{setting: value})[0] == (
            "ValidationException"
        )


def test_a_subnet_that_is_not_there_is_refused(create: Create) -> None:
    asked: dict[str, list[str]] = {"SubnetIds": ["subnet-0123456789abcdef0"]}
    code, message = refused(create, VpcConfig=asked)
    said = "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound"
    assert (code, message[: len(said)]) == ("InvalidParameterValueException", said)


@pytest.mark.parametrize("where", [{"Qualifier": "$LATEST"}, {"FunctionName": "orders:$LATEST"}])
def test_the_latest_version_goes_with_its_function_alone(
    client: Client, create: Create, where: dict[str, str]
) -> None:
    create()
    request = client("lambda").delete_function
    code, message = refused(request, **{"FunctionName": "orders", **where})
    assert (code, message) == (
        "InvalidParameterValueException",
        "$LATEST version cannot be deleted without deleting the function.",
    )
    assert client("lambda").get_function(FunctionName="orders")["Configuration"]


def test_an_alias_is_not_deleted_as_a_version(client: Client, create: Create) -> None:
    create(Publish=True)
    client("lambda").create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    request = client("lambda").delete_function
    got = refused(request, FunctionName="orders", Qualifier="live")
    assert got == (
        "InvalidParameterValueException",
        "Deletion of aliases is not currently supported.",
    )


def test_a_version_is_forgotten_alone(client: Client, create: Create) -> None:
    create(Publish=True)
    functions = client("lambda")
    functions.put_function_event_invoke_config(
        FunctionName="orders", Qualifier="1", MaximumRetryAttempts=1
    )
    functions.delete_function(FunctionName="orders", Qualifier="1")
    versions = functions.list_versions_by_function(FunctionName="orders")["Versions"]
    assert [one["Version"] for one in versions] == ["$LATEST"]
    listed = functions.list_function_event_invoke_configs(FunctionName="orders")
    assert listed["FunctionEventInvokeConfigs"] == []
    functions.delete_function(FunctionName="orders")
    assert refused(functions.delete_function, FunctionName="orders")[0] == (
        "ResourceNotFoundException"
    )
