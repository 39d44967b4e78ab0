"""Calls of a world's own clients to what the base has: no HTTP, and no difference."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World

ACCOUNT, REGION = "123456789012", "us-east-1"
KEYS = ("plain", "day=1/a b+c", "ü/%2F?&#", "a//b")


@pytest.fixture
def s3(world: World) -> Any:
    s3 = world.client("s3", REGION, ACCOUNT)
    s3.create_bucket(Bucket="bucket")
    return s3


@pytest.mark.parametrize("key", KEYS)
def test_any_key_is_found_and_listed_as_it_was_put(s3: Any, key: str) -> None:
    s3.put_object(Bucket="bucket", Key=key, Body=b"text")
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == b"text"
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [key]


@pytest.mark.parametrize("body", [b"text", "text", bytearray(b"text"), BytesIO(b"text")])
def test_a_body_may_be_given_as_to_any_client(s3: Any, body: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=body, Metadata={"made_by": "test"})
    got = s3.get_object(Bucket="bucket", Key="key")
    assert (got["Body"].read(), got["Metadata"]) == (b"text", {"made_by": "test"})


def test_the_head_of_an_object_has_its_length_and_no_body(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=b"text")
    assert s3.head_object(Bucket="bucket", Key="key")["ContentLength"] == 4


def test_a_presigned_url_is_signed(s3: Any) -> None:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    assert "Signature=" in url


def test_a_refusal_is_the_clients_own_error(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey) as caught:
        s3.get_object(Bucket="bucket", Key="none")
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert answer["Error"]["Code"] == "NoSuchKey"


def test_lists_of_the_query_protocol_and_documents_in_answers(world: World) -> None:
    iam = world.client("iam", REGION, ACCOUNT)
    trust = '{"Version": "2012-10-17", "Statement": []}'
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust, Tags=tags)
    role = iam.get_role(RoleName="role")["Role"]
    assert role["Tags"] == tags
    # botocore decodes policies, after the call.
    assert role["AssumeRolePolicyDocument"] == {"Version": "2012-10-17", "Statement": []}


def test_the_account_is_the_clients(world: World) -> None:
    for account in (ACCOUNT, "111122223333"):
        told = world.client("sts", REGION, account).get_caller_identity()
        assert told["Account"] == account


def test_pages_are_turned(s3: Any) -> None:
    for number in range(5):
        s3.put_object(Bucket="bucket", Key=f"key={number}", Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="bucket", PaginationConfig={"PageSize": 2}
    )
    assert [one["Key"] for page in pages for one in page["Contents"]] == [
        f"key={number}" for number in range(5)
    ]


def test_what_the_base_lacks_is_named(world: World) -> None:
    with pytest.raises(ClientError, match="does not implement"):
        world.client("braket", REGION, ACCOUNT).get_device(deviceArn="arn:aws:braket:::device/x")
