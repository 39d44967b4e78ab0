"""The statistics that CloudWatch knows by name, and their values.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.services.cloudwatch.metrics import Distribution

_SIMPLE: dict[str, Callable[[Distribution], float]] = {
    "SampleCount": lambda d: d.samples,
    "Average": lambda d: d.total / d.samples,
    "Sum": lambda d: d.total,
    "Minimum": lambda d: d.minimum,
    "Maximum": lambda d: d.maximum,
}
SIMPLE = frozenset(_SIMPLE)

_SHARE = r"(?:100(?:\.0{0,10})?|\d{1,2}(?:\.\d{0,10})?)"
_NUMBER = r"-?\d+(?:\.\d{0,10})?(?:[Ee][+-]?\d+)?"
_PERCENTILE = re.compile(rf"p({_SHARE})")
_EXTENDED = re.compile(
    rf"IQM|(?:p|tm|tc|ts|wm){_SHARE}"
    rf"|(?:TM|TC|TS|WM)\((?:{_SHARE}%:{_SHARE}%|{_SHARE}%:|:{_SHARE}%)\)"
    rf"|(?:TM|TC|TS|WM|PR)\((?:{_NUMBER}:(?:{_NUMBER})?|:{_NUMBER})\)"
)


def is_valid(name: str) -> bool:
    """Whether CloudWatch knows a statistic of that name, plain or extended."""
    return name in SIMPLE or is_extended(name)


def is_extended(name: str) -> bool:
    """Whether it is a percentile, a trimmed mean, a percentile rank…"""
    return _EXTENDED.fullmatch(name) is not None


def is_percentile(name: str) -> bool:
    """Whether it is ``pNN``."""
    return _PERCENTILE.fullmatch(name) is not None


def value(name: str, distribution: Distribution) -> float | None:
    """The value of a statistic over some samples; ``None`` where they do not give one.

    A percentile is the smallest sample that so many per cent of the samples do not exceed (nearest
    rank); CloudWatch computes it from an approximation of the distribution that it does not
    publish.

    Raises:
        OperationNotImplementedError: a statistic that is valid but not evaluated.
    """
    if name in _SIMPLE:
        return _SIMPLE[name](distribution)
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        raise OperationNotImplementedError("cloudwatch", f"the statistic {name}")
    return _percentile(distribution, float(found[1]) / 100)


def _percentile(distribution: Distribution, share: float) -> float | None:
    # "Percentile statistics are not available for metrics when any of the metric values are
    # negative numbers" and after statistic sets whose values are unknown:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    if not distribution.values or distribution.minimum < 0:
        return None
    wanted = share * distribution.samples
    ranked = sorted(distribution.values.items())
    seen = accumulate(count for _, count in ranked)
    reached = (number for (number, _), so_far in zip(ranked, seen, strict=True) if so_far >= wanted)
    return next(reached, distribution.maximum)
