"""The statistics of ``stats``: each one value of many, of which missing ones do not count.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, sqrt
from typing import TypeAlias

from skyproof.emulator.services.logs.insights.values import (
    Number,
    Value,
    finite,
    number,
    sort_key,
    text,
)

Statistic: TypeAlias = Callable[[Sequence[Value]], Value]

#: The values of these must come in the order of their events' timestamps.
BY_TIME = frozenset({"earliest", "latest"})


def percentile(values: Sequence[Value], percent: Number) -> Value:
    """The smallest value that at least ``percent`` of the values do not exceed.

    AWS approximates it in a way that it does not document; this is the nearest-rank definition.
    """
    numbers = sorted(_numbers(values))
    return numbers[max(0, ceil(len(numbers) * percent / 100) - 1)] if numbers else None


def _numbers(values: Sequence[Value]) -> list[Number]:
    found = (number(value) for value in values)
    return [one for each in found if each is not None and (one := finite(each)) is not None]


def _total(values: Sequence[Value]) -> Value:
    numbers = _numbers(values)
    return finite(sum(numbers)) if numbers else None


def _average(values: Sequence[Value]) -> Value:
    numbers = _numbers(values)
    return finite(sum(numbers) / len(numbers)) if numbers else None


def _deviation(values: Sequence[Value]) -> Value:
    """Of the population: AWS does not say which of the two it calculates."""
    numbers = _numbers(values)
    if not numbers:
        return None
    mean = sum(numbers) / len(numbers)
    return finite(sqrt(sum((one - mean) * (one - mean) for one in numbers) / len(numbers)))


def _distinct(values: Sequence[Value]) -> Value:
    return len({text(value) for value in values})


def _least(values: Sequence[Value]) -> Value:
    return min(values, key=sort_key, default=None)


def _greatest(values: Sequence[Value]) -> Value:
    return max(values, key=sort_key, default=None)


#: By name in lower case; ``pct`` is apart, as it takes a percentage.
STATISTICS: dict[str, Statistic] = {
    "avg": _average,
    "count": len,
    "count_distinct": _distinct,
    "max": _greatest,
    "min": _least,
    "stddev": _deviation,
    "sum": _total,
    "earliest": lambda values: values[0] if values else None,
    "latest": lambda values: values[-1] if values else None,
    "sortsfirst": _least,
    "sortslast": _greatest,
}
