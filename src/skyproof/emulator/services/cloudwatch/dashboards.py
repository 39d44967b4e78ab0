"""Dashboards, which belong to the account and not to a Region.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import refusals
from skyproof.emulator.services.cloudwatch.dashboard_body import problems
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.store import Dashboard, Store
from skyproof.emulator.services.cloudwatch.tags import GLOBAL, check_tags
from skyproof.emulator.services.cloudwatch.validation import operation
from skyproof.emulator.tags import as_dict

PAGE = 1_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


class Dashboards:
    """The dashboard operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]

    @operation("PutDashboard")
    def put_dashboard(self, call: Call, params: Params) -> Result:
        name, body = params["DashboardName"], params["DashboardBody"]
        if not _NAME.fullmatch(name):
            message = (
                f"The value {name} for field DashboardName contains invalid characters. "
                "It can only contain alphanumerics, dash (-) and underscore (_).\n"
            )
            raise _refusal(message, [{"DataPath": "", "Message": message}])
        _check_body(body)
        check_tags(params.get("Tags"))
        store, arn = self.stores.at(call.account, GLOBAL), _arn(call, name)
        if name not in store.dashboards:
            store.tags[arn] = as_dict(params.get("Tags"))
        store.dashboards[name] = Dashboard(name, arn, body, call.world.clock.now())
        return {"DashboardValidationMessages": []}

    @operation("GetDashboard")
    def get_dashboard(self, call: Call, params: Params) -> Result:
        name = params["DashboardName"]
        dashboard = self.stores.at(call.account, GLOBAL).dashboards.get(name)
        if dashboard is None:
            raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist")
        return {
            "DashboardArn": dashboard.arn,
            "DashboardBody": dashboard.body,
            "DashboardName": dashboard.name,
        }

    @operation("ListDashboards")
    def list_dashboards(self, call: Call, params: Params) -> Result:
        prefix = params.get("DashboardNamePrefix", "")
        dashboards = self.stores.at(call.account, GLOBAL).dashboards
        found = [dashboards[name] for name in sorted(dashboards) if name.startswith(prefix)]
        entries, next_token = page(found, PAGE, params.get("NextToken"))
        return {"DashboardEntries": [_describe(entry) for entry in entries], **next_token}

    @operation("DeleteDashboards")
    def delete_dashboards(self, call: Call, params: Params) -> Result:
        store, names = self.stores.at(call.account, GLOBAL), params["DashboardNames"]
        if not names:
            raise refusals.invalid("Need at least 1 dashboard")
        missing = [name for name in names if name not in store.dashboards]
        # "If there is an error during this call, the operation attempts to delete as many … as
        # possible."
        for name in dict.fromkeys(names):
            if name in store.dashboards:
                store.tags.pop(store.dashboards.pop(name).arn, None)
        if missing:
            raise AwsError(
                "ResourceNotFound", f"Dashboard(s) [{', '.join(missing)}] do not exist", status=404
            )
        return {}


def _check_body(body: str) -> None:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        found = [{"DataPath": "", "Message": f"Body is invalid JSON: {error}"}]
    else:
        found = problems(parsed)
    if found:
        shown = json.dumps(
            [{"dataPath": p["DataPath"], "message": p["Message"]} for p in found], indent=2
        )
        # The wording, one error or many, as recorded in
        # https://github.com/pulumi/pulumi/issues/13059
        raise _refusal(
            f"The dashboard body is invalid, there are {len(found)} validation errors:\n{shown}",
            found,
        )


def _refusal(message: str, found: list[dict[str, str]]) -> AwsError:
    return AwsError("InvalidParameterInput", message, dashboardValidationMessages=found)


def _arn(call: Call, name: str) -> str:
    return call.arn("cloudwatch", f"dashboard/{name}", region="")


def _describe(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "DashboardName": dashboard.name,
        "DashboardArn": dashboard.arn,
        "LastModified": dashboard.modified,
        "Size": len(dashboard.body.encode()),
    }
