"""Where metric data is kept, and how it is summed up.

Data are aggregated on arrival, as CloudWatch does: per second for high-resolution metrics, per
minute for the others. What a statistic needs of a span of time is a merge of the distributions
in it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

Dimensions = tuple[tuple[str, str], ...]


class MetricId(NamedTuple):
    """A metric: its namespace, name and dimensions (in order of their names).

    A tuple, for those are hashed and compared without Python: some 500 times a virtual minute.
    """

    namespace: str
    name: str
    dimensions: Dimensions = ()

    @classmethod
    def of(cls, metric: dict[str, Any]) -> Self:
        """From ``{"Namespace": …, "MetricName": …, "Dimensions": [{"Name": …, "Value": …}]}``."""
        pairs = ((d["Name"], d["Value"]) for d in metric.get("Dimensions", []))
        return cls(metric["Namespace"], metric["MetricName"], tuple(sorted(pairs)))

    def describe(self) -> dict[str, Any]:
        """As ListMetrics gives it."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
        }


@dataclass
class Distribution:
    """What is known of the samples in one span of time.

    Attributes:
        samples: how many, a float as in AWS (``Counts`` may be fractions).
        values: each value and how often it occurred; ``None`` once a statistic set with unknown
            values has been merged in, which ends percentiles.
    """

    samples: float = 0.0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    values: dict[float, float] | None = field(default_factory=dict)

    def add(self, value: float, count: float = 1.0) -> None:
        """Add a value that occurred ``count`` times."""
        self.samples += count
        self.total += value * count
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if self.values is not None:
            self.values[value] = self.values.get(value, 0.0) + count

    def add_set(self, samples: float, total: float, minimum: float, maximum: float) -> None:
        """Add a statistic set; its values are known only when they are all the same."""
        if minimum == maximum and total == minimum * samples:
            self.add(minimum, samples)
            return
        self.merge(Distribution(samples, total, minimum, maximum, None))

    def merge(self, other: Distribution) -> None:
        """Add all samples of another distribution."""
        self.samples += other.samples
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.values is None or other.values is None:
            self.values = None
            return
        for value, count in other.values.items():
            self.values[value] = self.values.get(value, 0.0) + count


@dataclass
class Series:
    """The data of one metric in one unit: distributions by the second where their span starts."""

    times: list[int] = field(default_factory=list)
    spans: dict[int, Distribution] = field(default_factory=dict)

    def at(self, second: int) -> Distribution:
        """The distribution that starts at a second, made if need be."""
        found = self.spans.get(second)
        if found is None:
            found = self.spans[second] = Distribution()
            # Nearly always the newest: appending is then all that insort does.
            insort(self.times, second)
        return found

    def has_any(self, start: int, end: int) -> bool:
        """Whether there are data in ``[start, end)``."""
        first = bisect_left(self.times, start)
        return first < len(self.times) and self.times[first] < end

    def between(self, start: int, end: int) -> Iterator[tuple[int, Distribution]]:
        """The distributions in ``[start, end)``, oldest first."""
        for second in self.times[bisect_left(self.times, start) : bisect_left(self.times, end)]:
            yield second, self.spans[second]


@dataclass
class MetricStore:
    """All metric data of one account and region, by metric, then by unit.

    Attributes:
        swept: the second to which :mod:`retention` has aggregated what is old.
    """

    series: dict[MetricId, dict[str, Series]] = field(default_factory=dict)
    swept: int = 0

    def add(self, metric: MetricId, unit: str, second: int, resolution: int) -> Distribution:
        """The distribution that a datum of that metric, time and storage resolution belongs to."""
        units = self.series.get(metric)
        if units is None:
            units = self.series[metric] = {}
        series = units.get(unit)
        if series is None:
            series = units[unit] = Series()
        return series.at(second - second % resolution)

    def units(self, metric: MetricId, start: int, end: int) -> list[str]:
        """The units in which a metric has data in ``[start, end)``, in alphabetical order."""
        units = self.series.get(metric, {})
        return sorted(unit for unit, series in units.items() if series.has_any(start, end))

    def periods(
        self, metric: MetricId, unit: str, start: int, end: int, period: int
    ) -> list[tuple[int, Distribution]]:
        """The data of a metric in one unit, merged into periods; to be read and not to be changed.

        Empty periods are left out.

        Args:
            metric: which metric.
            unit: only data that were put in this unit count.
            start: seconds since the epoch, inclusive; the first period starts here.
            end: seconds since the epoch, exclusive.
            period: seconds.
        """
        series = self.series.get(metric, {}).get(unit)
        return _merged(series.between(start, end), start, period) if series else []

    def last_seen(self, metric: MetricId) -> int:
        """The second of a metric's newest datum."""
        return max(series.times[-1] for series in self.series[metric].values())


def _merged(
    spans: Iterable[tuple[int, Distribution]], start: int, period: int
) -> list[tuple[int, Distribution]]:
    """The spans, oldest first, by the period that they lie in; one that is alone is not copied."""
    together: dict[int, list[Distribution]] = {}
    for second, distribution in spans:
        begins = start + (second - start) // period * period
        together.setdefault(begins, []).append(distribution)
    return [(second, _sum(found)) for second, found in together.items()]


def _sum(distributions: list[Distribution]) -> Distribution:
    if len(distributions) == 1:
        return distributions[0]
    total = Distribution()
    for one in distributions:
        total.merge(one)
    return total
