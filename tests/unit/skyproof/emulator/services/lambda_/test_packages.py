"""A function's package can be fetched where GetFunction says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient

from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.lambda_.conftest import package

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


def test_no_customer_sees_the_buckets_of_the_service(client: Client, create: Create) -> None:
    create()
    assert client("s3").list_buckets()["Buckets"] == []
