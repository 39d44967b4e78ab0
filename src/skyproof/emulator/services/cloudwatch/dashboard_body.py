"""What is wrong with a dashboard's body, in the words in which CloudWatch says so.

CloudWatch validates with a JSON schema that it does not publish; the rules are those of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html,
the texts those of recorded refusals (e.g. https://github.com/pulumi/pulumi/issues/13059,
https://github.com/aws-samples/aws-eda-slurm-cluster/issues/116). What the page does not rule out
passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

MAX_WIDGETS = 500
MAX_METRICS = 500
MAX_ALARMS = 100
MAX_VARIABLES = 25

Problem = tuple[str, str]
Check = Callable[[Any, str], Iterator[Problem]]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def problems(body: Any) -> list[dict[str, str]]:
    """All that is wrong with a parsed body, as ``DashboardValidationMessages``."""
    return [{"DataPath": path, "Message": text} for path, text in _BODY(body, "")]


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _a(
    kind: str,
    *,
    least: float | None = None,
    most: float | None = None,
    among: tuple[str, ...] = (),
    pattern: str | None = None,
) -> Check:
    """A scalar of one type, within limits."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not _is(kind, value):
            yield path, f"Should be {kind}"
        elif among and value not in among:
            yield path, "Should be equal to one of the allowed values"
        elif least is not None and value < least:
            yield path, f"Should be >= {least}"
        elif most is not None and value > most:
            yield path, f"Should be <= {most}"
        elif pattern and not re.search(pattern, value):
            yield path, f'Should match pattern "{pattern}"'

    return check


