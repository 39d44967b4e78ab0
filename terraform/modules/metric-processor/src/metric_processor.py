"""Every minute: derive metrics with metric math, and say whether a maintenance window is open.

One settled minute is evaluated per run, so that a run publishes each value once. The minute comes
from the schedule's event, not from the clock: a retried event publishes the minute it was for.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import maintenance
from botocore.config import Config
from settings import SettingsError, integer, text
from structured_log import log

PERIOD = timedelta(minutes=1)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
QUERIES_A_CALL = 500
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
METRICS_A_CALL = 1000

# Functions are written in capitals, ids start with a small letter; quoted text is neither.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
_QUOTED_OR_ID = re.compile(r"""'[^']*'|"[^"]*"|\b[a-z]\w*""", re.ASCII)
_METRICS = re.compile(r"\bMETRICS\s*\(")


class EventError(ValueError):
    """The function was invoked with something other than a scheduled event."""


class QueryError(RuntimeError):
    """CloudWatch did not answer a query completely."""


@dataclass(frozen=True)
class Input:
    """A metric that an expression reads."""

    namespace: str
    metric_name: str
    stat: str
    dimensions: tuple[tuple[str, str], ...]
    account_id: str | None


@dataclass(frozen=True)
class Derived:
    """A metric to publish: ``expression`` over the ids in ``inputs``."""

    name: str
    expression: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]
    inputs: Mapping[str, Input]

    @property
    def label(self) -> str:
        """Name and dimensions, for log lines."""
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.dimensions)])


@dataclass(frozen=True)
class Settings:
    """What the function is configured to do."""

    namespace: str
    settle: timedelta
    maintenance: maintenance.Maintenance
    derived: tuple[Derived, ...]


def parse_settings(environment: Mapping[str, str], definitions: str) -> Settings:
    """Read the settings from environment variables and the packaged definitions (JSON).

    Raises SettingsError.
    """
    return Settings(
        namespace=text(environment, "NAMESPACE"),
        settle=timedelta(seconds=integer(environment, "SETTLE_SECONDS", 0, 3600)),
        maintenance=maintenance.from_environment(environment),
        derived=parse_definitions(definitions),
    )


def parse_definitions(definitions: str) -> tuple[Derived, ...]:
    """Read derived metrics from a JSON list, as the Terraform module writes it.

    Raises SettingsError.
    """
    try:
        entries = json.loads(definitions)
        derived = tuple(_derived(entry) for entry in entries)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"derived_metrics.json is not a list of derived metrics: {error!r}"
        ) from error
    for metric in derived:
        if _METRICS.search(metric.expression):
            raise SettingsError(
                f"derived metric {metric.name}: METRICS() would see the inputs of other metrics; "
                "name the ids instead"
            )
        _rename(metric, dict.fromkeys(metric.inputs, ""))
    return derived


def _derived(entry: Mapping[str, Any]) -> Derived:
    return Derived(
        name=entry["name"],
        expression=entry["expression"],
        unit=entry["unit"],
        dimensions=tuple(sorted(entry["dimensions"].items())),
        inputs={
            id_: Input(
                namespace=metric["namespace"],
                metric_name=metric["metric_name"],
                stat=metric["stat"],
                dimensions=tuple(sorted(metric["dimensions"].items())),
                account_id=metric["account_id"],
            )
            for id_, metric in entry["inputs"].items()
        },
    )


def _rename(metric: Derived, ids: Mapping[str, str]) -> str:
    """Return the expression with its ids replaced; raises SettingsError for one without input."""

    def replacement(match: re.Match[str]) -> str:
        token = match[0]
        if token[0] in "'\"":
            return token
        if token not in ids:
            raise SettingsError(
                f"derived metric {metric.name}: {token!r} in {metric.expression!r} is no input; "
                f"the inputs are {', '.join(sorted(ids)) or 'none'}"
            )
        return ids[token]

    return _QUOTED_OR_ID.sub(replacement, metric.expression)


def batches(derived: Iterable[Derived]) -> Iterator[list[Derived]]:
    """Split into lists whose queries fit one GetMetricData call."""
    batch: list[Derived] = []
    size = 0
    for metric in derived:
        cost = 1 + len(metric.inputs)
        if batch and size + cost > QUERIES_A_CALL:
            yield batch
            batch, size = [], 0
        batch.append(metric)
        size += cost
    if batch:
        yield batch


def queries(batch: Sequence[Derived]) -> list[dict[str, Any]]:
    """Return the MetricDataQueries of a batch: ``e<n>`` answers for its n-th metric.

    An input that several expressions share is queried once, for CloudWatch bills by the metric.
    """
    inputs: dict[Input, str] = {}
    expressions = []
    for number, metric in enumerate(batch):
        ids = {
            id_: inputs.setdefault(source, f"m{len(inputs)}")
            for id_, source in metric.inputs.items()
        }
        expressions.append({"Id": f"e{number}", "Expression": _rename(metric, ids)})
    return [_input_query(id_, source) for source, id_ in inputs.items()] + expressions


