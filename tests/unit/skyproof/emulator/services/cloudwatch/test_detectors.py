"""Anomaly detectors of single metrics and of metric math."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

STAGE = {"Name": "Stage", "Value": "prod"}
API = {"Name": "Api", "Value": "x"}
METRIC = {"Namespace": "App", "MetricName": "Latency", "Dimensions": [STAGE], "Stat": "p99"}
CONFIGURATION: dict[str, Any] = {
    "ExcludedTimeRanges": [{"StartTime": START, "EndTime": START + timedelta(hours=1)}],
    "MetricTimezone": "Europe/Zurich",
    "AdaptationSpeed": "SLOW",
    "OutlierFilteringStrength": "STRICT",
}


def queries(*returned: bool) -> list[dict[str, Any]]:
    metric = {"Namespace": "App", "MetricName": "Errors", "Dimensions": []}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    found: list[dict[str, Any]] = [{"Id": "e", "Expression": "m1 * 2", "ReturnData": returned[0]}]
    return found + [
        {"Id": f"m{n}", "MetricStat": stat, "ReturnData": data}
        for n, data in enumerate(returned[1:], 1)
    ]


def described(cloudwatch: Any, **filters: Any) -> list[dict[str, Any]]:
    return list(cloudwatch.describe_anomaly_detectors(**filters)["AnomalyDetectors"])


@pytest.mark.parametrize("form", ["legacy", "nested"])
def test_a_single_metric_in_either_form(cloudwatch: Any, form: str) -> None:
    """Both forms are described: LocalStack's snapshot ``test_anomaly_detector_lifecycle``,
    26-10-2023.
    """
    subject = METRIC if form == "legacy" else {"SingleMetricAnomalyDetector": METRIC}
    made = cloudwatch.put_anomaly_detector(
        **subject, Configuration=CONFIGURATION, MetricCharacteristics={"PeriodicSpikes": True}
    )
    assert described(cloudwatch) == [
        METRIC
        | {
            "AnomalyDetectorId": made["AnomalyDetectorId"],
            "SingleMetricAnomalyDetector": METRIC,
            "Configuration": CONFIGURATION,
            "MetricCharacteristics": {"PeriodicSpikes": True},
            "StateValue": "PENDING_TRAINING",
        }
    ]
    other = {"SingleMetricAnomalyDetector": METRIC} if form == "legacy" else METRIC
    cloudwatch.delete_anomaly_detector(**other)
    assert described(cloudwatch) == []


def test_metric_math(cloudwatch: Any) -> None:
    math = {"MetricDataQueries": queries(True, False, False)}
    made = cloudwatch.put_anomaly_detector(MetricMathAnomalyDetector=math)
    assert described(cloudwatch) == [], "metric math is shown only when it is asked for"
    assert described(cloudwatch, AnomalyDetectorTypes=["METRIC_MATH"]) == [
        {
            "AnomalyDetectorId": made["AnomalyDetectorId"],
            "MetricMathAnomalyDetector": math,
            "Configuration": {"ExcludedTimeRanges": []},
            "StateValue": "PENDING_TRAINING",
        }
    ]
    cloudwatch.delete_anomaly_detector(MetricMathAnomalyDetector=math)
    assert described(cloudwatch, AnomalyDetectorTypes=["METRIC_MATH"]) == []


def test_putting_again_replaces_the_configuration(cloudwatch: Any) -> None:
    first = cloudwatch.put_anomaly_detector(**METRIC, Configuration=CONFIGURATION)
    second = cloudwatch.put_anomaly_detector(**METRIC)
    assert first["AnomalyDetectorId"] == second["AnomalyDetectorId"]
    (detector,) = described(cloudwatch)
    assert detector["Configuration"] == {"ExcludedTimeRanges": []}


def test_the_order_of_dimensions_is_of_no_account(cloudwatch: Any) -> None:
    for dimensions in ([STAGE, API], [API, STAGE]):
        cloudwatch.put_anomaly_detector(**METRIC | {"Dimensions": dimensions})
    assert len(described(cloudwatch)) == 1


def test_filters(cloudwatch: Any) -> None:
    cloudwatch.put_anomaly_detector(**METRIC)
    cloudwatch.put_anomaly_detector(**METRIC | {"Stat": "Sum", "Dimensions": [STAGE, API]})
    other = cloudwatch.put_anomaly_detector(Namespace="Web", MetricName="Hits", Stat="Sum")
    cloudwatch.put_anomaly_detector(
        MetricMathAnomalyDetector={"MetricDataQueries": queries(True, False)}
    )

    def found(**filters: Any) -> list[str]:
        return [
            f"{d.get('MetricName', 'math')} {d.get('Stat', '')}"
            for d in described(cloudwatch, **filters)
        ]

    assert found() == ["Latency p99", "Latency Sum", "Hits Sum"]
    assert found(Namespace="App") == ["Latency p99", "Latency Sum"]
    assert found(MetricName="Hits") == ["Hits Sum"]
    assert found(Dimensions=[API]) == ["Latency Sum"]
    assert found(AnomalyDetectorTypes=["SINGLE_METRIC", "METRIC_MATH"])[-1] == "math "
    assert found(AnomalyDetectorIds=[other["AnomalyDetectorId"]]) == ["Hits Sum"]


def test_pages(cloudwatch: Any) -> None:
    for number in range(3):
        cloudwatch.put_anomaly_detector(Namespace="N", MetricName=f"m{number}", Stat="Sum")
    first = cloudwatch.describe_anomaly_detectors(MaxResults=2)
    last = cloudwatch.describe_anomaly_detectors(MaxResults=2, NextToken=first["NextToken"])
    names = [d["MetricName"] for d in first["AnomalyDetectors"] + last["AnomalyDetectors"]]
    assert names == ["m0", "m1", "m2"]
    assert "NextToken" not in last


def test_deleting_by_id(cloudwatch: Any, refused: Any) -> None:
    made = cloudwatch.put_anomaly_detector(**METRIC)["AnomalyDetectorId"]
    cloudwatch.delete_anomaly_detector(AnomalyDetectorId=made)
    assert described(cloudwatch) == []
    with refused("ResourceNotFoundException", "The specified anomaly detector does not exist"):
        cloudwatch.delete_anomaly_detector(AnomalyDetectorId=made)


BOTH = "The parameters {} and {} are mutually exclusive and you have specified both."
SINGLE = {"SingleMetricAnomalyDetector": METRIC}


def math_of(*returned: bool, **change: Any) -> dict[str, Any]:
    found = queries(*returned)
    found[0] |= change
    return {"MetricMathAnomalyDetector": {"MetricDataQueries": found}}


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            SINGLE | {"MetricName": "x"},
            "InvalidParameterCombination",
            BOTH.format("MetricName", "SingleMetricAnomalyDetector"),
        ),
        (
            SINGLE | math_of(True),
            "InvalidParameterCombination",
            BOTH.format("SingleMetricAnomalyDetector", "MetricMathAnomalyDetector"),
        ),
        (
            {},
            "MissingParameter",
            "The parameter SingleMetricAnomalyDetector or MetricMathAnomalyDetector is required.",
        ),
        (
            {"Namespace": "N", "MetricName": "m"},
            "MissingParameter",
            "The parameter Stat is required.",
        ),
        (
            METRIC | {"Stat": "Sum_E"},
            "InvalidParameterValue",
            "The value Sum_E for parameter Stat is not supported.",
        ),
        (
            {"MetricMathAnomalyDetector": {}},
            "MissingParameter",
            "The parameter MetricDataQueries is required.",
        ),
        (
            {"SingleMetricAnomalyDetector": METRIC | {"AccountId": "999999999999"}},
            "InvalidParameterValue",
            "The account 999999999999 is not linked to this monitoring account "
            "(models of linked accounts' metrics are not emulated)",
        ),
        (
            math_of(False, False),
            "InvalidParameterValue",
            "Exactly one element of MetricDataQueries must have ReturnData set to true",
        ),
        (
            math_of(True, True),
            "InvalidParameterValue",
            "Exactly one element of MetricDataQueries must have ReturnData set to true",
        ),
        (
            math_of(True, *[False] * 11),
            "InvalidParameterValue",
            "MetricDataQueries must not contain more than 10 metrics",
        ),
        (
            math_of(True, False, Id="m1"),
            "InvalidParameterValue",
            "The values for parameter Id in MetricDataQueries are not unique",
        ),
        (
            {"MetricMathAnomalyDetector": {"MetricDataQueries": [{"Id": "e"}]}},
            "InvalidParameterValue",
            "Exactly one of MetricStat and Expression must be set for Id e",
        ),
        (
            METRIC
            | {"Configuration": {"ExcludedTimeRanges": CONFIGURATION["ExcludedTimeRanges"] * 11}},
            "InvalidParameterValue",
            "ExcludedTimeRanges must not contain more than 10 time ranges",
        ),
        (
            METRIC
            | {"Configuration": {"ExcludedTimeRanges": [{"StartTime": START, "EndTime": START}]}},
            "InvalidParameterValue",
            "The StartTime of an excluded time range must be before its EndTime",
        ),
        (
            METRIC | {"Configuration": {"MetricTimezone": "Mars/Olympus"}},
            "InvalidParameterValue",
            "The value Mars/Olympus for parameter MetricTimezone is not a time zone of the tz "
            "database",
        ),
        (
            METRIC | {"Configuration": {"MetricTimezone": "../etc"}},
            "InvalidParameterValue",
            "The value ../etc for parameter MetricTimezone is not a time zone of the tz database",
        ),
    ],
)
def test_what_is_refused_and_how(
    cloudwatch: Any, refused: Any, params: dict[str, Any], code: str, message: str
) -> None:
    with refused(code, message):
        cloudwatch.put_anomaly_detector(**params)
    types = ["SINGLE_METRIC", "METRIC_MATH"]
    assert described(cloudwatch, AnomalyDetectorTypes=types) == []


def test_an_unknown_statistic_is_refused(cloudwatch: Any) -> None:
    with pytest.raises(ClientError, match="'Mean' at 'stat' failed to satisfy constraint"):
        cloudwatch.put_anomaly_detector(**METRIC | {"Stat": "Mean"})


def test_ids_and_filters_exclude_each_other(cloudwatch: Any, refused: Any) -> None:
    with refused("InvalidParameterCombination", BOTH.format("AnomalyDetectorIds", "Namespace")):
        cloudwatch.describe_anomaly_detectors(AnomalyDetectorIds=["x"], Namespace="N")
