"""Every field of a configuration comes back as it was put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Create = Callable[..., dict[str, Any]]

FIELDS: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:lost"},
    "LoggingConfig": {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "DEBUG",
        "SystemLogLevel": "WARN",
        "LogGroup": "/functions/orders",
    },
    "TracingConfig": {"Mode": "Active"},
    "EphemeralStorage": {"Size": 2048},
    "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0b6d6c2c-1111-4222-8333-444455556666",
    "DurableConfig": {"RetentionPeriodInDays": 7, "ExecutionTimeout": 600},
    "FileSystemConfigs": [
        {
            "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/"
            "fsap-0123456789abcdef0",
            "LocalMountPath": "/mnt/data",
        }
    ],
    "Description": "Takes orders",
    "Environment": {"Variables": {"STAGE": "test"}},
    "Handler": "main.other",
    "MemorySize": 512,
    "Runtime": "python3.13",
    "Timeout": 30,
}


def configuration(client: Client, **where: str) -> dict[str, Any]:
    got: dict[str, Any] = client("lambda").get_function_configuration(
        **{"FunctionName": "orders", **where}
    )
    return got


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_kept_from_the_start(client: Client, create: Create, field: str) -> None:
    assert create(**{field: FIELDS[field]})[field] == FIELDS[field]
    assert configuration(client)[field] == FIELDS[field]
    listed = client("lambda").list_functions()["Functions"]
    assert [one[field] for one in listed] == [FIELDS[field]]
    assert (
        client("lambda").get_function(FunctionName="orders")["Configuration"][field]
        == FIELDS[field]
    )


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_kept_after_an_update(client: Client, create: Create, field: str) -> None:
    create()
    updated = client("lambda").update_function_configuration(
        FunctionName="orders", **{field: FIELDS[field]}
    )
    assert updated[field] == FIELDS[field]
    client("lambda").update_function_configuration(FunctionName="orders", Layers=[])
    assert configuration(client)[field] == FIELDS[field], "an update of another field dropped it"


def test_defaults_are_those_of_aws(create: Create) -> None:
    created = create()
    assert created["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"}
    assert created["TracingConfig"] == {"Mode": "PassThrough"}
    assert created["EphemeralStorage"] == {"Size": 512}
    assert created["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert {"DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn"} & created.keys() == set()


def test_json_logs_have_levels_and_text_logs_have_none(client: Client, create: Create) -> None:
    got = create(LoggingConfig={"LogFormat": "JSON"})["LoggingConfig"]
    assert got == {
        "LogFormat": "JSON",
        "LogGroup": "/aws/lambda/orders",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
    updated = client("lambda").update_function_configuration(
        FunctionName="orders", LoggingConfig={"LogFormat": "Text"}
    )
    assert updated["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/orders"}


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        ("DeadLetterConfig", {}),
        ("DeadLetterConfig", {"TargetArn": ""}),
        ("FileSystemConfigs", []),
        ("KMSKeyArn", ""),
        ("Environment", {}),
    ],
)
def test_an_empty_value_clears_a_field(
    client: Client, create: Create, field: str, empty: Any
) -> None:
    create(**{field: FIELDS[field]})
    client("lambda").update_function_configuration(FunctionName="orders", **{field: empty})
    assert field not in configuration(client)


def test_a_published_version_keeps_what_the_function_was(client: Client, create: Create) -> None:
    create(DeadLetterConfig=FIELDS["DeadLetterConfig"])
    version = client("lambda").publish_version(FunctionName="orders")["Version"]
    client("lambda").update_function_configuration(FunctionName="orders", DeadLetterConfig={})
    got = {
        one["Version"]: one.get("DeadLetterConfig")
        for one in client("lambda").list_versions_by_function(FunctionName="orders")["Versions"]
    }
    assert got == {"$LATEST": None, version: FIELDS["DeadLetterConfig"]}
    assert (
        configuration(client, Qualifier=version)["DeadLetterConfig"] == FIELDS["DeadLetterConfig"]
    )


def test_snap_start_is_on_in_published_versions_alone(client: Client, create: Create) -> None:
    created = create(SnapStart={"ApplyOn": "PublishedVersions"})
    published = client("lambda").publish_version(FunctionName="orders")
    got = [one["SnapStart"]["OptimizationStatus"] for one in (created, published)]
    assert got == ["Off", "On"]


def test_a_function_that_is_published_when_it_is_made(client: Client, create: Create) -> None:
    created = create(Publish=True, TracingConfig={"Mode": "Active"})
    assert created["TracingConfig"] == {"Mode": "Active"}
    versions = client("lambda").list_versions_by_function(FunctionName="orders")["Versions"]
    assert {one["Version"]: one["TracingConfig"]["Mode"] for one in versions} == {
        "$LATEST": "Active",
        "1": "Active",
    }


def test_what_only_a_new_function_takes_is_kept(client: Client, create: Create) -> None:
    create(TenancyConfig={"TenantIsolationMode": "PER_TENANT"}, Architectures=["arm64"])
    got = configuration(client)
    assert got["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}
    assert got["Architectures"] == ["arm64"]


def test_an_image_is_run_as_is_asked(client: Client, create: Create) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:latest"
    image = {"EntryPoint": ["/run"], "Command": ["orders"], "WorkingDirectory": "/srv"}
    made = {"PackageType": "Image", "Code": {"ImageUri": uri}, "Runtime": None, "Handler": None}
    created = create(**made, ImageConfig={"Command": ["first"]})
    assert created["ImageConfigResponse"] == {"ImageConfig": {"Command": ["first"]}}
    updated = client("lambda").update_function_configuration(
        FunctionName="orders", ImageConfig=image
    )
    assert updated["ImageConfigResponse"] == {"ImageConfig": image}
    code = client("lambda").get_function(FunctionName="orders")["Code"]
    assert (code["RepositoryType"], code["ImageUri"]) == ("ECR", uri)
    client("lambda").update_function_configuration(FunctionName="orders", ImageConfig={})
    assert "ImageConfigResponse" not in configuration(client)


def test_a_function_in_a_vpc_knows_which(client: Client, create: Create) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    asked = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    want = {**asked, "VpcId": vpc, "Ipv6AllowedForDualStack": False}
    assert create(VpcConfig=asked)["VpcConfig"] == want
    assert configuration(client)["VpcConfig"] == want
    away: dict[str, Any] = {"SubnetIds": [], "SecurityGroupIds": []}
    client("lambda").update_function_configuration(FunctionName="orders", VpcConfig=away)
    assert "VpcConfig" not in configuration(client)


def test_times_are_written_as_aws_writes_them(create: Create) -> None:
    assert create()["LastModified"][-5:] == "+0000"
    assert len(create("again")["LastModified"]) == len("2026-01-05T00:00:00.000+0000")


def test_a_reserved_concurrency_of_zero_is_shown(client: Client, create: Create) -> None:
    create()
    client("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    got = client("lambda").get_function(FunctionName="orders")["Concurrency"]
    assert got == {"ReservedConcurrentExecutions": 0}


def test_accounts_and_regions_know_nothing_of_one_another(client: Client, create: Create) -> None:
    create(TracingConfig={"Mode": "Active"})
    for where in ({"region": "eu-west-1"}, {"account": "111122223333"}):
        with pytest.raises(Exception, match="Function not found"):
            client("lambda", **where).get_function(FunctionName="orders")


def test_a_function_made_again_begins_anew(client: Client, create: Create) -> None:
    create(DeadLetterConfig=FIELDS["DeadLetterConfig"])
    client("lambda").delete_function(FunctionName="orders")
    client("iam").delete_role(RoleName="orders-role")
    assert "DeadLetterConfig" not in create()
