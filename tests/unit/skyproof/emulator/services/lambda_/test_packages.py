"""A function's package can be fetched where GetFunction says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError
from werkzeug.test import Client as HttpClient

from skyproof.emulator import Emulator
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.lambda_.conftest import TRUST, package

Client = Callable[..., Any]
Create = Callable[..., dict[str, Any]]


@pytest.fixture
def fetch(world: World) -> Callable[[str], bytes]:
    """Plain HTTP without a signature, as a browser would."""

    def get(url: str) -> bytes:
        answer = HttpClient(Gateway(world)).get(url)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    return get


def located(client: Client, **where: str) -> str:
    got = client("lambda").get_function(FunctionName="orders", **where)["Code"]
    assert got["RepositoryType"] == "S3"
    location: str = got["Location"]
    return location


def test_what_was_uploaded_is_what_lies_there(
    client: Client, create: Create, fetch: Callable[[str], bytes]
) -> None:
    created = create(Code={"ZipFile": package("first")})
    content = fetch(located(client))
    assert content == package("first")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (created["CodeSha256"], created["CodeSize"]) == (digest, len(content))


def test_a_package_from_a_bucket_lies_there_too(
    client: Client, create: Create, fetch: Callable[[str], bytes]
) -> None:
    client("s3").create_bucket(Bucket="code")
    client("s3").put_object(Bucket="code", Key="orders.zip", Body=package("from a bucket"))
    create(Code={"S3Bucket": "code", "S3Key": "orders.zip"})
    assert fetch(located(client)) == package("from a bucket")


def test_new_code_takes_the_place_of_the_old_but_for_published_versions(
    client: Client, create: Create, fetch: Callable[[str], bytes]
) -> None:
    create(Code={"ZipFile": package("first")})
    client("lambda").publish_version(FunctionName="orders")
    client("lambda").update_function_code(FunctionName="orders", ZipFile=package("second"))
    assert fetch(located(client)) == package("second")
    assert fetch(located(client, Qualifier="1")) == package("first")


def test_packages_go_with_the_last_version_that_uses_them(
    client: Client, create: Create, world: World
) -> None:
    create()
    client("lambda").publish_version(FunctionName="orders")
    client("lambda").update_function_code(FunctionName="orders", ZipFile=package("second"))
    kept = world.client("s3", "us-east-1", "000000000000")

    def stored() -> int:
        found = kept.list_objects_v2(Bucket="awslambda-us-east-1-tasks")
        return int(found["KeyCount"])

    assert stored() == 2
    client("lambda").delete_function(FunctionName="orders", Qualifier="1")
    assert stored() == 1
    client("lambda").delete_function(FunctionName="orders")
    assert stored() == 0


def test_a_dry_run_changes_nothing(
    client: Client, create: Create, fetch: Callable[[str], bytes]
) -> None:
    create(Code={"ZipFile": package("first")})
    client("lambda").update_function_code(
        FunctionName="orders", ZipFile=package("second"), DryRun=True
    )
    assert fetch(located(client)) == package("first")


def test_a_version_of_an_object_is_that_version(
    client: Client, create: Create, fetch: Callable[[str], bytes]
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_bucket_versioning(Bucket="code", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="code", Key="orders.zip", Body=package("first"))["VersionId"]
    s3.put_object(Bucket="code", Key="orders.zip", Body=package("second"))
    where = {"S3Bucket": "code", "S3Key": "orders.zip"}
    created = create(Code={**where, "S3ObjectVersion": first})
    digest = base64.b64encode(hashlib.sha256(package("first")).digest()).decode()
    assert (fetch(located(client)), created["CodeSha256"]) == (package("first"), digest)
    client("lambda").update_function_code(FunctionName="orders", **where)
    assert fetch(located(client)) == package("second")


def test_an_object_that_is_not_there_is_refused(client: Client, create: Create) -> None:
    client("s3").create_bucket(Bucket="code")
    with pytest.raises(ClientError, match=r"GetObject\. S3 Error Code: NoSuchKey") as caught:
        create(Code={"S3Bucket": "code", "S3Key": "orders.zip"})
    assert caught.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_what_is_no_archive_is_refused(create: Create) -> None:
    with pytest.raises(ClientError, match="Could not unzip uploaded file"):
        create(Code={"ZipFile": b"no archive"})


def test_packages_are_fetched_over_a_socket_from_any_account_and_region() -> None:
    with Emulator() as emulator:

        def boto(service: str) -> Any:
            return boto3.client(
                service,
                region_name="eu-west-1",
                endpoint_url=emulator.endpoint,
                aws_access_key_id="111122223333",
                aws_secret_access_key="test",
            )

        role = boto("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=TRUST)["Role"]
        boto("lambda").create_function(
            FunctionName="orders",
            Role=role["Arn"],
            Runtime="python3.12",
            Handler="main.handler",
            Code={"ZipFile": package("elsewhere")},
        )
        location = boto("lambda").get_function(FunctionName="orders")["Code"]["Location"]
        assert location.startswith(f"{emulator.endpoint}/")
        assert urllib3.request("GET", location).data == package("elsewhere")


def test_no_customer_sees_the_buckets_of_the_service(client: Client, create: Create) -> None:
    create()
    assert client("s3").list_buckets()["Buckets"] == []