def _input_query(id_: str, source: Input) -> dict[str, Any]:
    query: dict[str, Any] = {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": source.namespace,
                "MetricName": source.metric_name,
                "Dimensions": _dimensions(source.dimensions),
            },
            "Period": int(PERIOD.total_seconds()),
            "Stat": source.stat,
        },
        "ReturnData": False,
    }
    if source.account_id is not None:
        query["AccountId"] = source.account_id
    return query


def _dimensions(dimensions: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions]


def evaluate(
    cloudwatch: Any, batch: Sequence[Derived], start: datetime
) -> tuple[list[dict[str, Any]], list[str]]:
    """Evaluate a batch over the minute from ``start``.

    Returns what to publish (MetricDatum shapes) and the complaints about what could not be told.
    An expression without data is neither: it says that there was nothing to derive from.
    """
    points: dict[str, list[tuple[datetime, float]]] = {}
    status: dict[str, str] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries(batch), StartTime=start, EndTime=start + PERIOD
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            found = zip(result["Timestamps"], result["Values"], strict=True)
            points.setdefault(result["Id"], []).extend(found)
            status[result["Id"]] = result["StatusCode"]
    data: list[dict[str, Any]] = []
    complaints: list[str] = []
    for number, metric in enumerate(batch):
        id_ = f"e{number}"
        found_points = points.get(id_, [])
        if status.get(id_) != "Complete":
            complaints.append(f"{metric.label}: {status.get(id_, 'no result')}")
        elif len(found_points) > 1:
            complaints.append(f"{metric.label}: more than one time series; aggregate them")
        else:
            data.extend(datum(metric, at, value) for at, value in found_points)
    return data, complaints


def datum(metric: Derived, at: datetime, value: float) -> dict[str, Any]:
    """Return a derived value as MetricDatum."""
    return {
        "MetricName": metric.name,
        "Dimensions": _dimensions(metric.dimensions),
        "Timestamp": at,
        "Value": value,
        "Unit": metric.unit,
    }


def publish(cloudwatch: Any, namespace: str, data: Sequence[dict[str, Any]]) -> None:
    """Publish in calls of at most METRICS_A_CALL."""
    for start in range(0, len(data), METRICS_A_CALL):
        cloudwatch.put_metric_data(
            Namespace=namespace, MetricData=list(data[start : start + METRICS_A_CALL])
        )


def event_time(event: Mapping[str, Any]) -> datetime:
    """Return the time of a scheduled event; raises EventError."""
    try:
        time = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise EventError(
            'not a scheduled event: expected {"time": "2026-01-05T00:00:00Z", ...}, '
            f"got {event!r:.200}"
        ) from error
    if time.tzinfo is None:
        raise EventError(f"the event's time {event['time']!r} has no time zone")
    return time.astimezone(UTC)


def run(event: Mapping[str, Any], settings: Settings, cloudwatch: Any) -> dict[str, Any]:
    """Do one minute's work; raises QueryError after publishing what there was to publish."""
    now = event_time(event)
    active = settings.maintenance.active(now)
    start = (now - settings.settle).replace(second=0, microsecond=0) - PERIOD
    data: list[dict[str, Any]] = [
        {"MetricName": "MaintenanceMode", "Timestamp": now, "Value": float(active), "Unit": "None"}
    ]
    complaints: list[str] = []
    try:
        for batch in batches(settings.derived):
            values, refused = evaluate(cloudwatch, batch, start)
            data += values
            complaints += refused
    finally:
        # The suppressor alarm hangs on MaintenanceMode, so a failed query must not silence it.
        publish(cloudwatch, settings.namespace, data)
    log(
        "INFO",
        "metrics published",
        minute=start.isoformat(),
        maintenance=active,
        derived=len(data) - 1,
        defined=len(settings.derived),
        complaints=complaints,
    )
    if complaints:
        raise QueryError("CloudWatch did not answer: " + "; ".join(complaints))
    return {"maintenance": active, "derived": len(data) - 1}


@cache
def _settings() -> Settings:
    definitions = Path(__file__).with_name("derived_metrics.json").read_text(encoding="utf-8")
    return parse_settings(os.environ, definitions)


@cache
def _cloudwatch() -> Any:
    return boto3.client(
        "cloudwatch",
        config=Config(
            connect_timeout=2,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
    )


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry point, for an EventBridge schedule of one minute."""
    return run(event, _settings(), _cloudwatch())
