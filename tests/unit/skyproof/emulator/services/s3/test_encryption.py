"""Buckets are encrypted by S3's own keys until somebody orders otherwise."""

from __future__ import annotations

from typing import Any

import pytest

S3_S_OWN = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BucketKeyEnabled": False,
}
KMS = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}


@pytest.fixture
def s3(client: Any) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="bkt")
    return made


def rules(s3: Any) -> Any:
    found = s3.get_bucket_encryption(Bucket="bkt")
    return found["ServerSideEncryptionConfiguration"]["Rules"]


def order(s3: Any, rule: dict[str, Any]) -> None:
    s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": [rule]})


def test_a_new_bucket_is_encrypted(s3: Any) -> None:
    assert rules(s3) == [S3_S_OWN]


def test_its_objects_say_so(s3: Any) -> None:
    put = s3.put_object(Bucket="bkt", Key="k", Body=b"x")
    read = [s3.get_object(Bucket="bkt", Key="k"), s3.head_object(Bucket="bkt", Key="k")]
    assert [one.get("ServerSideEncryption") for one in (put, *read)] == ["AES256"] * 3


def test_deleting_what_was_ordered_brings_it_back(s3: Any) -> None:
    order(s3, KMS)
    assert rules(s3) == [KMS]
    s3.delete_bucket_encryption(Bucket="bkt")
    assert rules(s3) == [S3_S_OWN]


def test_making_a_bucket_that_is_there_changes_nothing(s3: Any) -> None:
    order(s3, KMS)
    s3.create_bucket(Bucket="bkt")
    assert rules(s3) == [KMS]


def test_the_checksum_of_one_piece_is_of_the_whole_object(s3: Any) -> None:
    put = s3.put_object(Bucket="bkt", Key="k", Body=b"x", ChecksumAlgorithm="SHA256")
    assert (bool(put["ChecksumSHA256"]), put.get("ChecksumType")) == (True, "FULL_OBJECT")
    without = s3.create_multipart_upload(Bucket="bkt", Key="m")
    assert "ChecksumType" not in without
