"""Dynamic labels: ``${AVG}`` and the like in the label of a query.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from skyproof.emulator.services.cloudwatch.expressions import Series

_VALUE = re.compile(r"\$\{(LABEL|AVG|MAX|MIN|SUM|FIRST|LAST|(?:FIRST|LAST|MAX|MIN)_TIME)\}")
_OF_VALUES: dict[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "FIRST": lambda values: values[0],
    "LAST": lambda values: values[-1],
}


def resolved(label: str, series: Series) -> str:
    """The label with its placeholders filled in; without data they show ``--``."""
    return _VALUE.sub(lambda found: _text(found[1], series), label)


def _text(name: str, series: Series) -> str:
    if name == "LABEL":
        return series.label
    points = sorted(series.points.items())
    if not points:
        return "--"
    if name.endswith("_TIME"):
        return f"{datetime.fromtimestamp(_second(name, points), UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{_OF_VALUES[name]([value for _, value in points]):g}"


def _second(name: str, points: list[tuple[int, float]]) -> int:
    match name:
        case "FIRST_TIME":
            return points[0][0]
        case "LAST_TIME":
            return points[-1][0]
        case "MAX_TIME":
            return max(points, key=lambda point: point[1])[0]
    return min(points, key=lambda point: point[1])[0]
