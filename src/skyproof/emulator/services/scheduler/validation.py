"""What Scheduler refuses of a schedule.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from skyproof.emulator import authorization
from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.errors import AwsError
from skyproof.emulator.schedules import At, Cron, Rate, ScheduleError, parse
from skyproof.emulator.service import Call, Params
from skyproof.emulator.services.scheduler import targets
from skyproof.emulator.services.scheduler.store import PRINCIPAL
from skyproof.emulator.tags import Tags, as_dict, reserved

#: "The StartDate you specify cannot be earlier than 5 minutes ago."
GRACE = timedelta(minutes=5)

operation = checked_operations("scheduler")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def tags_of(pairs: list[dict[str, str]] | None) -> Tags:
    """Tags as a dict.

    Raises:
        AwsError: ValidationException, for keys that AWS keeps for itself.
    """
    tags = as_dict(pairs)
    key = reserved(tags)
    if key is not None:
        raise invalid(f"Tag keys beginning with aws: are reserved: {key}")
    return tags


def check_schedule(call: Call, group_arn: str, configuration: Params) -> None:
    """Refuse what no schedule can be.

    Raises:
        AwsError: ValidationException, or NotImplemented for a target that cannot be kept.
    """
    _check_expression(configuration)
    _check_window(configuration["FlexibleTimeWindow"])
    _check_dates(configuration, call.world.clock.now())
    target = configuration["Target"]
    targets.check(target)
    _check_role(call, group_arn, target["RoleArn"])


def _check_expression(configuration: Params) -> None:
    expression = configuration["ScheduleExpression"]
    zone = configuration["ScheduleExpressionTimezone"]
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError) as error:
        raise invalid(f"Invalid Schedule Expression Timezone {zone}.") from error
    try:
        if not isinstance(parse(expression, zone), Rate | Cron | At):
            raise ScheduleError("schedules run at a rate, once or as a cron says")
    except ScheduleError as error:
        # Recorded: https://github.com/localstack/localstack/issues/9284
        raise invalid(f"Invalid Schedule Expression {expression}.") from error


def _check_window(window: Params) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html"""
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        wanted = "has to" if window["Mode"] == "FLEXIBLE" else "cannot"
        raise invalid(
            f"MaximumWindowInMinutes {wanted} be set when the mode of FlexibleTimeWindow is "
            f"{window['Mode']}."
        )


def _check_dates(configuration: Params, now: datetime) -> None:
    start, end = configuration.get("StartDate"), configuration.get("EndDate")
    # One-time schedules ignore both.
    if configuration["ScheduleExpression"].startswith("at("):
        return
    if start is not None and start < now - GRACE:
        raise invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end is not None and end < max(now, start or now):
        raise invalid("The EndDate you specify must be later than the StartDate and the present.")


def _check_role(call: Call, group_arn: str, role: str) -> None:
    try:
        authorization.may_assume(call, role, PRINCIPAL, group_arn)
    except AwsError as error:
        # The text that the Terraform provider waits upon for two minutes:
        # https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/scheduler/retry.go
        raise invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        ) from error
