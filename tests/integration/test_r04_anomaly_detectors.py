"""Requirement 4: anomaly detectors for critical metrics with customised threshold bands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

BAND = re.compile(r"ANOMALY_DETECTION_BAND\(\s*(\w+)\s*(?:,\s*([\d.]+)\s*)?\)")


@pytest.fixture
def detectors(platform: Platform) -> list[dict[str, Any]]:
    pages = (
        platform.client("cloudwatch")
        .get_paginator("describe_anomaly_detectors")
        .paginate(AnomalyDetectorTypes=["SINGLE_METRIC", "METRIC_MATH"])
    )
    everyones = [one for page in pages for one in page["AnomalyDetectors"]]
    return [one for one in everyones if platform.owns(one)]


@pytest.fixture
def band_alarms(platform: Platform) -> list[dict[str, Any]]:
    return [alarm for alarm in platform.metric_alarms() if "ThresholdMetricId" in alarm]


def width(alarm: dict[str, Any]) -> float:
    """The band of an alarm, in standard deviations; 2 when the expression names none."""
    expressions = {q["Id"]: q.get("Expression", "") for q in alarm["Metrics"]}
    found = BAND.search(expressions[alarm["ThresholdMetricId"]])
    assert found, f"{alarm['AlarmName']}: no band in {expressions}"
    return float(found[2] or 2)


def watched(alarm: dict[str, Any]) -> tuple[str, str, str, tuple[tuple[str, str], ...]] | None:
    """Namespace, metric, statistic and dimensions under the band; None for metric math."""
    stats = [query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query]
    if len(stats) != 1:
        return None
    metric = stats[0]["Metric"]
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
    return (
        metric["Namespace"],
        metric["MetricName"],
        stats[0]["Stat"],
        tuple(sorted(dimensions.items())),
    )


def modelled(detector: dict[str, Any]) -> tuple[Any, ...] | None:
    single = detector.get("SingleMetricAnomalyDetector")
    if single is None:
        return None
    dimensions = {d["Name"]: d["Value"] for d in single.get("Dimensions", ())}
    return (
        single["Namespace"],
        single["MetricName"],
        single["Stat"],
        tuple(sorted(dimensions.items())),
    )


def test_real_detectors_exist(detectors: list[dict[str, Any]]) -> None:
    assert len(detectors) >= 3, [modelled(one) for one in detectors]


def test_every_band_alarm_stands_on_a_detector_of_its_own_metric(
    detectors: list[dict[str, Any]], band_alarms: list[dict[str, Any]]
) -> None:
    models = {modelled(one) for one in detectors}
    assert band_alarms, "no alarm uses a band"
    for alarm in band_alarms:
        metric = watched(alarm)
        if metric is not None:
            assert metric in models, f"{alarm['AlarmName']} watches {metric}, models are {models}"


def test_bands_are_customised(band_alarms: list[dict[str, Any]]) -> None:
    widths = {alarm["AlarmName"]: width(alarm) for alarm in band_alarms}
    assert len(set(widths.values())) >= 2, f"one width for all: {widths}"


def test_band_alarms_compare_with_the_band(band_alarms: list[dict[str, Any]]) -> None:
    legal = {
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
    }
    for alarm in band_alarms:
        assert alarm["ComparisonOperator"] in legal, alarm["AlarmName"]
        assert "Threshold" not in alarm, f"{alarm['AlarmName']} has a fixed threshold as well"


def test_the_detectors_belong_to_cloudformation_stacks_that_destroy_removes(
    platform: Platform, detectors: list[dict[str, Any]]
) -> None:
    cloudformation = platform.client("cloudformation")
    resources = [
        resource["ResourceType"]
        for stack in cloudformation.describe_stacks()["Stacks"]
        if stack["StackName"].startswith(platform.prefix)
        for resource in cloudformation.describe_stack_resources(StackName=stack["StackName"])[
            "StackResources"
        ]
    ]
    assert resources.count("AWS::CloudWatch::AnomalyDetector") == len(detectors)
