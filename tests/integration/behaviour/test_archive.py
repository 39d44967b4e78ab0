"""A metric of a source account: seen in the monitoring account, archived, copied, aged and gone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from skyproof.expect import Bucket, EmulatedClock, Expect, days, hours, minutes, months
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import SOURCES, Platform

pytestmark = [pytest.mark.usefixtures("calm"), ON_THE_PLATFORM]
NAMESPACE = "Payments"


@pytest.fixture
def originals(platform: Platform) -> Bucket:
    return platform.views().bucket(platform.outputs["s3_bucket_metrics"])


@pytest.fixture
def copies(platform: Platform) -> Bucket:
    return platform.views("us-west-2").bucket(platform.outputs["s3_bucket_metrics_replica"])


@pytest.fixture
def asleep(
    platform: Platform, twin: Platform, emulated: EmulatedClock
) -> Iterator[Callable[[], None]]:
    """``asleep()`` stops canaries and schedules until the test ends: nobody waits for a year."""
    platforms, regions = (platform, twin), ("us-east-1", "us-west-2")
    canaries = [
        (one.client("synthetics", region), one.name(f"api-health-{which}"))
        for one in platforms
        for region, which in zip(regions, ("primary", "secondary"), strict=True)
    ]
    events = platform.client("events")

    def stop() -> None:
        for synthetics, name in canaries:
            synthetics.stop_canary(Name=name)
        for one in platforms:
            events.disable_rule(Name=one.name("metric-processor"))
        emulated.settle()

    yield stop
    for synthetics, name in canaries:
        synthetics.start_canary(Name=name)
    for one in platforms:
        events.enable_rule(Name=one.name("metric-processor"))


def test_a_source_account_s_metric_is_seen_archived_copied_aged_and_gone(
    platform: Platform,
    expect: Expect,
    emulated: EmulatedClock,
    originals: Bucket,
    copies: Bucket,
    asleep: Callable[[], None],
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

    asleep()
    for bucket in (originals, copies):
        assert (bucket.head(key) or {}).get("StorageClass", "STANDARD") == "STANDARD"
    emulated.advance(days(91))
    for bucket in (originals, copies):
        expect(bucket).holds(
            key, lambda head: head.get("StorageClass") == "STANDARD_IA", within=hours(1)
        )
    emulated.advance(months(15) - days(92))
    for bucket in (originals, copies):
        assert bucket.head(key) is not None, f"{bucket} lost {key} before 15 months were over"
    emulated.advance(_kept(originals) - months(15))
    expect(originals).is_rid_of(key, within=days(3))
    expect(copies).is_rid_of(key, within=days(3))


def _kept(bucket: Bucket) -> timedelta:
    """How long a bucket keeps an object, and then the version under its delete marker."""
    rules = bucket.s3.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
    [rule] = [rule for rule in rules if "Expiration" in rule]
    later = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    return days(rule["Expiration"]["Days"] + later)
