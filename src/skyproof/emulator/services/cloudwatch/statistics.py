"""The statistics that CloudWatch knows by name, and their values.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import accumulate
from math import inf

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


def points(name: str, samples: Mapping[int, Distribution]) -> dict[int, float]:
    """The values of a statistic by period, of those that have one."""
    values = {second: value(name, distribution) for second, distribution in samples.items()}
    return {second: found for second, found in values.items() if found is not None}


def value(name: str, distribution: Distribution) -> float | None:
    """The value of a statistic over some samples; ``None`` where they do not give one.

    Percentiles and trimmed statistics are exact over the samples (a percentile is the smallest that
    so many per cent of them do not exceed); CloudWatch computes them from an approximation of the
    distribution that it does not publish.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
    """
    if name in _SIMPLE:
        return _SIMPLE[name](distribution)
    # "Percentile statistics are not available for metrics when any of the metric values are
    # negative numbers" and after statistic sets whose values are unknown:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
    if not distribution.values or distribution.minimum < 0:
        return None
    percentile = _PERCENTILE.fullmatch(name)
    if percentile is not None:
        return _percentile(distribution, float(percentile[1]) / 100)
    return _trimmed(name, distribution)


def _percentile(distribution: Distribution, share: float) -> float:
    wanted = share * distribution.samples
    ranked = sorted((distribution.values or {}).items())
    seen = accumulate(count for _, count in ranked)
    reached = (number for (number, _), so_far in zip(ranked, seen, strict=True) if so_far >= wanted)
    return next(reached, distribution.maximum)


def _trimmed(name: str, distribution: Distribution) -> float | None:
    """TM, TC, TS, WM and PR between two bounds, in their short forms as well."""
    kind, low, high = _bounds(name, distribution)
    samples = (distribution.values or {}).items()
    # The lower bound is exclusive, the upper one inclusive.
    kept = [(number, count) for number, count in samples if low < number <= high]
    count = sum(count for _, count in kept)
    total = sum(number * count for number, count in kept)
    match kind:
        case "TC":
            return count
        case "TS":
            return total
        case "PR":
            return 100 * count / distribution.samples
        case "TM":
            return total / count if count else None
    # A winsorized mean: what lies outside counts as the bound itself.
    below = sum(count for number, count in samples if number <= low)
    above = sum(count for number, count in samples if number > high)
    floor, ceiling = max(low, distribution.minimum), min(high, distribution.maximum)
    return (total + below * floor + above * ceiling) / distribution.samples


def _bounds(name: str, distribution: Distribution) -> tuple[str, float, float]:
    """Kind and bounds of a trimmed statistic, as values; the short form has an upper bound."""
    if name == "IQM":
        name = "TM(25%:75%)"
    if "(" not in name:
        name = f"{name[:2].upper()}(:{name[2:]}%)"
    kind, _, rest = name.partition("(")
    low, _, high = rest.rstrip(")").partition(":")
    return kind, _bound(low, distribution, -inf), _bound(high, distribution, inf)


def _bound(text: str, distribution: Distribution, default: float) -> float:
    if not text:
        return default
    if not text.endswith("%"):
        return float(text)
    share = float(text[:-1]) / 100
    if share == 0:
        return -inf
    return _percentile(distribution, share)
