"""Groups of traces.

https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.xray.store import Group, Store
from skyproof.emulator.services.xray.tags import tag_dict
from skyproof.emulator.services.xray.validation import one_of, operation, refusal

MAX_GROUPS = 25
PAGE = 100


class Groups:
    """The operations on groups."""

    stores: Regional[Store]

    @operation("CreateGroup")
    def create_group(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        name = params["GroupName"]
        if any(group.name == name for group in store.groups.values()):
            raise refusal("Group already exists")
        if len(store.groups) >= MAX_GROUPS:
            raise refusal(f"The limit of {MAX_GROUPS} groups is reached")
        tags = tag_dict(params.get("Tags", []))
        arn = call.arn("xray", f"group/{name}/{uuid4().hex.upper()}")
        insights = _insights(
            {"InsightsEnabled": False, "NotificationsEnabled": False},
            params.get("InsightsConfiguration", {}),
        )
        store.groups[arn] = Group(name, arn, params.get("FilterExpression"), insights)
        store.tags[arn] = tags
        return {"Group": _described(store.groups[arn])}

    @operation("GetGroup")
    def get_group(self, call: Call, params: Params) -> Result:
        return {"Group": _described(self._group(call, params))}

    @operation("GetGroups")
    def get_groups(self, call: Call, params: Params) -> Result:
        groups, more = page(
            list(self.stores.of(call).groups.values()),
            PAGE,
            params.get("NextToken"),
            code="InvalidRequestException",
        )
        return {"Groups": [_described(group) for group in groups], **more}

    @operation("UpdateGroup")
    def update_group(self, call: Call, params: Params) -> Result:
        group = self._group(call, params)
        group.insights = _insights(group.insights, params.get("InsightsConfiguration", {}))
        group.filter = params.get("FilterExpression", group.filter)
        return {"Group": _described(group)}

    @operation("DeleteGroup")
    def delete_group(self, call: Call, params: Params) -> Result:
        group = self._group(call, params)
        store = self.stores.of(call)
        del store.groups[group.arn], store.tags[group.arn]
        return {}

    def _group(self, call: Call, params: Params) -> Group:
        wanted = one_of(params, "GroupName", "GroupARN")
        for group in self.stores.of(call).groups.values():
            if wanted in (group.name, group.arn):
                return group
        raise refusal("Group not found")


def _insights(present: dict[str, bool], change: dict[str, bool]) -> dict[str, bool]:
    insights = present | change
    if not insights["InsightsEnabled"]:
        if change.get("NotificationsEnabled"):
            raise refusal("Notifications cannot be enabled without insights")
        insights["NotificationsEnabled"] = False
    return insights


def _described(group: Group) -> dict[str, Any]:
    filter_ = {"FilterExpression": group.filter} if group.filter is not None else {}
    return {
        "GroupName": group.name,
        "GroupARN": group.arn,
        "InsightsConfiguration": group.insights,
        **filter_,
    }
