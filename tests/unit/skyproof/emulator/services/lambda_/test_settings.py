"""Settings beside the configuration: invocation, recursion, runtime, code signing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
Create = Callable[..., dict[str, Any]]

ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"
LOST = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:lost"}}
PUBLISHERS = {
    "SigningProfileVersionArns": [
        "arn:aws:signer:us-east-1:123456789012:/signing-profiles/builds/abcdefghij"
    ]
}


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    code: str = error.value.response["Error"]["Code"]
    return code


def test_how_a_function_is_invoked_is_put_updated_and_deleted(
    client: Client, create: Create
) -> None:
    create()
    functions = client("lambda")
    put = functions.put_function_event_invoke_config(
        FunctionName="orders", MaximumEventAgeInSeconds=3600, DestinationConfig=LOST
    )
    want = {"OnSuccess": {}, **LOST}
    assert (put["FunctionArn"], put["DestinationConfig"]) == (f"{ARN}:$LATEST", want)
    updated = functions.update_function_event_invoke_config(
        FunctionName="orders", MaximumRetryAttempts=0
    )
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (0, 3600)
    got = functions.get_function_event_invoke_config(FunctionName="orders")
    assert (got["MaximumRetryAttempts"], got["DestinationConfig"]) == (0, want)
    listed = functions.list_function_event_invoke_configs(FunctionName="orders")
    assert [one["FunctionArn"] for one in listed["FunctionEventInvokeConfigs"]] == [
        f"{ARN}:$LATEST"
    ]

    functions.delete_function_event_invoke_config(FunctionName="orders")
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig") as caught:
        functions.get_function_event_invoke_config(FunctionName="orders")
    assert code_of(caught) == "ResourceNotFoundException"


def test_a_second_put_takes_the_place_of_the_first(client: Client, create: Create) -> None:
    create()
    functions = client("lambda")
    functions.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=1)
    put = functions.put_function_event_invoke_config(
        FunctionName="orders", MaximumEventAgeInSeconds=60
    )
    assert "MaximumRetryAttempts" not in put


def test_aliases_are_invoked_in_their_own_way(client: Client, create: Create) -> None:
    create(Publish=True)
    functions = client("lambda")
    functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    put = functions.put_function_event_invoke_config(
        FunctionName="orders", Qualifier="live", MaximumRetryAttempts=1
    )
    assert put["FunctionArn"] == f"{ARN}:live"
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        functions.get_function_event_invoke_config(FunctionName="orders")

    functions.delete_alias(FunctionName="orders", Name="live")
    functions.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    with pytest.raises(ClientError, match="orders:live doesn't have an EventInvokeConfig"):
        functions.get_function_event_invoke_config(FunctionName="orders", Qualifier="live")


def test_the_tags_of_a_function_are_put_and_taken_away(client: Client, create: Create) -> None:
    create(Tags={"stage": "test", "team": "orders"})
    functions = client("lambda")
    functions.tag_resource(Resource=ARN, Tags={"stage": "production"})
    functions.untag_resource(Resource=ARN, TagKeys=["team"])
    assert functions.list_tags(Resource=ARN)["Tags"] == {"stage": "production"}
    assert functions.get_function(FunctionName="orders")["Tags"] == {"stage": "production"}


def test_the_tags_of_a_code_signing_configuration_are_put_and_taken_away(client: Client) -> None:
    functions = client("lambda")
    made = functions.create_code_signing_config(AllowedPublishers=PUBLISHERS, Tags={"a": "1"})
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    functions.tag_resource(Resource=arn, Tags={"b": "2"})
    functions.untag_resource(Resource=arn, TagKeys=["a"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_a_function_is_made_with_a_code_signing_configuration_that_exists(
    client: Client, create: Create
) -> None:
    functions = client("lambda")
    made = functions.create_code_signing_config(AllowedPublishers=PUBLISHERS)["CodeSigningConfig"]
    arn = made["CodeSigningConfigArn"]
    with pytest.raises(ClientError) as caught:
        create("unsigned", CodeSigningConfigArn=arn[:-17] + "0" * 17)
    assert code_of(caught) == "CodeSigningConfigNotFoundException"
    create(CodeSigningConfigArn=arn)
    got = functions.get_function_code_signing_config(FunctionName="orders")
    assert got["CodeSigningConfigArn"] == arn


def test_loops_are_ended_unless_they_are_allowed(client: Client, create: Create) -> None:
    create()
    functions = client("lambda")
    before = functions.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"]
    functions.put_function_recursion_config(FunctionName=ARN, RecursiveLoop="Allow")
    after = functions.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"]
    assert (before, after) == ("Terminate", "Allow")


def test_the_runtime_is_updated_as_is_asked(client: Client, create: Create) -> None:
    create()
    functions = client("lambda")
    before = functions.get_runtime_management_config(FunctionName="orders")
    assert (before["UpdateRuntimeOn"], before["FunctionArn"]) == ("Auto", f"{ARN}:$LATEST")
    runtime = f"arn:aws:lambda:us-east-1::runtime:{'a' * 64}"
    functions.put_runtime_management_config(
        FunctionName="orders", UpdateRuntimeOn="Manual", RuntimeVersionArn=runtime
    )
    got = functions.get_runtime_management_config(FunctionName="orders")
    assert (got["UpdateRuntimeOn"], got["RuntimeVersionArn"]) == ("Manual", runtime)


def test_a_runtime_version_goes_with_manual_alone(client: Client, create: Create) -> None:
    create()
    with pytest.raises(ClientError) as caught:
        client("lambda").put_runtime_management_config(
            FunctionName="orders", UpdateRuntimeOn="Manual"
        )
    assert code_of(caught) == "InvalidParameterValueException"


def test_a_version_that_is_not_there_has_no_runtime(client: Client, create: Create) -> None:
    create()
    with pytest.raises(ClientError, match="orders:7") as caught:
        client("lambda").get_runtime_management_config(FunctionName="orders", Qualifier="7")
    assert code_of(caught) == "ResourceNotFoundException"


def test_a_function_without_code_signing_says_so(client: Client, create: Create) -> None:
    create()
    got = client("lambda").get_function_code_signing_config(FunctionName="orders")
    assert (got["FunctionName"], got["CodeSigningConfigArn"]) == ("orders", "")


def test_code_signing_is_made_attached_and_deleted(client: Client, create: Create) -> None:
    create()
    functions = client("lambda")
    made = functions.create_code_signing_config(AllowedPublishers=PUBLISHERS)["CodeSigningConfig"]
    arn = made["CodeSigningConfigArn"]
    assert made["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}

    functions.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=arn)
    got = functions.get_function_code_signing_config(FunctionName="orders")
    assert got["CodeSigningConfigArn"] == arn
    users = functions.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)
    assert users["FunctionArns"] == [ARN]
    with pytest.raises(ClientError) as caught:
        functions.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert code_of(caught) == "ResourceConflictException"

    functions.delete_function_code_signing_config(FunctionName="orders")
    updated = functions.update_code_signing_config(CodeSigningConfigArn=arn, Description="builds")
    assert updated["CodeSigningConfig"]["Description"] == "builds"
    functions.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert functions.list_code_signing_configs()["CodeSigningConfigs"] == []
    with pytest.raises(ClientError) as caught:
        functions.get_code_signing_config(CodeSigningConfigArn=arn)
    assert code_of(caught) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "read",
    [
        "get_function_recursion_config",
        "get_runtime_management_config",
        "get_function_code_signing_config",
        "get_function_event_invoke_config",
    ],
)
def test_a_function_that_is_not_there_has_no_settings(client: Client, read: str) -> None:
    with pytest.raises(ClientError, match="Function not found: arn:aws:lambda") as caught:
        getattr(client("lambda"), read)(FunctionName="nobody")
    assert code_of(caught) == "ResourceNotFoundException"


def test_each_change_is_a_revision_of_its_own(client: Client, create: Create) -> None:
    functions, seen = client("lambda"), [create()["RevisionId"]]
    changed = functions.update_function_configuration(FunctionName="orders", Timeout=9)
    read = functions.get_function_configuration(FunctionName="orders")
    assert read["RevisionId"] == changed["RevisionId"]
    seen.append(changed["RevisionId"])
    seen.append(functions.publish_version(FunctionName="orders")["RevisionId"])
    assert len(set(seen)) == 3, seen


@pytest.mark.parametrize("operation", ["update_function_configuration", "publish_version"])
def test_an_update_of_an_older_revision_is_refused(
    client: Client, create: Create, operation: str
) -> None:
    functions, first = client("lambda"), create()["RevisionId"]
    now = functions.update_function_configuration(FunctionName="orders", Timeout=9)["RevisionId"]
    with pytest.raises(ClientError, match="does not match the latest Revision Id") as caught:
        getattr(functions, operation)(FunctionName="orders", RevisionId=first)
    assert code_of(caught) == "PreconditionFailedException"
    getattr(functions, operation)(FunctionName="orders", RevisionId=now)


def test_a_function_without_layers_has_no_list_of_them(client: Client, create: Create) -> None:
    assert "Layers" not in create()
    [listed] = client("lambda").list_functions()["Functions"]
    assert "Layers" not in listed
