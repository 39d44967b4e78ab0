"""Requirement 6: metric filters whose extracted values feed custom metrics."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def filters(platform: Platform) -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = platform.client("logs").describe_metric_filters(
        logGroupName=platform.outputs["log_group_application"]
    )["metricFilters"]
    return got


def test_the_log_group_has_the_contracts_name_and_is_encrypted(platform: Platform) -> None:
    name = platform.outputs["log_group_application"]
    assert name == f"/{platform.prefix}/application"
    found = platform.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [group["retentionInDays"] for group in found] == [platform.log_retention_days]
    assert found[0]["kmsKeyId"].startswith("arn:aws:kms:us-east-1:")


def test_fields_of_the_log_line_become_metric_values(filters: list[dict[str, Any]]) -> None:
    extracted = {
        one["filterName"]: t["metricValue"]
        for one in filters
        for t in one["metricTransformations"]
        if t["metricValue"].startswith("$")
    }
    assert len(extracted) >= 2, f"only {extracted}"


def test_some_of_them_carry_dimensions_from_the_line(filters: list[dict[str, Any]]) -> None:
    dimensions = {
        one["filterName"]: t["dimensions"]
        for one in filters
        for t in one["metricTransformations"]
        if t.get("dimensions")
    }
    assert dimensions, "no filter uses dimensions"
    for name, pairs in dimensions.items():
        assert len(pairs) <= 3, f"{name}: CloudWatch allows three, got {pairs}"
        assert all(value.startswith("$") for value in pairs.values()), f"{name}: {pairs}"


def test_no_filter_has_both_a_default_and_dimensions(filters: list[dict[str, Any]]) -> None:
    for one in filters:
        for t in one["metricTransformations"]:
            assert not ("defaultValue" in t and t.get("dimensions")), one["filterName"]


def test_an_alarm_watches_what_the_filters_publish(
    platform: Platform, filters: list[dict[str, Any]]
) -> None:
    published = {
        (t["metricNamespace"], t["metricName"])
        for one in filters
        for t in one["metricTransformations"]
    }
    watched = {
        metric for alarm in platform.metric_alarms() for metric in platform.metrics_of(alarm)
    }
    assert published & watched, f"published {sorted(published)}"
