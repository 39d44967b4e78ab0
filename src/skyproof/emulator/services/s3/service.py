"""Bucket policies and replication configurations exactly as they were put.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, Service, operation

if TYPE_CHECKING:
    from skyproof.emulator.world import World

MOST_RULES = 1000
RTC_MINUTES = 15


class S3(Service):
    """What moto drops of replication rules, and policies that it would enforce without conditions.

    Its check of a bucket policy reads no Condition, so that a policy which refuses plain HTTP alone
    refuses everything (docs/upstream.md).
    """

    name = "s3"
    complete = False
    fidelity = (
        "moto's; replication configurations and bucket policies are kept exactly and checked as S3 "
        "checks them. Bucket policies are not enforced on callers."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        # Bucket names are unique over all accounts and regions.
        self._replication: dict[str, dict[str, Any]] = {}
        self._policies: dict[str, str] = {}

    @operation("PutBucketReplication")
    def put_bucket_replication(self, call: Call, params: Params) -> Result:
        bucket = params["Bucket"]
        configuration = params["ReplicationConfiguration"]
        if not _is_versioned(call, bucket):
            raise _invalid(
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
            )
        _check(configuration)
        for rule in configuration["Rules"]:
            destination = rule["Destination"]["Bucket"].rpartition(":")[2]
            if not _is_versioned(call, destination):
                raise _invalid("Destination bucket must have versioning enabled.")
        self._replication[bucket] = configuration
        return None

    @operation("GetBucketReplication")
    def get_bucket_replication(self, call: Call, params: Params) -> Result:
        bucket = params["Bucket"]
        _require(call, bucket)
        if bucket not in self._replication:
            raise AwsError(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
                status=404,
            )
        return {"ReplicationConfiguration": self._replication[bucket]}

    @operation("DeleteBucketReplication")
    def delete_bucket_replication(self, call: Call, params: Params) -> Result:
        """Deleting none is no error."""
        _require(call, params["Bucket"])
        self._replication.pop(params["Bucket"], None)
        return None

    @operation("PutBucketPolicy")
    def put_bucket_policy(self, call: Call, params: Params) -> Result:
        _require(call, params["Bucket"])
        try:
            policy = json.loads(params["Policy"])
        except ValueError:
            policy = None
        if not isinstance(policy, dict) or not policy.get("Statement"):
            raise AwsError(
                "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"
            )
        self._policies[params["Bucket"]] = params["Policy"]
        return None

    @operation("GetBucketPolicy")
    def get_bucket_policy(self, call: Call, params: Params) -> Result:
        _require(call, params["Bucket"])
        if params["Bucket"] not in self._policies:
            raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", status=404)
        return {"Policy": self._policies[params["Bucket"]]}

    @operation("DeleteBucketPolicy")
    def delete_bucket_policy(self, call: Call, params: Params) -> Result:
        """Deleting none is no error."""
        _require(call, params["Bucket"])
        self._policies.pop(params["Bucket"], None)
        return None

    @operation("DeleteBucket")
    def delete_bucket(self, call: Call, params: Params) -> Result:
        call.base().delete_bucket(**params)
        self._replication.pop(params["Bucket"], None)
        self._policies.pop(params["Bucket"], None)
        return None


def _require(call: Call, bucket: str) -> None:
    """Raise NoSuchBucket, as S3 words it, for a bucket that does not exist."""
    call.base().get_bucket_versioning(Bucket=bucket)


def _is_versioned(call: Call, bucket: str) -> bool:
    try:
        return bool(call.base().get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled")
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        raise _invalid("Destination bucket must exist.") from None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequest", message)


def _check(configuration: dict[str, Any]) -> None:
    rules = configuration.get("Rules", [])
    if not 0 < len(rules) <= MOST_RULES:
        raise AwsError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published "
            "schema",
        )
    for rule in rules:
        _check_rule(rule)
    priorities = [rule["Priority"] for rule in rules if "Priority" in rule]
    if len(set(priorities)) != len(priorities):
        raise _invalid("Found duplicate priorities in the replication configuration.")


def _check_rule(rule: dict[str, Any]) -> None:
    """A Filter makes the rule V2, which wants a priority and a word on delete markers."""
    if "Filter" in rule:
        if "Priority" not in rule:
            raise _invalid(
                "Priority must be specified for this version of Cross Region Replication "
                "configuration schema."
            )
        if "DeleteMarkerReplication" not in rule:
            raise _invalid(
                "DeleteMarkerReplication must be specified for this version of Cross "
                "Region Replication configuration schema."
            )
    destination = rule["Destination"]
    timed = destination.get("ReplicationTime")
    if timed and timed["Status"] == "Enabled":
        if destination.get("Metrics", {}).get("Status") != "Enabled":
            raise _invalid("Replication Time Control requires replication metrics.")
        if timed["Time"]["Minutes"] != RTC_MINUTES:
            raise _invalid(f"Replication Time Control takes {RTC_MINUTES} minutes and no other.")
