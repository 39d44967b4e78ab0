"""A canary's script: where it comes from and where it begins.

https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CanaryCodeInput.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call
from skyproof.emulator.services.synthetics.validation import invalid


@dataclass(frozen=True)
class Code:
    """The script's zip, its entry point and what else the API's ``Code`` says and tells again."""

    zip: bytes
    handler: str
    settings: dict[str, Any]


def load(call: Call, given: dict[str, Any], present: bytes | None = None) -> Code:
    """Take the code from where it was given: a zip in the request, or an object in S3.

    Args:
        present: the script that the canary has, for a change of the handler alone.

    Raises:
        AwsError: ValidationException.
    """
    blueprints = given.get("BlueprintTypes", [])
    handler = given.get("Handler", "")
    if blueprints and handler:
        raise invalid("Handler cannot be specified together with BlueprintTypes.")
    if not blueprints and not handler:
        raise invalid("Handler must be specified.")
    kept = {name: given[name] for name in ("BlueprintTypes", "Dependencies") if given.get(name)}
    return Code(_zip(call, given, present), handler, kept)


def _zip(call: Call, given: dict[str, Any], present: bytes | None) -> bytes:
    in_s3 = [name for name in ("S3Bucket", "S3Key", "S3Version") if name in given]
    if "ZipFile" in given:
        if in_s3:
            raise invalid(f"ZipFile and {', '.join(in_s3)} cannot be specified together.")
        return bytes(given["ZipFile"])
    if not in_s3 and present is not None:
        return present
    if "S3Bucket" not in given or "S3Key" not in given:
        raise invalid("Code needs a ZipFile, or an S3Bucket and an S3Key.")
    version = {"VersionId": given["S3Version"]} if "S3Version" in given else {}
    try:
        found = call.client("s3").get_object(
            Bucket=given["S3Bucket"], Key=given["S3Key"], **version
        )
    except ClientError as error:
        raise invalid(
            f"s3://{given['S3Bucket']}/{given['S3Key']} cannot be read: "
            f"{error.response['Error']['Message']}"
        ) from error
    return bytes(found["Body"].read())