def _list(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """An array of so many of something."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not _is("array", value):
            yield path, "Should be array"
            return
        if len(value) < least:
            yield path, f"Should NOT have less than {least} items"
        if most is not None and len(value) > most:
            yield path, f"Should NOT have more than {most} items"
        for number, element in enumerate(value):
            yield from item(element, f"{path}/{number}")

    return check


def _object(required: tuple[str, ...] = (), **members: Check) -> Check:
    """An object; members that are not named pass."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not _is("object", value):
            yield path, "Should be object"
            return
        for name in required:
            if name not in value:
                yield path, f"Should have required property '{name}'"
        for name, member in members.items():
            if name in value:
                yield from member(value[name], f"{path}/{name}")

    return check


def _time(value: Any, path: str) -> Iterator[Problem]:
    """An ISO 8601 time, of an annotation."""
    if not _is("string", value):
        yield path, "Should be string"
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        yield path, 'Should match format "date-time"'


def _one_or_pair(item: Check) -> Check:
    """An annotation, or two with the band between them shaded."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if _is("array", value):
            yield from _list(item, least=2, most=2)(value, path)
        else:
            yield from item(value, path)

    return check


_COLOR = _a("string", pattern="^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$")
_AXIS = _a("string", among=("left", "right"))
_PERIOD = _a("integer", least=1)

_RENDERER = _object(
    color=_COLOR,
    expression=_a("string"),
    id=_a("string", pattern="^[a-z][a-zA-Z0-9_]*$"),
    label=_a("string"),
    period=_PERIOD,
    region=_a("string"),
    stat=_a("string"),
    visible=_a("boolean"),
    yAxis=_AXIS,
)


def _metric(value: Any, path: str) -> Iterator[Problem]:
    """``[namespace, name, dimension, value, …, {renderer}]`` or ``[{"expression": …}]``."""
    shape = (
        'Field "metrics" has to be an array of array of strings, '
        "with an optional metricRenderer object as last element"
    )
    if not _is("array", value):
        yield path, "Should be array"
        yield path, shape
        return
    names, last = (value[:-1], value[-1]) if value and _is("object", value[-1]) else (value, {})
    if not all(_is("string", name) for name in names) or (not names and "expression" not in last):
        yield path, shape
        return
    # Namespace and name, then pairs of dimension and value.
    if names and (len(names) < 2 or len(names) % 2):
        yield path, "A metric is a namespace, a name and pairs of dimension names and values"
    if last:
        yield from _RENDERER(last, f"{path}/{len(names)}")


_ANNOTATION = {"color": _COLOR, "label": _a("string"), "visible": _a("boolean")}
_ANNOTATIONS = _object(
    horizontal=_list(
        _one_or_pair(
            _object(
                ("value",),
                value=_a("number"),
                yAxis=_AXIS,
                fill=_a("string", among=("above", "below", "between", "none")),
                **_ANNOTATION,
            )
        )
    ),
    vertical=_list(
        _one_or_pair(
            _object(
                ("value",),
                value=_time,
                fill=_a("string", among=("after", "before", "between", "none")),
                **_ANNOTATION,
            )
        )
    ),
    alarms=_list(_a("string"), least=1, most=1),
)
_Y_RANGE = _object(min=_a("number"), max=_a("number"), label=_a("string"), showUnits=_a("boolean"))
_METRIC_MEMBERS = _object(
    metrics=_list(_metric, least=1, most=MAX_METRICS),
    annotations=_ANNOTATIONS,
    region=_a("string"),
    accountId=_a("string"),
    title=_a("string"),
    view=_a("string", among=("timeSeries", "singleValue", "gauge", "bar", "pie", "table")),
    stacked=_a("boolean"),
    sparkline=_a("boolean"),
    liveData=_a("boolean"),
    singleValueFullPrecision=_a("boolean"),
    setPeriodToTimeRange=_a("boolean"),
    stat=_a("string"),
    period=_PERIOD,
    timezone=_a("string", pattern=r"^[+-]\d{4}$"),
    legend=_object(position=_a("string", among=("right", "bottom", "hidden"))),
    yAxis=_object(left=_Y_RANGE, right=_Y_RANGE),
)


_NO_SOURCE = (
    "The metric widget should have specified a region and a data source or an alarm annotation"
)


def _metric_widget(value: Any, path: str) -> Iterator[Problem]:
    yield from _METRIC_MEMBERS(value, path)
    if not _is("object", value):
        return
    alarms = value.get("annotations", {})
    shows_an_alarm = _is("object", alarms) and bool(alarms.get("alarms"))
    if not shows_an_alarm and not (value.get("metrics") and "region" in value):
        if "metrics" not in value:
            yield path, "Should have required property 'metrics'"
        elif "region" not in value:
            yield path, "Should have required property 'region'"
        yield path, _NO_SOURCE
        if "annotations" not in value:
            yield path, "Should have required property 'annotations'"
    if value.get("view") == "gauge":
        # "If you … specify gauge for view, you must set a value for min and max on the left side".
        left = _object(("left",), left=_object(("min", "max")))
        yield from left(value.get("yAxis", {}), f"{path}/yAxis")


_PROPERTIES: dict[str, Check] = {
    "metric": _metric_widget,
    "text": _object(
        ("markdown",),
        markdown=_a("string"),
        background=_a("string", among=("transparent", "solid")),
    ),
    "log": _object(
        ("query", "region"),
        query=_a("string"),
        region=_a("string"),
        title=_a("string"),
        stacked=_a("boolean"),
        view=_a("string", among=("table", "timeSeries", "bar", "pie")),
    ),
    "alarm": _object(
        ("alarms",),
        alarms=_list(_a("string", pattern="^arn:aws"), least=1, most=MAX_ALARMS),
        sortBy=_a("string", among=("default", "stateUpdatedTimestamp", "timestamp")),
        states=_list(_a("string", among=("ALARM", "INSUFFICIENT_DATA", "OK"))),
        title=_a("string"),
    ),
    "explorer": _object(
        ("metrics", "labels"),
        metrics=_list(_object(("metricName", "resourceType", "stat")), least=1),
        labels=_list(_object(("key",), key=_a("string"), value=_a("string")), least=1),
        period=_PERIOD,
        title=_a("string"),
    ),
    "custom": _object(
        ("endpoint",),
        endpoint=_a("string", pattern="^arn:aws"),
        updateOn=_object(refresh=_a("boolean"), resize=_a("boolean"), timeRange=_a("boolean")),
        title=_a("string"),
    ),
    "chart": _object(("data",), data=_object()),
}

_WIDGET = _object(
    ("type", "properties"),
    type=_a("string", among=tuple(_PROPERTIES)),
    x=_a("integer", least=0, most=23),
    y=_a("integer", least=0),
    width=_a("integer", least=1, most=24),
    height=_a("integer", least=1, most=1000),
)


def _widget(value: Any, path: str) -> Iterator[Problem]:
    yield from _WIDGET(value, path)
    if not _is("object", value):
        return
    kind = value.get("type")
    if isinstance(kind, str) and kind in _PROPERTIES and "properties" in value:
        yield from _PROPERTIES[kind](value["properties"], f"{path}/properties")


_BODY = _object(
    ("widgets",),
    widgets=_list(_widget, most=MAX_WIDGETS),
    start=_a("string"),
    end=_a("string"),
    periodOverride=_a("string", among=("auto", "inherit")),
    variables=_list(
        _object(
            ("type", "id", "inputType"),
            type=_a("string", among=("property", "pattern")),
            id=_a("string"),
            inputType=_a("string", among=("input", "radio", "select")),
            label=_a("string"),
            visible=_a("boolean"),
        ),
        most=MAX_VARIABLES,
    ),
)
