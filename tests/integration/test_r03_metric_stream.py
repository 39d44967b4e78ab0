"""Requirement 3: a metric stream to an S3 bucket with lifecycle policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def stream(platform: Platform) -> dict[str, Any]:
    got: dict[str, Any] = platform.client("cloudwatch").get_metric_stream(
        Name=platform.name("metric-stream")
    )
    return got


@pytest.fixture
def destination(platform: Platform, stream: dict[str, Any]) -> dict[str, Any]:
    name = stream["FirehoseArn"].rpartition("/")[2]
    described = platform.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
    got: dict[str, Any] = described["DeliveryStreamDescription"]["Destinations"][0]
    extended: dict[str, Any] = got["ExtendedS3DestinationDescription"]
    return extended


def test_the_stream_runs_and_feeds_the_archive(platform: Platform, stream: dict[str, Any]) -> None:
    assert stream["State"] == "running"
    assert stream["FirehoseArn"].endswith(f"/{platform.name('metric-archive')}")


def test_it_is_written_as_json_because_the_transform_reads_lines(stream: dict[str, Any]) -> None:
    assert stream["OutputFormat"] == "json"


def test_it_carries_the_metrics_of_linked_accounts(stream: dict[str, Any]) -> None:
    assert stream["IncludeLinkedAccountsMetrics"] is True


def test_the_archive_delivers_into_the_metrics_bucket(
    platform: Platform, destination: dict[str, Any]
) -> None:
    assert destination["BucketARN"] == f"arn:aws:s3:::{platform.name('metric-streams')}"


def test_old_metrics_move_to_cheaper_classes_and_then_expire(platform: Platform) -> None:
    for name, region in platform.archive_buckets.items():
        rules = platform.client("s3", region=region).get_bucket_lifecycle_configuration(
            Bucket=name
        )["Rules"]
        moves = {
            one["StorageClass"]: one["Days"]
            for rule in rules
            for one in rule.get("Transitions", ())
        }
        assert moves == {"STANDARD_IA": 90, "GLACIER_IR": 180, "DEEP_ARCHIVE": 365}, name
        expiries = [rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule]
        assert expiries, f"{name} keeps everything for ever"
        assert min(expiries) >= 450, f"{name} loses metrics before 15 months are over"
        assert min(expiries) - moves["DEEP_ARCHIVE"] >= 180, (
            f"{name} pays 180 days of DEEP_ARCHIVE for {min(expiries) - moves['DEEP_ARCHIVE']}"
        )


def test_noncurrent_versions_expire_too_for_the_bucket_is_versioned(platform: Platform) -> None:
    for name, region in platform.archive_buckets.items():
        s3 = platform.client("s3", region=region)
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled", name
        rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        assert any("NoncurrentVersionExpiration" in rule for rule in rules), name


def test_unfinished_uploads_are_cleared_away(platform: Platform) -> None:
    for name, region in platform.archive_buckets.items():
        rules = platform.client("s3", region=region).get_bucket_lifecycle_configuration(
            Bucket=name
        )["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules), name
