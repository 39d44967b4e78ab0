"""What PutMetricData accepts, and how it is kept.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.cloudwatch import refusals, retention
from skyproof.emulator.services.cloudwatch.metrics import MetricId, MetricStore

MAX_DATA = 1_000
MAX_VALUES = 150
#: How far in the past and in the future a datum may lie.
OLDEST = timedelta(weeks=2)
NEWEST = timedelta(hours=2)
_LIMIT = 2.0**360

Datum = dict[str, Any]


def publish(store: MetricStore, namespace: str, data: list[Datum], now: datetime) -> list[MetricId]:
    """Keep data, all or none, and say which metrics they are of.

    Raises:
        AwsError: InvalidParameterValue, InvalidParameterCombination or MissingParameter.
    """
    if not data:
        raise refusals.missing("MetricData")
    if len(data) > MAX_DATA:
        raise refusals.invalid(
            f"The collection MetricData must not have a size greater than {MAX_DATA}."
        )
    wrong = [p for n, d in enumerate(data, 1) for p in _problems(f"MetricData.member.{n}", d, now)]
    if wrong:
        # All that is wrong in the same way, one a line (recorded):
        # https://github.com/aws-robotics/cloudwatchmetrics-ros1/issues/46
        alike = [problem.message for problem in wrong if problem.code == wrong[0].code]
        raise AwsError(wrong[0].code, "\n".join(alike))
    return list(dict.fromkeys(_keep(store, namespace, datum, now) for datum in data))


def _problems(where: str, datum: Datum, now: datetime) -> Iterator[AwsError]:
    # An empty list is how the query protocol says "none".
    given = [n for n in ("Value", "Values", "StatisticValues") if datum.get(n) not in (None, [])]
    if not given:
        yield refusals.missing(f"{where}.Value")
    if len(given) > 1:
        yield refusals.exclusive(f"{where}.{given[0]}", f"{where}.{given[1]}")
    for name, number in _numbers(datum):
        if not math.isfinite(number) or abs(number) > _LIMIT:
            yield refusals.invalid(f"The value {number:g} for parameter {where}.{name} is invalid.")
    values, counts = datum.get("Values", []), datum.get("Counts", [])
    if len(values) > MAX_VALUES:
        yield refusals.invalid(
            f"The collection {where}.Values must not have a size greater than {MAX_VALUES}."
        )
    if counts and len(counts) != len(values):
        yield refusals.invalid(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    resolution = datum.get("StorageResolution", 60)
    if resolution not in (1, 60):
        yield refusals.invalid(
            f"The value {resolution} for parameter {where}.StorageResolution is invalid."
        )
    moment = datum.get("Timestamp", now)
    if not now - OLDEST <= moment <= now + NEWEST:
        # Also of times far in the future: https://github.com/awsdocs/aws-iot-docs/pull/33
        yield refusals.invalid(
            f"The parameter {where}.Timestamp must specify a time within the past two weeks."
        )
    names = [dimension["Name"] for dimension in datum.get("Dimensions", [])]
    if len(set(names)) != len(names):
        yield refusals.invalid(f"{where}.Dimensions must not contain the same name twice.")


def _numbers(datum: Datum) -> Iterator[tuple[str, float]]:
    if "Value" in datum:
        yield "Value", datum["Value"]
    for number in datum.get("Values", []):
        yield "Values", number
    for number in datum.get("Counts", []):
        # A negative count is no number of occurrences.
        yield "Counts", number if number >= 0 else math.nan
    for name, number in datum.get("StatisticValues", {}).items():
        yield f"StatisticValues.{name}", number


def _keep(store: MetricStore, namespace: str, datum: Datum, now: datetime) -> MetricId:
    metric = MetricId.of({"Namespace": namespace, **datum})
    second = int(datum.get("Timestamp", now).timestamp())
    resolution = datum.get("StorageResolution", 60)
    if resolution == 1:
        resolution = retention.grain(now.timestamp() - second)
    distribution = store.add(metric, datum.get("Unit", "None"), second, resolution)
    if "StatisticValues" in datum:
        known = datum["StatisticValues"]
        distribution.add_set(known["SampleCount"], known["Sum"], known["Minimum"], known["Maximum"])
    elif datum.get("Values"):
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        for value, count in zip(datum["Values"], counts, strict=True):
            distribution.add(value, count)
    else:
        distribution.add(datum["Value"])
    return metric
