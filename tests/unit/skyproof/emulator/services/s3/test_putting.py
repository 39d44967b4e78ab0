"""What services put makes the same objects as what comes over the wire."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clients import ClientFactory
from skyproof.emulator.faults import Fault
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World

ACCOUNT, REGION = "123456789012", "us-east-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/a"
SEALED = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": KEY,
            },
            "BucketKeyEnabled": True,
        }
    ]
}
LOCK = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}},
}


@pytest.fixture
def over_the_wire(stopped: World) -> Any:
    """A client as those outside have it: all that it asks is a request."""
    return ClientFactory(Gateway(stopped)).get("s3", REGION, ACCOUNT)


def plain(s3: Any) -> None:
    s3.create_bucket(Bucket="bucket")


def versioned(s3: Any) -> None:
    plain(s3)
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})


def sealed(s3: Any) -> None:
    plain(s3)
    s3.put_bucket_encryption(Bucket="bucket", ServerSideEncryptionConfiguration=SEALED)


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the object, without what is drawn anew for each."""
    drawn = ("ResponseMetadata", "VersionId", "LastModified", "Body")
    return {
        **{name: value for name, value in answer.items() if name not in drawn},
        "is versioned": "VersionId" in answer,
        "body": answer["Body"].read() if "Body" in answer else None,
    }


@pytest.mark.parametrize("make", [plain, versioned, sealed])
@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Body": b"content"},
        {"Body": b"content", "ServerSideEncryption": "AES256"},
        {"Body": b"content", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY},
    ],
)
def test_it_is_the_same_either_way(
    client: Any, over_the_wire: Any, make: Callable[[Any], None], members: dict[str, Any]
) -> None:
    s3 = client("s3")
    make(s3)
    within, wire = (
        s3.put_object(Bucket="bucket", Key="within", **members),
        over_the_wire.put_object(Bucket="bucket", Key="wire", **members),
    )
    assert told(within) == told(wire)
    kept = [told(s3.get_object(Bucket="bucket", Key=key)) for key in ("within", "wire")]
    assert kept[0] == kept[1]


def test_it_is_locked_as_the_bucket_asks(client: Any, over_the_wire: Any) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(Bucket="bucket", ObjectLockConfiguration=LOCK)
    s3.put_object(Bucket="bucket", Key="within", Body=b"x")
    # From outside such an object needs its digest.
    digest = base64.b64encode(hashlib.md5(b"x", usedforsecurity=False).digest()).decode()
    over_the_wire.put_object(Bucket="bucket", Key="wire", Body=b"x", ContentMD5=digest)
    kept = [told(s3.get_object(Bucket="bucket", Key=key)) for key in ("within", "wire")]
    assert kept[0] == kept[1]
    assert kept[0]["ObjectLockMode"] == "GOVERNANCE"


def test_what_is_put_again_has_none_of_the_old_tags(client: Any) -> None:
    s3 = client("s3")
    plain(s3)
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", Tagging="a=b")
    s3.put_object(Bucket="bucket", Key="k", Body=b"2")
    assert s3.get_object_tagging(Bucket="bucket", Key="k")["TagSet"] == []


def test_a_bucket_that_is_not_there_is_refused_in_the_same_words(
    client: Any, over_the_wire: Any
) -> None:
    refusals = []
    for s3 in (client("s3"), over_the_wire):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="none", Key="k", Body=b"")
        error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
        refusals.append((error["Code"], error["Message"], metadata["HTTPStatusCode"]))
    assert (
        refusals[0]
        == refusals[1]
        == (
            "NoSuchBucket",
            "The specified bucket does not exist",
            404,
        )
    )


def test_a_fault_on_order_meets_it(client: Any, stopped: World) -> None:
    plain(client("s3"))
    stopped.faults.add(Fault("s3", "PutObject", code="SlowDown", message="as ordered"))
    with pytest.raises(ClientError, match="SlowDown"):
        client("s3").put_object(Bucket="bucket", Key="k", Body=b"")
