"""A metric of a source account: seen in the monitoring account, archived, copied, aged and gone."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

from skyproof.expect import Bucket, EmulatedClock, Expect, days, hours, minutes, months
from tests.integration.platform import SOURCES, Platform

pytestmark = pytest.mark.usefixtures("calm")
NAMESPACE = "Payments"


@pytest.fixture
def originals(platform: Platform) -> Bucket:
    return platform.views().bucket(platform.outputs["s3_bucket_metrics"])


@pytest.fixture
def copies(platform: Platform) -> Bucket:
    return platform.views("us-west-2").bucket(platform.outputs["s3_bucket_metrics_replica"])


def test_a_source_account_s_metric_is_seen_archived_copied_aged_and_gone(
    platform: Platform,
    expect: Expect,
    emulated: EmulatedClock,
    originals: Bucket,
    copies: Bucket,
) -> None:
    source = platform.views(account=SOURCES[0])
    dimensions = {"Shop": f"{emulated.now():%j%H%M}"}
    source.metric(NAMESPACE, "Declined", dimensions).put(7, at=emulated.now(), unit="Count")
    day = f"metrics/{emulated.now():%Y/%m/%d}"

    seen = platform.views().metric(NAMESPACE, "Declined", dimensions, account=SOURCES[0])
    assert expect(seen).reports() == 7

    def has_it(key: str) -> bool:
        lines = gzip.decompress(originals.read(key)).decode().splitlines()
        found = [json.loads(line) for line in lines]
        return any(
            one["account_id"] == SOURCES[0] and one["dimensions"] == dimensions for one in found
        )

    emulated.advance(timedelta(minutes=10))
    keys = [key for key in originals.keys(day) if has_it(key)]
    assert keys, f"no object under {day} of {originals.keys()} holds the metric"
    key = keys[0]
    expect(originals).holds(
        key, lambda head: head.get("ReplicationStatus") == "COMPLETED", within=minutes(15)
    )
    expect(copies).holds(key, lambda head: head.get("ReplicationStatus") == "REPLICA")
    assert copies.read(key) == originals.read(key)

    _without_schedules(platform, emulated)
    for bucket in (originals, copies):
        assert (bucket.head(key) or {}).get("StorageClass", "STANDARD") == "STANDARD"
    emulated.advance(days(91))
    for bucket in (originals, copies):
        expect(bucket).holds(
            key, lambda head: head.get("StorageClass") == "STANDARD_IA", within=hours(1)
        )
    emulated.advance(months(15) + days(40) - days(91))
    expect(originals).is_rid_of(key, within=days(2))
    expect(copies).is_rid_of(key, within=days(2))


def _without_schedules(platform: Platform, emulated: EmulatedClock) -> None:
    """Let the world sleep: nobody asks for a year of canaries."""
    platform.client("synthetics").stop_canary(Name=platform.name("api-health-primary"))
    platform.client("synthetics", "us-west-2").stop_canary(
        Name=platform.name("api-health-secondary")
    )
    platform.client("events").disable_rule(Name=platform.name("metric-processor"))
    emulated.settle()
