"""The functions that make, order and cut arrays of time series.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

from __future__ import annotations

import math

from skyproof.emulator.services.cloudwatch.expressions.aggregates import of_points
from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.values import Series, Value


def metrics(arguments: Arguments) -> Value:
    """METRICS: all metrics of the request, or those with a text in their ids."""
    wanted = arguments.text(0) if len(arguments) else ""
    environment = arguments.environment
    known = zip(environment.metric_ids(), environment.metrics(), strict=True)
    return [series for name, series in known if wanted in name]


def search(arguments: Arguments) -> Value:
    """SEARCH: what is found by its own query language, see `search_syntax`."""
    period = _whole(arguments, 2, least=1) if len(arguments) == 3 else None
    return arguments.environment.search(arguments.text(0), arguments.text(1), period)


def metric_count(arguments: Arguments) -> Value:
    """METRIC_COUNT: how many series an array has."""
    return float(len(arguments.array(0)))


def first(arguments: Arguments) -> Value:
    """FIRST: of an anomaly detection band the upper edge."""
    return _member(arguments, 0)


def last(arguments: Arguments) -> Value:
    """LAST: of an anomaly detection band the lower edge."""
    return _member(arguments, -1)


def remove_empty(arguments: Arguments) -> Value:
    """REMOVE_EMPTY: the series that have points."""
    return [series for series in arguments.array(0) if series.points]


def cut(arguments: Arguments) -> Value:
    """SLICE: from a place, counted from 0, up to another, or to the end."""
    start = _whole(arguments, 1)
    end = _whole(arguments, 2) if len(arguments) == 3 else None
    return arguments.array(0)[start:end]


def sort(arguments: Arguments) -> Value:
    """SORT: by an aggregate of each series, at most so many; those without points come last."""
    function = arguments.keyword(1, "AVG", "MIN", "MAX", "SUM")
    descends = arguments.keyword(2, "ASC", "DESC") == "DESC"
    limit = _whole(arguments, 3) if len(arguments) == 4 else None

    def rank(series: Series) -> tuple[bool, float]:
        value = of_points(function, series)
        return not series.points, -value if descends else value

    return sorted(arguments.array(0), key=rank)[:limit]


def _member(arguments: Arguments, index: int) -> Series:
    array = arguments.array(0)
    return array[index] if array else Series("", {}, arguments.environment.period)


def _whole(arguments: Arguments, position: int, least: int = 0) -> int:
    value = arguments.scalar(position)
    if not (math.isfinite(value) and value == int(value) and value >= least):
        raise ExpressionError(
            f"Argument {position + 1} of function '{arguments.function}' must be a whole number "
            f"of at least {least}, not {value:g}"
        )
    return int(value)
