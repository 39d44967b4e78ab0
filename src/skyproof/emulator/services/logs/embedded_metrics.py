"""Metrics inside log events: the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

MAX_DIMENSIONS = 30
MAX_METRICS = 100

Datum = dict[str, Any]


def found(events: list[dict[str, Any]]) -> Iterator[tuple[str, Datum]]:
    """Namespace and datum of every metric in some log events; what is malformed is passed over."""
    for event in events:
        if '"_aws"' not in event["message"]:
            continue
        try:
            document = json.loads(event["message"])
        except ValueError:
            continue
        if isinstance(document, dict) and isinstance(document.get("_aws"), dict):
            yield from _of_document(document, event["timestamp"])


def _of_document(document: dict[str, Any], received: int) -> Iterator[tuple[str, Datum]]:
    metadata = document["_aws"]
    at = metadata.get("Timestamp", received)
    directives = metadata.get("CloudWatchMetrics", [])
    if not isinstance(directives, list) or not isinstance(at, int | float):
        return
    moment = datetime.fromtimestamp(at / 1000, UTC)
    for directive in directives:
        namespace = directive.get("Namespace")
        if not isinstance(namespace, str):
            continue
        for names in directive.get("Dimensions", [[]]):
            dimensions = _dimensions(document, names)
            if dimensions is None:
                continue
            for metric in directive.get("Metrics", [])[:MAX_METRICS]:
                datum = _datum(document, metric, dimensions, moment)
                if datum is not None:
                    yield namespace, datum


def _dimensions(document: dict[str, Any], names: list[str]) -> list[dict[str, str]] | None:
    """The values of a set of dimensions; ``None`` when one is not there."""
    if len(names) > MAX_DIMENSIONS:
        return None
    values = [document.get(name) for name in names]
    if any(not isinstance(value, str) or not value for value in values):
        return None
    return [{"Name": n, "Value": str(v)} for n, v in zip(names, values, strict=True)]


def _datum(
    document: dict[str, Any],
    metric: dict[str, Any],
    dimensions: list[dict[str, str]],
    moment: datetime,
) -> Datum | None:
    value = document.get(metric.get("Name", ""))
    values = value if isinstance(value, list) else [value]
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers or len(numbers) < len(values):
        return None
    return {
        "MetricName": metric["Name"],
        "Dimensions": dimensions,
        "Timestamp": moment,
        "Values": numbers,
        "Unit": metric.get("Unit", "None"),
        "StorageResolution": metric.get("StorageResolution", 60),
    }
