"""Buckets that are written to while they are deleted: the writers are stopped, the bucket emptied.

CloudWatch metric streams and Firehose deliver what they have buffered after a bucket was emptied,
and S3 deletes only empty buckets. What is not in the stack's own state is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform import State
from skyproof.terraform.runner import Diagnostic

# As hashicorp/aws words it; a bucket's name in a message of S3's own would be anybody's.
NOT_EMPTY = re.compile(r"S3 Bucket \((?P<bucket>[^)]+)\).*BucketNotEmpty", re.DOTALL)
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_AT_ONCE = 1000

Values = Mapping[str, Any]
ClientFactory = Callable[[str, str | None, str | None], Any]
"""``(service, region, account)`` → boto3 client; ``None`` is the backend's own."""


@dataclass(frozen=True)
class Place:
    """Where a thing is, by its ARN."""

    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> Place:
        """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(region, account)


def quiet(error: Diagnostic, read_state: Callable[[], State], client: ClientFactory) -> None:
    """Empty the bucket that could not be deleted, after what writes to it was stopped.

    Does nothing for other errors, and for buckets that are not in the stack's state.

    Args:
        error: what the destroy failed with.
        read_state: the stack's state as the destroy that failed left it.

    Raises:
        SkyproofError: a call was refused; the message names bucket and call.
    """
    found = NOT_EMPTY.search(f"{error.summary}\n{error.detail}")
    if found is None:
        return
    name, state = found["bucket"], read_state()
    for bucket in _of_type(state, "aws_s3_bucket"):
        if bucket["bucket"] == name:
            try:
                _stop_writers(bucket["arn"], state, client)
                _empty(name, bucket["region"], _accounts(state), client)
            except ClientError as refused:
                raise SkyproofError(
                    f"The bucket {name} could not be emptied: {refused}",
                    "Empty it by hand; then destroy again.",
                    ExitCode.FAILED,
                ) from refused


def _of_type(state: State, kind: str) -> Iterator[Values]:
    for address, values in state.managed.items():
        if re.search(rf"(^|\.){kind}\.[\w-]+(\[.*\])?$", address):
            yield values


def _stop_writers(bucket_arn: str, state: State, client: ClientFactory) -> None:
    """Firehose cannot be paused: a delivery stream that Terraform is to delete is deleted now.

    https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html
    """
    ends = [
        stream
        for stream in _of_type(state, "aws_kinesis_firehose_delivery_stream")
        if bucket_arn in _texts(stream)
    ]
    for source in _of_type(state, "aws_cloudwatch_metric_stream"):
        if source["firehose_arn"] in {stream["arn"] for stream in ends}:
            cloudwatch = _client(client, "cloudwatch", source["arn"])
            cloudwatch.stop_metric_streams(Names=[source["name"]])
    for stream in ends:
        firehose = _client(client, "firehose", stream["arn"])
        try:
            firehose.delete_delivery_stream(
                DeliveryStreamName=stream["name"], AllowForceDelete=True
            )
        except firehose.exceptions.ResourceNotFoundException:
            continue


def _client(client: ClientFactory, service: str, arn: str) -> Any:
    place = Place.of(arn)
    return client(service, place.region, place.account)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _accounts(state: State) -> set[str]:
    """The accounts that a stack reaches: a bucket's ARN does not tell its own."""
    arns = (values.get("arn") or "" for values in state.managed.values())
    return {Place.of(arn).account for arn in arns if arn.count(":") >= 5} - {""}


def _empty(name: str, region: str, accounts: Iterable[str], client: ClientFactory) -> None:
    for account in [None, *sorted(accounts)]:
        s3 = client("s3", region, account)
        if name not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            continue
        for page in s3.get_paginator("list_object_versions").paginate(
            Bucket=name, PaginationConfig={"PageSize": MOST_AT_ONCE}
        ):
            _delete(s3, name, [*page.get("Versions", ()), *page.get("DeleteMarkers", ())])
        return


def _delete(s3: Any, bucket: str, versions: list[Values]) -> None:
    if not versions:
        return
    doomed = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
    for error in answer.get("Errors", ()):
        raise SkyproofError(
            f"The bucket {bucket} could not be emptied: {error['Key']}: {error['Code']}: "
            f"{error['Message']}",
            "Empty it by hand; then destroy again.",
            ExitCode.FAILED,
        )
