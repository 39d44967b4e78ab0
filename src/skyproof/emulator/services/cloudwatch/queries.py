"""Metric data queries: metrics and the metric math over them, for GetMetricData and for alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.cloudwatch import bands, expressions, statistics
from skyproof.emulator.services.cloudwatch.bands import Models
from skyproof.emulator.services.cloudwatch.expressions import Series, Value
from skyproof.emulator.services.cloudwatch.expressions.search_syntax import parse_search
from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricId
from skyproof.emulator.services.cloudwatch.reading import Reader

Params = dict[str, Any]
Points = dict[int, float]
DEFAULT_PERIOD = 300


def parse_all(queries: list[Params]) -> dict[str, expressions.Expression]:
    """The expressions among the queries, by id.

    Raises:
        AwsError: ValidationError, for one that does not parse, names an unknown id, or rests on
            itself.
    """
    parsed = {}
    for query in queries:
        if "Expression" in query:
            try:
                parsed[query["Id"]] = _parsed(query["Expression"])
            except expressions.ExpressionError as error:
                raise _invalid(query["Id"], error) from error
    metrics = {query["Id"] for query in queries if "MetricStat" in query}
    try:
        expressions.order(parsed, metrics)
    except expressions.ExpressionError as error:
        raise AwsError("ValidationError", str(error)) from error
    return parsed


class Queries:
    """The values of queries over a span of time, each computed once.

    Args:
        reader: reads metrics as the asking account sees them.
        models: the anomaly models of that account and region.
        queries: ``MetricDataQuery`` shapes.
        start, end: seconds since the epoch; the first period starts at ``start``.
        period: seconds, of expressions over no metric; others take the longest of their inputs.
    """

    def __init__(
        self,
        reader: Reader,
        models: Models,
        queries: list[Params],
        start: int,
        end: int,
        period: int | None = None,
    ) -> None:
        self.start, self.end = start, end
        self._reader, self._models, self._queries = reader, models, queries
        self._by_id = {query["Id"]: query for query in queries}
        self._parsed = parse_all(queries)
        self._values: dict[str, Value] = {}
        self._samples: dict[str, dict[int, Distribution]] = {}
        self.units: dict[str, list[str]] = {}
        periods = [q["MetricStat"]["Period"] for q in queries if "MetricStat" in q]
        self.period = period or max(periods, default=DEFAULT_PERIOD)

    def value(self, id: str) -> Value:
        """The value of a query; raises KeyError for an id that there is not."""
        if id not in self._values:
            query = self._by_id[id]
            is_metric = "MetricStat" in query
            self._values[id] = self._metric(query) if is_metric else self._expression(id)
        return self._values[id]

    def series(self, id: str) -> list[Series]:
        """The time series that a query gives.

        Raises:
            AwsError: ValidationError, for an expression that gives a number or a text.
        """
        value = self.value(id)
        if isinstance(value, Series):
            return [value]
        if isinstance(value, list):
            return value
        raise AwsError("ValidationError", f"The expression of {id} must return a time series")

    def distributions(self, id: str) -> dict[int, Distribution]:
        """The samples of a metric's query by period."""
        if id not in self._samples:
            found = self._reader.distributions(self._by_id[id], self.start, self.end)
            self._samples[id], self.units[id] = found
        return self._samples[id]

    def metric_ids(self) -> list[str]:
        return [query["Id"] for query in self._queries if "MetricStat" in query]

    def metrics(self) -> list[Series]:
        return [self.series(one)[0] for one in self.metric_ids()]

    def search(self, query: str, stat: str, period: int | None) -> list[Series]:
        """The metrics that a search finds, of linked accounts as well.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html
        """
        wanted = parse_search(query)
        seconds = period or self.period
        found = []
        for account, metric, store in self._reader.visible(linked=True):
            dimensions = dict(metric.dimensions)
            if not wanted.matches(metric.namespace, metric.name, dimensions):
                continue
            if not store.units(metric, self.start, self.end):
                continue  # only what has data in the span is shown
            shape = {"Metric": metric.describe(), "Stat": stat, "Period": seconds}
            one = {"Id": "", "MetricStat": shape, "AccountId": account}
            samples, _ = self._reader.distributions(one, self.start, self.end)
            found.append(Series(_label(metric), statistics.points(stat, samples), seconds))
        return found

    def band(self, of: Series, id: str, width: float) -> tuple[Series, Series]:
        """Upper and lower edge of what the model of a query expects, where there are data."""
        detector = bands.detector_of(self._reader.own, self._queries, id)
        now = int(self._reader.world.clock.now().timestamp())

        def history() -> Points:
            past = now - bands.LEARNED
            past -= past % of.period
            queries = Queries(self._reader, self._models, self._queries, past, now, of.period)
            return queries.series(id)[0].points

        subject = bands.subject_of(self._queries, id)
        model = self._models.get(subject, bands.training_of(detector), now, history)
        seconds = range(self.start, self.end, of.period) if model.trained else ()
        edges = {second: model.band(second, width) for second in seconds}
        upper = {second: high for second, (_, high) in edges.items()}
        lower = {second: low for second, (low, _) in edges.items()}
        return Series(of.label, upper, of.period), Series(of.label, lower, of.period)

    def _metric(self, query: Params) -> Series:
        stat = query["MetricStat"]
        points = statistics.points(stat["Stat"], self.distributions(query["Id"]))
        return Series(query.get("Label") or stat["Metric"]["MetricName"], points, stat["Period"])

    def _expression(self, id: str) -> Value:
        try:
            return expressions.evaluate(self._parsed[id], self)
        except expressions.ExpressionError as error:
            raise _invalid(id, error) from error


@lru_cache(maxsize=1024)
def _parsed(text: str) -> expressions.Expression:
    """Alarms ask the same every minute."""
    return expressions.parse(text)


def _invalid(id: str, error: Exception) -> AwsError:
    return AwsError("ValidationError", f"Error in expression '{id}': {error}")


def _label(metric: MetricId) -> str:
    return " ".join([metric.name, *(value for _, value in metric.dimensions)])
