"""Metric data in and out: PutMetricData, ListMetrics, GetMetricStatistics, GetMetricData."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import (
    labels,
    publishing,
    refusals,
    retention,
    statistics,
)
from skyproof.emulator.services.cloudwatch.alarming import Alarming
from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricId, MetricStore
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.queries import DEFAULT_PERIOD, Queries
from skyproof.emulator.services.cloudwatch.reading import Reader
from skyproof.emulator.services.cloudwatch.store import Store
from skyproof.emulator.services.cloudwatch.streaming import Streaming
from skyproof.emulator.services.cloudwatch.validation import operation

if TYPE_CHECKING:
    from skyproof.emulator.world import World

MAX_STATISTICS_POINTS = 1_440
MAX_QUERIES = 500
MAX_POINTS = 100_800
LIST_PAGE = 500


class MetricData:
    """The metric operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]
    world: World
    alarming: Alarming
    streaming: Streaming

    @operation("PutMetricData")
    def put_metric_data(self, call: Call, params: Params) -> Result:
        data = list(params.get("MetricData", []))
        for entity in params.get("EntityMetricData", []):
            data += entity.get("MetricData", [])
        self.accept(call.account, call.region, params["Namespace"], data)
        return None

    def accept(
        self, account: str, region: str, namespace: str, data: list[publishing.Datum]
    ) -> None:
        """Keep data, all or none, and let those know who watch.

        Raises:
            AwsError: as :func:`publishing.publish`.
        """
        store, now = self.stores.at(account, region).metrics, self.world.clock.now()
        metrics = publishing.publish(store, namespace, data, now)
        for metric in metrics:
            self.alarming.arrived((account, region, metric))
        self.streaming.arrived(account, region, metrics)
        retention.sweep(store, now.timestamp())

    @operation("ListMetrics")
    def list_metrics(self, call: Call, params: Params) -> Result:
        window = timedelta(hours=3) if "RecentlyActive" in params else timedelta(weeks=2)
        since = (call.world.clock.now() - window).timestamp()
        owner, linked = params.get("OwningAccount"), params.get("IncludeLinkedAccounts", False)
        found = [
            (account, metric)
            for account, metric, store in self._reader(call).visible(linked=linked)
            if owner in (None, account)
            and _is_listed(metric, params)
            and store.last_seen(metric) >= since
        ]
        shown, next_token = page(found, LIST_PAGE, params.get("NextToken"))
        owners = {"OwningAccounts": [account for account, _ in shown]} if linked else {}
        return {"Metrics": [metric.describe() for _, metric in shown], **owners, **next_token}

    def _reader(self, call: Call) -> Reader:
        return Reader(call.world, self.stores, call.account, call.region)

    @operation("GetMetricStatistics")
    def get_metric_statistics(self, call: Call, params: Params) -> Result:
        names = [*params.get("Statistics", []), *params.get("ExtendedStatistics", [])]
        if not names:
            raise refusals.combination("Must specify either Statistics or ExtendedStatistics")
        for name in params.get("ExtendedStatistics", []):
            if not statistics.is_extended(name):
                raise refusals.invalid(
                    f"The value {name} for parameter ExtendedStatistics is not supported."
                )
        span = Span.of(params, params["Period"], call.world.clock.now())
        if span.periods > MAX_STATISTICS_POINTS:
            raise refusals.combination(
                f"You have requested up to {span.periods} datapoints, which exceeds the limit of "
                f"{MAX_STATISTICS_POINTS}. You may reduce the datapoints requested by increasing "
                "Period, or decreasing the time range."
            )
        store, metric = self.stores.of(call).metrics, MetricId.of(params)
        points = [
            _datapoint(second, distribution, unit, names)
            for unit in span.units(store, metric, params.get("Unit"))
            for second, distribution in span.of_metric(store, metric, unit)
        ]
        return {"Label": params["MetricName"], "Datapoints": points}

    @operation("GetMetricData")
    def get_metric_data(self, call: Call, params: Params) -> Result:
        queries, size = params["MetricDataQueries"], params.get("MaxDatapoints", MAX_POINTS)
        _check_queries(queries)
        if not 1 <= size <= MAX_POINTS:
            raise refusals.validation(f"MaxDatapoints must be between 1 and {MAX_POINTS}.")
        spans = [
            Span.of(params, period, call.world.clock.now()) for period in _periods(queries)
        ] or [Span.of(params, DEFAULT_PERIOD, call.world.clock.now())]
        values = Queries(
            self._reader(call),
            self.alarming.models(call.account, call.region),
            queries,
            min(span.start for span in spans),
            spans[0].end,
        )
        shown = [query for query in queries if query.get("ReturnData", True)]
        series = [one for query in shown for one in _results(values, query, params)]
        _label_plainly(series, queries)
        results, next_token = _page_of_points(series, size, params.get("NextToken"))
        return {"MetricDataResults": results, "Messages": [], **next_token}


