"""What PutMetricAlarm accepts.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; where a
text is recorded, its source stands beside it, elsewhere the words are ours in CloudWatch's manner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.services.cloudwatch import refusals, statistics

DAY = 86_400
HOUR = 3_600
MAX_METRICS = 10
RANGE_OPERATORS = frozenset(
    (
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "GreaterThanUpperThreshold",
    )
)
#: Metric math over metrics or a band: what the alarm itself may then not say.
_OF_ONE_METRIC = (
    "MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic",
)  # fmt: skip
_BAND = re.compile(r"\s*ANOMALY_DETECTION_BAND\s*\(", re.IGNORECASE)
_QUERY_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
#: Parameters newer than what is emulated: refused rather than kept and forgotten.
_ABSENT = ("EvaluationCriteria", "EvaluationWindow", "EvaluationInterval", "WarmUpConfiguration")

Params = dict[str, Any]


def check(params: Params) -> None:
    """Refuse an alarm that CloudWatch would refuse.

    Raises:
        AwsError: ValidationError or InvalidParameterValue.
        OperationNotImplementedError: PromQL alarms and evaluation windows.
    """
    for name in _ABSENT:
        if name in params:
            raise OperationNotImplementedError("cloudwatch", "PutMetricAlarm", name)
    # PromQL alarms have neither, so that the model of today requires neither.
    for name in ("EvaluationPeriods", "ComparisonOperator"):
        if name not in params:
            raise refusals.validation(f"{name} must not be null")
    _check_choices(params)
    periods = _check_queries(params) if "Metrics" in params else _check_one_metric(params)
    _check_threshold(params)
    if params.get("DatapointsToAlarm", 1) > params["EvaluationPeriods"]:
        # https://github.com/hashicorp/terraform/issues/24070
        raise refusals.validation(
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
        )
    _check_window(max(periods, default=60), params["EvaluationPeriods"])


def band_of(params: Params) -> Params | None:
    """The ANOMALY_DETECTION_BAND query that an alarm compares with, if it is a band alarm."""
    wanted = params.get("ThresholdMetricId")
    return next((q for q in params.get("Metrics", []) if q["Id"] == wanted), None)


def _check_choices(params: Params) -> None:
    treatment = params.get("TreatMissingData", "missing")
    if treatment not in _TREATMENTS:
        raise refusals.validation(
            f"Option {treatment} is not supported. "
            "Supported options for parameter TreatMissingData "
            f"are {', '.join(_TREATMENTS[:-1])} and {_TREATMENTS[-1]}."
        )
    samples = params.get("EvaluateLowSampleCountPercentile", "evaluate")
    if samples not in ("evaluate", "ignore"):
        raise refusals.validation(
            f"Option {samples} is not supported. "
            "Supported options for parameter EvaluateLowSampleCountPercentile "
            "are evaluate and ignore."
        )


def _check_one_metric(params: Params) -> list[int]:
    # https://github.com/aws-cloudformation/cfn-lint/pull/771: "MetricName must not be null"
    for name in ("MetricName", "Namespace", "Period"):
        if name not in params:
            raise refusals.validation(f"{name} must not be null")
    statistic, extended = params.get("Statistic"), params.get("ExtendedStatistic")
    if (statistic is None) == (extended is None):
        raise refusals.validation(
            "Exactly one of Statistic and ExtendedStatistic must be specified"
            if statistic is None
            else "Statistic and ExtendedStatistic cannot both be set"
        )
    if extended is not None and not statistics.is_extended(extended):
        raise refusals.invalid(
            f"The value {extended} for parameter ExtendedStatistic is not supported."
        )
    _check_dimensions(params.get("Dimensions", []))
    _check_period(params["Period"])
    return [params["Period"]]


def _check_queries(params: Params) -> list[int]:
    queries = params["Metrics"]
    for name in _OF_ONE_METRIC:
        if params.get(name):
            # https://github.com/aws-cloudformation/cfn-lint/pull/1306
            raise refusals.validation(f"{name} should not be set if list of Metrics is set.")
    ids = [query["Id"] for query in queries]
    for query in queries:
        _check_query(query)
    repeated = next((i for i in ids if ids.count(i) > 1), None)
    if repeated is not None:
        raise refusals.validation(
            f"The values for parameter Id in Metrics are not unique: {repeated}"
        )
    if sum("MetricStat" in query for query in queries) > MAX_METRICS:
        raise refusals.validation(f"Metrics list must not contain more than {MAX_METRICS} metrics")
    _check_return_data(params)
    periods = {q["MetricStat"]["Period"] for q in queries if "MetricStat" in q}
    periods |= {q["Period"] for q in queries if "Period" in q}
    if len(periods) > 1:
        raise refusals.validation("All metrics in the Metrics list must have the same period")
    for period in periods:
        _check_period(period)
    return sorted(periods)


def _check_query(query: Params) -> None:
    if not _QUERY_ID.fullmatch(query["Id"]):
        raise refusals.validation(
            f"Invalid metrics list: Id {query['Id']} must start with a lowercase letter and "
            "contain only letters, numbers and underscores"
        )
    if ("MetricStat" in query) == ("Expression" in query):
        raise refusals.validation(
            f"Exactly one of MetricStat and Expression must be set for Id {query['Id']}"
        )
    if "MetricStat" not in query:
        return
    stat, metric = query["MetricStat"]["Stat"], query["MetricStat"]["Metric"]
    for name in ("Namespace", "MetricName"):
        if name not in metric:
            raise refusals.validation(
                f"{name} must not be null in the MetricStat of Id {query['Id']}"
            )
    _check_dimensions(metric.get("Dimensions", []))
    if not statistics.is_valid(stat):
        raise refusals.validation(f"The value {stat} for parameter Stat is not supported.")


def _check_return_data(params: Params) -> None:
    returned = [q for q in params["Metrics"] if q.get("ReturnData", True)]
    if "ThresholdMetricId" not in params:
        if len(returned) != 1:
            raise refusals.validation("Exactly one element of the metrics list should return data.")
        return
    # Both recorded in https://github.com/hashicorp/terraform-provider-aws/pull/42504
    if not any(q["Id"] == params["ThresholdMetricId"] for q in returned):
        raise refusals.validation(
            "Metrics list must contain exactly one metric matching the ThresholdMetricId parameter"
        )
    if len(returned) != 2:
        raise refusals.validation("Exactly two elements of the metrics list should return data.")
    band = band_of(params)
    if band is None or not _BAND.match(band.get("Expression", "")):
        raise refusals.validation(
            "ThresholdMetricId must match the Id of an ANOMALY_DETECTION_BAND expression"
        )


def _check_threshold(params: Params) -> None:
    on_range = params["ComparisonOperator"] in RANGE_OPERATORS
    if "ThresholdMetricId" in params:
        if "Threshold" in params:
            # https://github.com/aws-cloudformation/cfn-lint/pull/1306
            raise refusals.validation("Threshold and ThresholdMetricId cannot both be set")
        if "Metrics" not in params:
            raise refusals.validation("ThresholdMetricId can only be set if list of Metrics is set")
        if not on_range:
            raise refusals.validation("ThresholdMetricId requires a ComparisonOperator for ranges")
        return
    if on_range:
        # https://github.com/terraform-aws-modules/terraform-aws-cloudwatch/issues/13
        raise refusals.validation(
            "ComparisonOperators for ranges require ThresholdMetricId to be set"
        )
    if "Threshold" not in params:
        raise refusals.validation("Threshold must not be null")


def _check_period(period: int) -> None:
    if period not in (10, 20, 30) and period % 60:
        raise refusals.validation("Period must be 10, 20, 30 or a multiple of 60")


def _check_window(period: int, evaluation_periods: int) -> None:
    longest = 7 * DAY if period >= HOUR else DAY
    if period * evaluation_periods > longest:
        span = "seven days" if period >= HOUR else "a day"
        raise refusals.validation(
            f"Metrics cannot be checked across more than {span} "
            f"(EvaluationPeriods * Period must be <= {longest})."
        )


def _check_dimensions(dimensions: Iterable[Params]) -> None:
    names = [dimension["Name"] for dimension in dimensions]
    if len(set(names)) != len(names):
        raise refusals.validation("Dimension names must be unique")
