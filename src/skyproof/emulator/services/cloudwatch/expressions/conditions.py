"""IF, point by point.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions

The page lists the types that IF takes: a time series as condition, with a series or a scalar for
true and for false; a scalar as condition, with series alone. The rest is refused.
"""

from __future__ import annotations

import math

from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.values import Scalar, Series, Value


def choose(arguments: Arguments) -> Value:
    """IF: what is 0 is false; what is false and has no value for that is dropped."""
    condition = arguments.value(0)
    has_other = len(arguments) == 3
    if isinstance(condition, Series):
        return _by_point(
            condition,
            _branch(arguments, 1),
            _branch(arguments, 2) if has_other else condition.with_points(()),
        )
    chosen = arguments.series(1)
    other = arguments.series(2) if has_other else chosen.with_points(())
    holds = arguments.scalar(0)
    if math.isnan(holds):
        return chosen.with_points(())
    return chosen if holds else other


def _branch(arguments: Arguments, position: int) -> Series | Scalar:
    value = arguments.value(position)
    if isinstance(value, list | str):
        return arguments.refuse(position, "TimeSeries or Scalar")
    return value


def _by_point(condition: Series, chosen: Series | Scalar, other: Series | Scalar) -> Series:
    points = []
    for second, holds in condition.points.items():
        # A missing point is 0 where the condition is true and stays missing where it is false.
        value = _at(second, chosen, 0.0) if holds else _at(second, other, None)
        if value is not None:
            points.append((second, value))
    return condition.with_points(points)


def _at(second: int, value: Series | Scalar, absent: float | None) -> float | None:
    return value.points.get(second, absent) if isinstance(value, Series) else value