@dataclass(frozen=True)
class Span:
    """A stretch of time cut into periods; all in seconds, ``end`` exclusive.

    Attributes:
        readable: the start of the first period that the age of its data lets be read.
    """

    start: int
    end: int
    period: int
    readable: int

    @classmethod
    def of(cls, params: Params, period: int, now: datetime) -> Span:
        """The span from StartTime to EndTime, its start rounded down as CloudWatch does it.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html

        Raises:
            AwsError: InvalidParameterValue, for an unknown period or times in the wrong order.
        """
        if period not in (1, 5, 10, 20, 30) and period % 60:
            raise refusals.invalid("Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
        start, end = params["StartTime"].timestamp(), params["EndTime"].timestamp()
        if start >= end:
            raise refusals.invalid(
                "The parameter StartTime must be less than the parameter EndTime."
            )
        present = now.timestamp()
        coarse = max(retention.MINUTE, retention.grain(present - start))
        grain = period if period < 60 else coarse
        begin = int(start // grain * grain)
        readable = retention.readable(begin, period, present)
        return cls(begin, math.ceil(end), period, readable)

    @property
    def periods(self) -> int:
        """How many periods, the last one perhaps not whole."""
        return math.ceil((self.end - self.start) / self.period)

    def units(self, store: MetricStore, metric: MetricId, wanted: str | None) -> list[str]:
        """The unit asked for, or else all in which there are data."""
        return [wanted] if wanted else store.units(metric, self.readable, self.end)

    def of_metric(
        self, store: MetricStore, metric: MetricId, unit: str
    ) -> list[tuple[int, Distribution]]:
        """The data of a metric in these periods, oldest first."""
        return store.periods(metric, unit, self.readable, self.end, self.period)


@dataclass
class _Series:
    """The result of one query."""

    points: list[tuple[int, float]] = field(default_factory=list)
    messages: list[dict[str, str]] = field(default_factory=list)
    id: str = ""
    label: str = ""


def _results(values: Queries, query: Params, params: Params) -> list[_Series]:
    """What one query gives: a series, or several for a search and the like."""
    newest_first = params.get("ScanBy") != "TimestampAscending"
    found = []
    for one in values.series(query["Id"]):
        units = values.units.get(query["Id"], [])
        # Recorded, and that the first of them in the alphabet is then shown.
        text = f"Multiple units returned: '[{', '.join(units)}]'"
        messages = [{"Code": "MultipleUnits", "Value": text}] if len(units) > 1 else []
        points = sorted(one.points.items(), reverse=newest_first)
        is_expression = "Expression" in query
        label = labels.resolved(query["Label"], one) if "Label" in query else one.label
        if is_expression and "Label" not in query and len(values.series(query["Id"])) == 1:
            label = query["Id"]
        found.append(_Series(points, messages, query["Id"], label))
    return found


def _periods(queries: list[Params]) -> list[int]:
    return [query["MetricStat"]["Period"] for query in queries if "MetricStat" in query] + [
        query["Period"] for query in queries if "Period" in query
    ]


def _label_plainly(series: list[_Series], queries: list[Params]) -> None:
    """Name metrics that were given no label as CloudWatch does."""
    plain = [query for query in queries if "MetricStat" in query]
    names = _default_labels([query["MetricStat"] for query in plain])
    by_id = {q["Id"]: name for q, name in zip(plain, names, strict=True) if "Label" not in q}
    for one in series:
        one.label = by_id.get(one.id, one.label)


def _is_listed(metric: MetricId, params: Params) -> bool:
    return (
        params.get("Namespace") in (None, metric.namespace)
        and params.get("MetricName") in (None, metric.name)
        and all(_has(metric, wanted) for wanted in params.get("Dimensions", []))
    )


def _has(metric: MetricId, wanted: dict[str, str]) -> bool:
    """Whether a metric has the dimension; a filter without a value takes any."""
    value = dict(metric.dimensions).get(wanted["Name"])
    return value is not None and wanted.get("Value") in (None, value)


def _check_queries(queries: list[Params]) -> None:
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise refusals.validation(
            f"The collection MetricDataQueries must have a size between 1 and {MAX_QUERIES}."
        )
    repeated = [i for i, count in Counter(query["Id"] for query in queries).items() if count > 1]
    if repeated:
        raise refusals.validation(
            f"The values for parameter id in MetricDataQueries are not unique: {repeated[0]}"
        )
    for number, query in enumerate(queries, 1):
        _check_query(f"MetricDataQueries.member.{number}", query)


def _check_query(where: str, query: Params) -> None:
    if ("Expression" in query) == ("MetricStat" in query):
        raise refusals.validation(f"Exactly one of {where}.MetricStat and Expression must be set.")
    if "Expression" in query:
        return
    stat = query["MetricStat"]
    if not statistics.is_valid(stat["Stat"]):
        raise refusals.validation(
            f"The value {stat['Stat']} for parameter {where}.MetricStat.Stat is not supported."
        )
    for name in ("Namespace", "MetricName"):
        if name not in stat["Metric"]:
            raise refusals.validation(
                f"The parameter {where}.MetricStat.Metric.{name} is required."
            )


def _default_labels(stats: list[Params]) -> list[str]:
    """The metric's name, with statistic and period where the queries differ in them (recorded)."""
    by_stat = len({stat["Stat"] for stat in stats}) > 1
    by_period = len({stat["Period"] for stat in stats}) > 1
    return [
        stat["Metric"]["MetricName"]
        + (f" {stat['Stat']}" if by_stat else "")
        + (f" {stat['Period']}" if by_period else "")
        for stat in stats
    ]


def _page_of_points(
    series: list[_Series], size: int, token: str | None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """So many points of all series together; every series is named on every page.

    A series of which more is to come is PartialData.
    """
    points = [(number, point) for number, one in enumerate(series) for point in one.points]
    shown, next_token = page(points, size, token)
    rest = points[points.index(shown[-1]) + 1 :] if shown else []
    to_come = {number for number, _ in rest}
    results = [
        _result(one, [point for n, point in shown if n == number], number in to_come)
        for number, one in enumerate(series)
    ]
    return results, next_token


def _result(series: _Series, points: list[tuple[int, float]], is_cut: bool) -> dict[str, Any]:
    return {
        "Id": series.id,
        "Label": series.label,
        "Timestamps": [_moment(second) for second, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "PartialData" if is_cut else "Complete",
        **({"Messages": series.messages} if series.messages else {}),
    }


def _datapoint(
    second: int, distribution: Distribution, unit: str, names: list[str]
) -> dict[str, Any]:
    point: dict[str, Any] = {"Timestamp": _moment(second), "Unit": unit}
    values = {name: statistics.value(name, distribution) for name in names}
    known = {name: value for name, value in values.items() if value is not None}
    point |= {name: value for name, value in known.items() if name in statistics.SIMPLE}
    extended = {name: value for name, value in known.items() if name not in statistics.SIMPLE}
    return point | ({"ExtendedStatistics": extended} if extended else {})


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
