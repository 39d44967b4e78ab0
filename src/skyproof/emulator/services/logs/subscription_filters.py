"""Subscription filters: where a log group's events go.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import destinations
from skyproof.emulator.services.logs.lookup import group_named
from skyproof.emulator.services.logs.metric_filters import check_pattern
from skyproof.emulator.services.logs.store import Store
from skyproof.emulator.services.logs.validation import not_found, operation

MAX_FILTERS = 2


class SubscriptionFilters:
    """The operations on subscription filters."""

    stores: Regional[Store]

    @operation("PutSubscriptionFilter")
    def put_subscription_filter(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        filters = group.subscription_filters
        if group.log_class != "STANDARD":
            raise AwsError(
                "InvalidOperationException",
                f"Subscription filters are not supported in log groups of class {group.log_class}.",
            )
        destinations.check(call, group.arn, params["destinationArn"], params.get("roleArn"))
        check_pattern(params["filterPattern"])
        name = params["filterName"]
        if name not in filters and len(filters) >= MAX_FILTERS:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        created = milliseconds(call.world.clock.now())
        present = filters.get(name, {"creationTime": created})
        filters[name] = {
            "distribution": "ByLogStream",
            "applyOnTransformedLogs": False,
            **params,
            "creationTime": present["creationTime"],
        }
        return {}

    @operation("DescribeSubscriptionFilters")
    def describe_subscription_filters(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        prefix = params.get("filterNamePrefix", "")
        found, more = page(
            [one for one in group.subscription_filters.values() if _name(one).startswith(prefix)],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"subscriptionFilters": found, **more}

    @operation("DeleteSubscriptionFilter")
    def delete_subscription_filter(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        if group.subscription_filters.pop(params["filterName"], None) is None:
            raise not_found("The specified subscription filter does not exist.")
        return {}


def _name(described: dict[str, Any]) -> str:
    return str(described["filterName"])
