"""The types of metric math: scalar (S), time series (TS), array of time series (TS[]), string.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-datatypes

A scalar that is not defined, such as 1/0 or the average of nothing, is NaN. It never gets into a
time series: "If the value of a data point causes a function to attempt to divide by zero, the data
point is dropped."
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

Points = dict[int, float]
"""Second since the epoch to value, in order of time; a gap is an absent key."""


@dataclass(frozen=True)
class Series:
    """One time series; ``period`` in seconds."""

    label: str
    points: Points
    period: int

    def with_points(self, points: Iterable[tuple[int, float]]) -> Series:
        """The same series with other points; those without a finite value are dropped."""
        kept = {second: value for second, value in points if math.isfinite(value)}
        return Series(self.label, kept, self.period)

    def mapped(self, function: Callable[[float], float]) -> Series:
        """The series of a function's results, by point; no point where there is no result."""
        return self.with_points((s, defined(function, v)) for s, v in self.points.items())


Scalar = float
Value = Scalar | Series | list[Series] | str


class Environment(Protocol):
    """What an expression is evaluated in: the grid of time, and the other queries of the request.

    The grid is the seconds ``start``, ``start + period``, … before ``end``.
    """

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def period(self) -> int: ...

    def value(self, id: str) -> Value:
        """The value of another query; raises KeyError for an id that there is not."""
        ...

    def metrics(self) -> list[Series]:
        """All metrics of the request, without the expressions, in the order of `metric_ids`."""
        ...

    def metric_ids(self) -> list[str]:
        """The ids of `metrics`."""
        ...

    def search(self, query: str, stat: str, period: int | None) -> list[Series]:
        """The metrics that a search finds; ``period`` in seconds, None for the request's own."""
        ...

    def band(self, of: Series, id: str, width: float) -> tuple[Series, Series]:
        """Upper and lower edge of an anomaly band, ``width`` standard deviations to each side.

        ``id`` is the query that ``of`` is the value of.
        """
        ...


def kind(value: Value) -> str:
    """The name of a value's type."""
    match value:
        case Series():
            return "TimeSeries"
        case list():
            return "TimeSeries[]"
        case str():
            return "String"
    return "Scalar"


def defined(function: Callable[..., float], *arguments: object) -> float:
    """The result of a function, or NaN where it has none that is finite."""
    try:
        result = function(*arguments)
    except (ArithmeticError, ValueError):
        return math.nan
    return float(result) if math.isfinite(result) else math.nan
