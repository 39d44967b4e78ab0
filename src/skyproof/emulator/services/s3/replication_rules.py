"""Replication configurations exactly as they were put.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, operation
from skyproof.emulator.services.s3.store import Store, require_bucket

MOST_RULES = 1000
RTC_MINUTES = 15


class ReplicationRules:
    """The operations on replication configurations, of which moto drops parts."""

    store: Store

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
        self.store.replication[bucket] = configuration
        return None

    @operation("GetBucketReplication")
    def get_bucket_replication(self, call: Call, params: Params) -> Result:
        bucket = params["Bucket"]
        require_bucket(call, bucket)
        if bucket not in self.store.replication:
            raise AwsError(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
                status=404,
            )
        return {"ReplicationConfiguration": self.store.replication[bucket]}

    @operation("DeleteBucketReplication")
    def delete_bucket_replication(self, call: Call, params: Params) -> Result:
        """Deleting none is no error."""
        require_bucket(call, params["Bucket"])
        self.store.replication.pop(params["Bucket"], None)
        return None


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
