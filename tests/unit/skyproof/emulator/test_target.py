from __future__ import annotations

import pytest
from moto.core.request import Request
from werkzeug.test import EnvironBuilder

from skyproof.emulator.target import DEFAULT_ACCOUNT, Target, target_of


def signed(key: str, region: str = "eu-west-1", signing_name: str = "monitoring") -> Request:
    scope = f"{key}/20260105/{region}/{signing_name}/aws4_request"
    return Request(
        EnvironBuilder(
            headers=[("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0")]
        ).get_environ()
    )


def unknown_key(_: str) -> str:
    return DEFAULT_ACCOUNT


def test_a_twelve_digit_access_key_names_its_account() -> None:
    got = target_of(signed("111122223333"), unknown_key)
    assert got == Target("111122223333", "eu-west-1", "cloudwatch")


def test_any_other_key_is_looked_up() -> None:
    keys = {"ASIAISSUED": "444455556666"}
    assert target_of(signed("ASIAISSUED"), keys.__getitem__).account == "444455556666"


@pytest.mark.parametrize(
    ("signing_name", "service"),
    [("monitoring", "cloudwatch"), ("tagging", "resourcegroupstaggingapi"), ("sqs", "sqs")],
)
def test_signing_names_become_botocore_names(signing_name: str, service: str) -> None:
    assert target_of(signed("k", signing_name=signing_name), unknown_key).service == service


def test_a_presigned_url_carries_its_scope_in_the_query() -> None:
    credential = "111122223333/20260105/us-west-2/s3/aws4_request"
    request = Request(
        EnvironBuilder(path="/b/k", query_string={"X-Amz-Credential": credential}).get_environ()
    )
    assert target_of(request, unknown_key) == Target("111122223333", "us-west-2", "s3")


def test_an_unsigned_request_is_for_s3() -> None:
    request = Request(EnvironBuilder(path="/bucket/key").get_environ())
    assert target_of(request, unknown_key).service == "s3"


def test_an_unsigned_assume_role_with_web_identity_is_for_sts() -> None:
    request = Request(
        EnvironBuilder(method="POST", data={"Action": "AssumeRoleWithWebIdentity"}).get_environ()
    )
    assert target_of(request, unknown_key).service == "sts"


def test_s3_control_shares_the_signing_name_of_s3() -> None:
    request = signed("k", signing_name="s3")
    request.environ["PATH_INFO"] = "/v20180820/configuration/publicAccessBlock"
    request = Request(request.environ)
    assert target_of(request, unknown_key).service == "s3control"
