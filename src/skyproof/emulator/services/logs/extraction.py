"""From a matching log event to a value of a metric.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from skyproof.emulator.services.logs.patterns import Match

Datum = dict[str, Any]


def datum(transformation: dict[str, Any], event: dict[str, Any], match: Match) -> Datum | None:
    """What a filter publishes for an event; ``None`` where value or dimension is not there."""
    value = _number(transformation["metricValue"], match)
    dimensions = []
    for name, selector in transformation.get("dimensions", {}).items():
        text = match.value(selector)
        if text is None or text == "":
            return None
        dimensions.append({"Name": name, "Value": _text(text)})
    if value is None:
        return None
    return {
        "MetricName": transformation["metricName"],
        "Dimensions": dimensions,
        "Timestamp": datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        "Value": value,
        "Unit": transformation.get("unit", "None"),
    }


def default(transformation: dict[str, Any], minute: datetime) -> Datum:
    """What a filter publishes for a minute with log events of which none matches."""
    return {
        "MetricName": transformation["metricName"],
        "Timestamp": minute,
        "Value": transformation["defaultValue"],
        "Unit": transformation.get("unit", "None"),
    }


def _number(text: str, match: Match) -> float | None:
    """A number as it stands, or the one that a selector finds."""
    found = match.value(text) if text.startswith("$") else text
    if found is None or isinstance(found, bool):
        return None
    try:
        return float(found)
    except ValueError:
        return None


def _text(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
