"""The functions of time: parts of the time stamps, and differences from point to point.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from skyproof.emulator.services.cloudwatch.expressions.arguments import Arguments
from skyproof.emulator.services.cloudwatch.expressions.values import Series, Value

_PARTS: dict[str, Callable[[datetime], float]] = {
    "MINUTE": lambda time: time.minute,
    "HOUR": lambda time: time.hour,
    "DAY": datetime.isoweekday,  # "1 represents Monday and 7 represents Sunday"
    "DATE": lambda time: time.day,
    "MONTH": lambda time: time.month,
    "YEAR": lambda time: time.year,
    "EPOCH": datetime.timestamp,
}


def part(arguments: Arguments) -> Value:
    """MINUTE, HOUR, DAY, …: in UTC, of every second of the series' grid, also where it has gaps."""
    series, environment = arguments.series(0), arguments.environment
    of = _PARTS[arguments.function]
    seconds = range(environment.start, environment.end, series.period)
    return series.with_points((s, of(datetime.fromtimestamp(s, UTC))) for s in seconds)


def time_series(arguments: Arguments) -> Value:
    """TIME_SERIES: "a non-sparse time series where every value is set to a scalar argument"."""
    value, environment = arguments.scalar(0), arguments.environment
    seconds = range(environment.start, environment.end, environment.period)
    return Series("", {}, environment.period).with_points((second, value) for second in seconds)


def diff(arguments: Arguments) -> Value:
    """DIFF: each value less the preceding one that exists."""
    return arguments.each(lambda s: s.with_points((t, value) for t, _, value in _steps(s)))


def diff_time(arguments: Arguments) -> Value:
    """DIFF_TIME: the seconds since the preceding point that exists."""
    return arguments.each(lambda s: s.with_points((t, seconds) for t, seconds, _ in _steps(s)))


def rate(arguments: Arguments) -> Value:
    """RATE: the change per second since the preceding point that exists."""
    return arguments.each(
        lambda s: s.with_points((t, value / seconds) for t, seconds, value in _steps(s))
    )


def running_sum(arguments: Arguments) -> Value:
    """RUNNING_SUM: the sum of all values so far."""
    return arguments.each(
        lambda s: s.with_points(zip(s.points, accumulate(s.points.values()), strict=True))
    )


def _steps(series: Series) -> Iterator[tuple[int, int, float]]:
    """Of each point but the first: when it is, seconds and difference since the one before."""
    for (before, old), (now, new) in pairwise(series.points.items()):
        yield now, now - before, new - old
