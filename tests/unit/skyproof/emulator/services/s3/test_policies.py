from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

TLS_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::bkt", "arn:aws:s3:::bkt/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
)


@pytest.fixture
def s3(client: Any) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="bkt")
    return made


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_a_policy_comes_back_as_it_was_put_and_can_be_taken_away(s3: Any) -> None:
    s3.put_bucket_policy(Bucket="bkt", Policy=TLS_ONLY)
    assert s3.get_bucket_policy(Bucket="bkt")["Policy"] == TLS_ONLY
    s3.delete_bucket_policy(Bucket="bkt")
    assert code_of(s3.get_bucket_policy, Bucket="bkt") == "NoSuchBucketPolicy"


def test_a_policy_that_refuses_plain_http_does_not_refuse_everything(s3: Any) -> None:
    s3.put_bucket_policy(Bucket="bkt", Policy=TLS_ONLY)
    s3.put_object(Bucket="bkt", Key="k", Body=b"x")
    assert s3.get_object(Bucket="bkt", Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize("policy", ["{", "[]", "{}"])
def test_what_is_no_policy_is_refused(s3: Any, policy: str) -> None:
    assert code_of(s3.put_bucket_policy, Bucket="bkt", Policy=policy) == "MalformedPolicy"


def test_a_bucket_that_does_not_exist_has_no_policy(s3: Any) -> None:
    assert code_of(s3.put_bucket_policy, Bucket="none", Policy=TLS_ONLY) == "NoSuchBucket"
