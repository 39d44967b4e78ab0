"""Metric filters, exactly as they were put.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import patterns
from skyproof.emulator.services.logs.lookup import group_named
from skyproof.emulator.services.logs.store import Store
from skyproof.emulator.services.logs.validation import invalid, not_found, operation

MAX_FILTERS = 100
MAX_DIMENSIONS = 3


class MetricFilters:
    """The operations on metric filters."""

    stores: Regional[Store]

    @operation("PutMetricFilter")
    def put_metric_filter(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        if group.log_class != "STANDARD":
            raise AwsError(
                "InvalidOperationException",
                f"Metric filters are not supported in log groups of class {group.log_class}.",
            )
        check_pattern(params["filterPattern"])
        for transformation in params["metricTransformations"]:
            _check(transformation, params["filterPattern"])
        name = params["filterName"]
        if name not in group.metric_filters and len(group.metric_filters) >= MAX_FILTERS:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        created = milliseconds(call.world.clock.now())
        present = group.metric_filters.get(name, {"creationTime": created})
        group.metric_filters[name] = {
            "applyOnTransformedLogs": False,
            **params,
            "creationTime": present["creationTime"],
        }
        return {}

    @operation("DescribeMetricFilters")
    def describe_metric_filters(self, call: Call, params: Params) -> Result:
        if ("metricName" in params) != ("metricNamespace" in params):
            raise invalid("metricName and metricNamespace must be specified together.")
        groups = list(self.stores.of(call).groups.values())
        if "logGroupName" in params:
            groups = [group_named(self.stores, call, params["logGroupName"])]
        filters, more = page(
            [
                one
                for group in sorted(groups, key=lambda group: group.name)
                for one in sorted(group.metric_filters.values(), key=_name)
                if _is_asked_for(one, params)
            ],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"metricFilters": filters, **more}

    @operation("DeleteMetricFilter")
    def delete_metric_filter(self, call: Call, params: Params) -> Result:
        filters = group_named(self.stores, call, params["logGroupName"]).metric_filters
        if filters.pop(params["filterName"], None) is None:
            raise not_found("The specified metric filter does not exist.")
        return {}


def check_pattern(text: str) -> None:
    """Refuse a filter pattern that does not parse."""
    try:
        patterns.parse(text)
    except patterns.PatternError as error:
        raise invalid(f"Invalid metric filter pattern: {error}") from error


def _check(transformation: dict[str, Any], pattern: str) -> None:
    """The texts are recorded ones."""
    dimensions = transformation.get("dimensions", {})
    if len(dimensions) > MAX_DIMENSIONS:
        raise invalid(f"A metric transformation can have at most {MAX_DIMENSIONS} dimensions.")
    if dimensions and "defaultValue" in transformation:
        raise invalid(
            "Invalid metric transformation: dimensions and default value are mutually exclusive "
            "properties."
        )
    if dimensions and not pattern.lstrip().startswith(("{", "[")):
        raise invalid("The specified filter pattern does not support dimensions")
    value = transformation["metricValue"]
    if not value.startswith("$") and not _is_number(value):
        raise invalid(f"Invalid metric transformation: metric value {value} is not a number.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_asked_for(described: dict[str, Any], params: Params) -> bool:
    metric = described["metricTransformations"][0]
    return _name(described).startswith(params.get("filterNamePrefix", "")) and all(
        params[member] == metric[member]
        for member in ("metricName", "metricNamespace")
        if member in params
    )


def _name(described: dict[str, Any]) -> str:
    return str(described["filterName"])
