"""FILL: values for the gaps of a time series.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list

A scalar fills every gap, another series those where it has a point. REPEAT fills with "the most
recent actual value of the metric before the missing value", LINEAR with "a linear interpolation
between the values at the beginning and the end of the gap"; gaps that begin before the first point,
for LINEAR also those that end after the last, have no such values and remain.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise

from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.values import Environment, Series, Value

Timed = Iterator[tuple[int, float]]


def fill(arguments: Arguments) -> Value:
    """FILL: each series with its gaps on the grid of its own period filled."""
    filler = _filler(arguments)

    def filled(series: Series) -> Series:
        seconds = _seconds(series, arguments.environment)
        return series.with_points(
            sorted({**dict(filler(series, seconds)), **series.points}.items())
        )

    return arguments.each(filled)


def _filler(arguments: Arguments) -> Callable[[Series, list[int]], Timed]:
    if arguments.given[1].keyword is not None:
        word = arguments.keyword(1, "REPEAT", "LINEAR")
        return _repeat if word == "REPEAT" else _linear
    value = arguments.value(1)
    if isinstance(value, Series):
        points = value.points
        return lambda _, seconds: ((s, points[s]) for s in seconds if s in points)
    scalar = arguments.scalar(1)
    return lambda _, seconds: ((second, scalar) for second in seconds)


def _seconds(series: Series, environment: Environment) -> list[int]:
    grid = range(environment.start, environment.end, series.period)
    return sorted({*grid, *series.points})


def _repeat(series: Series, seconds: list[int]) -> Timed:
    latest: float | None = None
    for second in seconds:
        latest = series.points.get(second, latest)
        if latest is not None:
            yield second, latest


def _linear(series: Series, seconds: list[int]) -> Timed:
    points = series.points
    for begin, end in pairwise(points):
        inside = seconds[bisect_right(seconds, begin) : bisect_left(seconds, end)]
        for second in inside:
            share = (second - begin) / (end - begin)
            yield second, points[begin] * (1 - share) + points[end] * share
