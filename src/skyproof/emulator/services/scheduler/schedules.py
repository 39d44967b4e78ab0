"""Schedules: made, changed, read and deleted."""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.retrying import DEFAULT_AGE, DEFAULT_ATTEMPTS
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.scheduler.groups import PAGE, group_of
from skyproof.emulator.services.scheduler.running import Run
from skyproof.emulator.services.scheduler.store import Group, Schedule, Store
from skyproof.emulator.services.scheduler.validation import check_schedule, operation

#: "If you do not specify …": https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
DEFAULTS = {
    "ActionAfterCompletion": "NONE",
    "ScheduleExpressionTimezone": "UTC",
    "State": "ENABLED",
}
DEFAULT_RETRIES = {
    "MaximumEventAgeInSeconds": DEFAULT_AGE,
    "MaximumRetryAttempts": DEFAULT_ATTEMPTS,
}


class Schedules:
    """The operations on schedules."""

    stores: Regional[Store]

    @operation("CreateSchedule")
    def create_schedule(self, call: Call, params: Params) -> Result:
        group = group_of(self.stores, call, params.get("GroupName"))
        name, token = params["Name"], params.get("ClientToken")
        known = group.schedules.get(name)
        if known is not None and (token is None or token != known.token):
            raise AwsError("ConflictException", f"Schedule {name} already exists.")
        if known is not None:
            return {"ScheduleArn": known.arn}
        now = call.world.clock.now()
        arn = call.arn("scheduler", f"schedule/{group.name}/{name}")
        schedule = Schedule(name, group.name, arn, _configuration(params), now, now, token)
        check_schedule(call, schedule.group_arn, schedule.configuration)
        group.schedules[name] = schedule
        self._run(call, group, schedule)
        return {"ScheduleArn": arn}

    @operation("UpdateSchedule")
    def update_schedule(self, call: Call, params: Params) -> Result:
        """Whole: what is left out is as it is by default, not as it was."""
        group = group_of(self.stores, call, params.get("GroupName"))
        schedule = _schedule(group, params["Name"])
        configuration = _configuration(params)
        check_schedule(call, schedule.group_arn, configuration)
        schedule.configuration, schedule.modified = configuration, call.world.clock.now()
        self._run(call, group, schedule)
        return {"ScheduleArn": schedule.arn}

    @operation("GetSchedule")
    def get_schedule(self, call: Call, params: Params) -> Result:
        schedule = _schedule(group_of(self.stores, call, params.get("GroupName")), params["Name"])
        return _summary(schedule) | schedule.configuration

    @operation("ListSchedules")
    def list_schedules(self, call: Call, params: Params) -> Result:
        groups = self.stores.of(call).groups.values()
        if "GroupName" in params:
            groups = [group_of(self.stores, call, params["GroupName"])]  # type: ignore[assignment]
        found = [
            schedule
            for group in groups
            for schedule in group.schedules.values()
            if schedule.name.startswith(params.get("NamePrefix", ""))
            and params.get("State") in (None, schedule.configuration["State"])
        ]
        schedules, more = page(
            sorted(found, key=lambda schedule: schedule.arn),
            params.get("MaxResults", PAGE),
            params.get("NextToken"),
            code="ValidationException",
        )
        return {"Schedules": [_summary(schedule) for schedule in schedules], **more}

    @operation("DeleteSchedule")
    def delete_schedule(self, call: Call, params: Params) -> Result:
        group = group_of(self.stores, call, params.get("GroupName"))
        schedule = _schedule(group, params["Name"])
        if schedule.run is not None:
            schedule.run.stop()
        del group.schedules[schedule.name]
        return {}

    def _run(self, call: Call, group: Group, schedule: Schedule) -> None:
        """Have it go on as it is configured now."""
        if schedule.run is not None:
            schedule.run.stop()
            schedule.run = None
        if schedule.configuration["State"] == "ENABLED":
            schedule.run = run = Run(call, schedule, lambda: _completed(group, schedule, run))
            run.start()


def _completed(group: Group, schedule: Schedule, run: Run) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-delete.html"""
    delete = schedule.configuration["ActionAfterCompletion"] == "DELETE"
    # It may have been deleted or changed while its last invocation was tried again.
    if delete and schedule.run is run and group.schedules.get(schedule.name) is schedule:
        del group.schedules[schedule.name]


def _schedule(group: Group, name: str) -> Schedule:
    schedule = group.schedules.get(name)
    if schedule is None:
        raise AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.")
    return schedule


def _configuration(params: Params) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in params.items()
        if name not in ("Name", "GroupName", "ClientToken")
    }
    retries = DEFAULT_RETRIES | params["Target"].get("RetryPolicy", {})
    return DEFAULTS | kept | {"Target": params["Target"] | {"RetryPolicy": retries}}


def _summary(schedule: Schedule) -> dict[str, Any]:
    return {
        "Arn": schedule.arn,
        "Name": schedule.name,
        "GroupName": schedule.group,
        "State": schedule.configuration["State"],
        "CreationDate": schedule.created,
        "LastModificationDate": schedule.modified,
        "Target": {"Arn": schedule.target["Arn"]},
    }
