"""AVG, DATAPOINT_COUNT, MAX, MIN, STDDEV and SUM: of a time series a scalar, of an array a series.

"The AVG of a single time series returns a scalar representing the average of all the data points
in the metric. The AVG of an array of time series returns a single time series."
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list

Only points that exist count, also for AVG, where the page adds that missing values are treated as
0. STDDEV is that of a population; the page does not tell.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.values import Series, Value, defined

#: Those that have no result for no values raise ValueError.
_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "AVG": statistics.fmean,
    "DATAPOINT_COUNT": len,
    "MAX": max,
    "MIN": min,
    "STDDEV": statistics.pstdev,
    "SUM": math.fsum,
}


def aggregate(arguments: Arguments) -> Value:
    """The function of that name over the points of a series, or over an array second by second."""
    value = arguments.one_or_many(0)
    if isinstance(value, Series):
        return of_points(arguments.function, value)
    seconds = sorted({second for series in value for second in series.points})
    first = value[0] if value else Series("", {}, arguments.environment.period)
    total = Series(first.label, {}, max((s.period for s in value), default=first.period))
    return total.with_points((s, _of(arguments.function, _at(s, value))) for s in seconds)


def of_points(function: str, series: Series) -> float:
    """An aggregate of all points of a series; NaN where it has none, as the MAX of no points."""
    return _of(function, list(series.points.values()))


def _at(second: int, array: list[Series]) -> list[float]:
    return [series.points[second] for series in array if second in series.points]


def _of(function: str, values: list[float]) -> float:
    return defined(_AGGREGATES[function], values)
