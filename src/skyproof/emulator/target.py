"""Whom a request is for: the account, the region and the service, read off its signature."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from moto.core.request import Request

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(r"Credential=([^/\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_ACCOUNT_ID = re.compile(r"\d{12}")

# Signing names that differ from botocore's service names, and from the base's.
_SERVICE_OF_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "eventbridge": "events",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
}


@dataclass(frozen=True)
class Target:
    """One account, region and service.

    Attributes:
        account: twelve digits.
        region: e.g. ``us-east-1``; for global services the one that the client signed for.
        service: botocore's service name, e.g. ``cloudwatch`` (not the signing name ``monitoring``).
    """

    account: str
    region: str
    service: str


def target_of(request: Request, account_of_key: Callable[[str], str]) -> Target:
    """Read the target from the signature (header or presigned query).

    A twelve-digit access key names its account; any other is looked up by ``account_of_key``, which
    knows the keys that assume-role gave out. Unsigned requests are S3's, as on AWS, but for the STS
    calls that carry their proof in the body.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    scope = _CREDENTIAL.search(request.headers.get("Authorization", "")) or _presigned_scope(
        request
    )
    if scope is None:
        service = "sts" if request.values.get("Action", "").startswith("AssumeRoleWith") else "s3"
        return Target(DEFAULT_ACCOUNT, DEFAULT_REGION, service)
    key, region, signing_name = scope.groups()
    signing_name = signing_name.lower()
    account = key if _ACCOUNT_ID.fullmatch(key) else account_of_key(key)
    service = _SERVICE_OF_SIGNING_NAME.get(signing_name, signing_name)
    if service == "s3" and _is_s3_control(request):
        service = "s3control"
    return Target(account, region, service)


def _presigned_scope(request: Request) -> re.Match[str] | None:
    credential = parse_qs(request.query_string.decode()).get("X-Amz-Credential", [""])[0]
    return _CREDENTIAL.search(f"Credential={credential}")


def _is_s3_control(request: Request) -> bool:
    return request.path.startswith("/v20180820/") or "s3-control" in request.host
