"""Where packages lie: a bucket of the service's own account in each region, as on AWS.

GetFunction answers a link to it that is good for ten minutes.
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import is_zipfile

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call, Params
from skyproof.emulator.services.lambda_.validation import invalid

#: No customer's account: what lies there shows in no customer's list.
SERVICE_ACCOUNT = "000000000000"
LINK_SECONDS = 600


def bucket(call: Call) -> str:
    return f"awslambda-{call.region}-tasks"


def fetched(call: Call, code: Params) -> bytes | None:
    """The package that a request brings or names; None for an image.

    Raises InvalidParameterValueException, as Lambda words what S3 answers.
    """
    if "S3Bucket" in code:
        content = _from_bucket(call, code)
    elif "ZipFile" in code:
        content = bytes(code["ZipFile"])
    else:
        return None
    if not is_zipfile(BytesIO(content)):
        raise invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        )
    return content


def stored(call: Call, name: str, content: bytes | None) -> str | None:
    """Put a package where the service keeps it; its key, or None for an image."""
    if content is None:
        return None
    s3 = _storage(call)
    key = f"snapshots/{call.account}/{name}-{uuid.uuid4()}"
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": call.region}}
        s3.create_bucket(Bucket=bucket(call), **({} if call.region == "us-east-1" else elsewhere))
    s3.put_object(Bucket=bucket(call), Key=key, Body=content)
    return key


def read(call: Call, key: str) -> bytes:
    """A package that is kept."""
    return bytes(_storage(call).get_object(Bucket=bucket(call), Key=key)["Body"].read())


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


def _from_bucket(call: Call, code: Params) -> bytes:
    version = {"VersionId": code["S3ObjectVersion"]} if "S3ObjectVersion" in code else {}
    try:
        found = call.client("s3").get_object(
            Bucket=code["S3Bucket"], Key=code.get("S3Key", ""), **version
        )
    except ClientError as error:
        refused = error.response["Error"]
        raise invalid(
            f"Error occurred while GetObject. S3 Error Code: {refused['Code']}. "
            f"S3 Error Message: {refused['Message']}"
        ) from None
    return bytes(found["Body"].read())


def _storage(call: Call) -> Any:
    return call.client("s3", account=SERVICE_ACCOUNT)
