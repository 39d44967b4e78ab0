"""The functions of metric math: which there are, how many arguments each takes, and what it does.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from skyproof.emulator.services.cloudwatch.expressions import (
    aggregates,
    arrays,
    conditions,
    filling,
    times,
)
from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.errors import (
    ExpressionError,
    not_implemented,
)
from skyproof.emulator.services.cloudwatch.expressions.values import Value

#: Standard deviations to each side of an anomaly detection band: "the default of 2 is used".
DEFAULT_WIDTH = 2.0
_ANY_NUMBER = 255


@dataclass(frozen=True)
class Function:
    """What a function does, and from how many arguments to how many it takes."""

    body: Callable[[Arguments], Value]
    least: int = 1
    most: int = 1

    @property
    def takes(self) -> str:
        if self.most == _ANY_NUMBER:
            return f"at least {self.least} argument(s)"
        if self.least == self.most:
            return f"{self.least} argument(s)"
        return f"{self.least} to {self.most} arguments"


def _by_point(function: Callable[[float], float]) -> Function:
    return Function(lambda arguments: arguments.each(lambda series: series.mapped(function)))


def _band(arguments: Arguments) -> Value:
    width = arguments.scalar(1) if len(arguments) == 2 else DEFAULT_WIDTH
    if not width > 0:
        raise ExpressionError(f"The width of '{arguments.function}' must be positive")
    return list(arguments.environment.band(arguments.series(0), arguments.id(0), width))


def _period(arguments: Arguments) -> Value:
    """PERIOD: "Valid input is metrics, not the results of other expressions"."""
    series, name = arguments.series(0), arguments.id(0)
    if name not in arguments.environment.metric_ids():
        raise ExpressionError(f"'{arguments.function}' takes a metric, '{name}' is an expression")
    return float(series.period)


def _missing(arguments: Arguments) -> Value:
    raise not_implemented(arguments.function)


FUNCTIONS: dict[str, Function] = {
    "ABS": _by_point(abs),
    "ANOMALY_DETECTION_BAND": Function(_band, 1, 2),
    "AVG": Function(aggregates.aggregate),
    "CEIL": _by_point(math.ceil),
    "DATAPOINT_COUNT": Function(aggregates.aggregate),
    "DATE": Function(times.part),
    "DAY": Function(times.part),
    "DB_PERF_INSIGHTS": Function(_missing, 3, 3),
    "DIFF": Function(times.diff),
    "DIFF_TIME": Function(times.diff_time),
    "EPOCH": Function(times.part),
    "FILL": Function(filling.fill, 2, 2),
    "FIRST": Function(arrays.first),
    "FLOOR": _by_point(math.floor),
    "HOUR": Function(times.part),
    "IF": Function(conditions.choose, 2, 3),
    "INSIGHT_RULE_METRIC": Function(_missing, 2, 2),
    "LAMBDA": Function(_missing, 1, _ANY_NUMBER),
    "LAST": Function(arrays.last),
    "LOG": _by_point(math.log),
    "LOG10": _by_point(math.log10),
    "MAX": Function(aggregates.aggregate),
    "METRICS": Function(arrays.metrics, 0, 1),
    "METRIC_COUNT": Function(arrays.metric_count),
    "MIN": Function(aggregates.aggregate),
    "MINUTE": Function(times.part),
    "MONTH": Function(times.part),
    "PERIOD": Function(_period),
    "RATE": Function(times.rate),
    "REMOVE_EMPTY": Function(arrays.remove_empty),
    "RUNNING_SUM": Function(times.running_sum),
    "SEARCH": Function(arrays.search, 2, 3),
    "SERVICE_QUOTA": Function(_missing),
    "SLICE": Function(arrays.cut, 2, 3),
    "SORT": Function(arrays.sort, 3, 4),
    "STDDEV": Function(aggregates.aggregate),
    "SUM": Function(aggregates.aggregate),
    "TIME_SERIES": Function(times.time_series),
    "YEAR": Function(times.part),
}
