"""A replication configuration is taken only where S3 would, and comes back as it was put."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

DESTINATION = {
    "Bucket": "arn:aws:s3:::copy",
    "StorageClass": "STANDARD_IA",
    "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:123456789012:key/k"},
    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
}
RULE = {
    "ID": "all",
    "Priority": 1,
    "Status": "Enabled",
    "Filter": {"Prefix": "metrics/"},
    "DeleteMarkerReplication": {"Status": "Enabled"},
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    "Destination": DESTINATION,
}


@pytest.fixture
def s3(client: Any) -> Any:
    made = client("s3")
    for bucket in ("source", "copy"):
        made.create_bucket(Bucket=bucket)
        made.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return made


def put(s3: Any, *rules: dict[str, Any], bucket: str = "source") -> None:
    s3.put_bucket_replication(
        Bucket=bucket,
        ReplicationConfiguration={"Role": "arn:aws:iam::123456789012:role/r", "Rules": [*rules]},
    )


def refused(call: Any, *arguments: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def without(rule: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != name}


def test_it_comes_back_exactly_as_it_was_put(s3: Any) -> None:
    put(s3, RULE)
    got = s3.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]
    assert got == {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [RULE]}


def test_a_rule_of_the_first_version_needs_neither_priority_nor_delete_markers(s3: Any) -> None:
    rule = {"ID": "v1", "Prefix": "", "Status": "Enabled", "Destination": DESTINATION}
    put(s3, rule)
    assert s3.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]["Rules"] == [rule]


def test_it_can_be_taken_away(s3: Any) -> None:
    put(s3, RULE)
    s3.delete_bucket_replication(Bucket="source")
    code, _ = refused(s3.get_bucket_replication, Bucket="source")
    assert code == "ReplicationConfigurationNotFoundError"


def test_it_goes_with_its_bucket(s3: Any) -> None:
    put(s3, RULE)
    s3.delete_bucket(Bucket="source")
    assert refused(s3.get_bucket_replication, Bucket="source")[0] == "NoSuchBucket"
    s3.create_bucket(Bucket="source")
    code, _ = refused(s3.get_bucket_replication, Bucket="source")
    assert code == "ReplicationConfigurationNotFoundError"


@pytest.mark.parametrize("name", ["Priority", "DeleteMarkerReplication"])
def test_a_filter_asks_for_the_members_of_the_second_version(s3: Any, name: str) -> None:
    code, message = refused(put, s3, without(RULE, name))
    assert code == "InvalidRequest"
    assert message.startswith(f"{name} must be specified")


@pytest.mark.parametrize("bucket", ["source", "copy"])
def test_both_buckets_must_be_versioned(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    code, message = refused(put, s3, RULE)
    assert code == "InvalidRequest"
    assert "ersioning" in message


def test_the_destination_must_exist(s3: Any) -> None:
    elsewhere = RULE | {"Destination": {"Bucket": "arn:aws:s3:::nowhere"}}
    assert refused(put, s3, elsewhere) == ("InvalidRequest", "Destination bucket must exist.")


def test_priorities_are_unique(s3: Any) -> None:
    code, message = refused(put, s3, RULE, RULE | {"ID": "again"})
    assert code == "InvalidRequest"
    assert "duplicate priorities" in message


def test_a_configuration_without_rules_is_malformed(s3: Any) -> None:
    assert refused(put, s3)[0] == "MalformedXML"


@pytest.mark.parametrize(
    "change",
    [
        {"Metrics": {"Status": "Disabled"}},
        {"ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 30}}},
    ],
)
def test_time_control_is_fifteen_minutes_with_metrics(s3: Any, change: dict[str, Any]) -> None:
    code, message = refused(put, s3, RULE | {"Destination": DESTINATION | change})
    assert code == "InvalidRequest"
    assert "Replication Time Control" in message
