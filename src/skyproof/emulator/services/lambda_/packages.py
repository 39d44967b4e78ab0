"""Where packages lie: a bucket of the service's own account in each region, as on AWS.

GetFunction answers a link to it that is good for ten minutes.
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from skyproof.emulator.service import Call, Params

#: No customer's account: what lies there shows in no customer's list.
SERVICE_ACCOUNT = "000000000000"
LINK_SECONDS = 600


def bucket(call: Call) -> str:
    return f"awslambda-{call.region}-tasks"


def stored(call: Call, name: str, code: Params) -> str | None:
    """Put a package where the service keeps it; its key, or None for an image."""
    content = _content(call, code)
    if content is None:
        return None
    s3 = _storage(call)
    key = f"snapshots/{call.account}/{name}-{uuid.uuid4()}"
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": call.region}}
        s3.create_bucket(Bucket=bucket(call), **({} if call.region == "us-east-1" else elsewhere))
    s3.put_object(Bucket=bucket(call), Key=key, Body=content)
    return key


def location(call: Call, key: str) -> str:
    """A signed link under the host that the caller called."""
    signed: str = _storage(call).generate_presigned_url(
        "get_object", {"Bucket": bucket(call), "Key": key}, ExpiresIn=LINK_SECONDS
    )
    return urlsplit(signed)._replace(scheme="http", netloc=call.host).geturl()


def removed(call: Call, keys: set[str]) -> None:
    """Delete packages that no version uses any more."""
    for key in keys:
        _storage(call).delete_object(Bucket=bucket(call), Key=key)


def _content(call: Call, code: Params) -> bytes | None:
    if "ZipFile" in code:
        return bytes(code["ZipFile"])
    if "S3Bucket" not in code:
        return None
    version = {"VersionId": code["S3ObjectVersion"]} if code.get("S3ObjectVersion") else {}
    found = call.client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"], **version)
    return bytes(found["Body"].read())


def _storage(call: Call) -> Any:
    return call.client("s3", account=SERVICE_ACCOUNT)
