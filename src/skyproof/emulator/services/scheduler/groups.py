"""Groups of schedules.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.scheduler.store import DEFAULT_GROUP, Group, Store
from skyproof.emulator.services.scheduler.validation import invalid, operation, tags_of

PAGE = 100


class Groups:
    """The operations on groups."""

    stores: Regional[Store]

    @operation("CreateScheduleGroup")
    def create_schedule_group(self, call: Call, params: Params) -> Result:
        store, name, token = self.stores.of(call), params["Name"], params.get("ClientToken")
        known = store.groups.get(name)
        if known is not None and (token is None or token != known.token):
            raise AwsError("ConflictException", f"Schedule group {name} already exists.")
        if known is None:
            now = call.world.clock.now()
            tags = tags_of(params.get("Tags"))
            store.groups[name] = Group(name, now, now, tags, token)
        return {"ScheduleGroupArn": _arn(call, name)}

    @operation("GetScheduleGroup")
    def get_schedule_group(self, call: Call, params: Params) -> Result:
        return _described(call, group_of(self.stores, call, params["Name"]))

    @operation("ListScheduleGroups")
    def list_schedule_groups(self, call: Call, params: Params) -> Result:
        prefix = params.get("NamePrefix", "")
        found = sorted(self.stores.of(call).groups.items())
        groups, more = page(
            [group for name, group in found if name.startswith(prefix)],
            params.get("MaxResults", PAGE),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"ScheduleGroups": [_described(call, group) for group in groups], **more}

    @operation("DeleteScheduleGroup")
    def delete_schedule_group(self, call: Call, params: Params) -> Result:
        """With "all the schedules in the group"."""
        group = group_of(self.stores, call, params["Name"])
        if group.name == DEFAULT_GROUP:
            raise invalid("The default schedule group cannot be deleted.")
        for schedule in group.schedules.values():
            if schedule.run is not None:
                schedule.run.stop()
        del self.stores.of(call).groups[group.name]
        return {}


def group_of(stores: Regional[Store], call: Call, name: str | None) -> Group:
    """The group of a name, the default group without one.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    wanted = name or DEFAULT_GROUP
    group = stores.of(call).groups.get(wanted)
    if group is None:
        raise AwsError("ResourceNotFoundException", f"Schedule group {wanted} does not exist.")
    return group


def _arn(call: Call, name: str) -> str:
    return call.arn("scheduler", f"schedule-group/{name}")


def _described(call: Call, group: Group) -> dict[str, Any]:
    dates = {"CreationDate": group.created, "LastModificationDate": group.modified}
    return {
        "Arn": _arn(call, group.name),
        "Name": group.name,
        "State": "ACTIVE",
        **{name: date for name, date in dates.items() if date is not None},
    }
