"""Invoking a target: the role, its attempts, its dead-letter queue, and the metrics of it all.

* https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
* https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
* https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator import authorization, sending
from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.retrying import Condition, Refusal, RetryPolicy, pause
from skyproof.emulator.service import Call
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.scheduler import targets, universal
from skyproof.emulator.services.scheduler.store import PRINCIPAL


@dataclass(frozen=True)
class Invocation:
    """One time of a schedule on its way to the target.

    Attributes:
        schedule: the schedule's ARN.
        group: the name of its group.
        source: the ARN of its group, which trust policies name.
        target: as the schedule had it when it fell due.
        scheduled: what time it is for; ``accepted`` may be later within a flexible window.
        done: called when no more attempts are made.
        failures: how often it was refused so far.
    """

    call: Call
    schedule: str
    group: str
    source: str
    target: dict[str, Any]
    scheduled: datetime
    accepted: datetime
    done: Callable[[], None]
    failures: int = 0

    @property
    def arn(self) -> str:
        return str(self.target["Arn"])

    @property
    def id(self) -> str:
        """The same in every attempt, and in every run of the same world."""
        return sha256(f"{self.schedule} {self.scheduled.isoformat()}".encode()).hexdigest()[:16]

    @property
    def time(self) -> str:
        return f"{self.scheduled:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def input(self) -> str | None:
        """What the target is told, its context attributes filled in.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        """
        text = self.target.get("Input")
        for name, value in (
            ("schedule-arn", self.schedule),
            ("scheduled-time", self.time),
            ("execution-id", self.id),
            ("attempt-number", str(self.failures + 1)),
        ):
            text = text and text.replace(f"<aws.scheduler.{name}>", value)
        return text


def attempt(one: Invocation) -> None:
    """Invoke the target; when it refuses, try again later or hand it to the dead-letter queue."""
    world = one.call.world
    send = targets.sender(one.arn)
    if send is None:
        why = f"targets of {one.arn.split(':')[2]} are not emulated"
        world.tell(one.schedule, "invoke", one.arn, "dropped", why)
        one.done()
        return
    _count(one, "InvocationAttemptCount")
    try:
        _assume(one)
        with acting_as(_role(one)):
            send(one.call, one.target, _told(one), one.schedule)
    except (ClientError, AwsError) as error:
        world.tell(one.schedule, "invoke", one.arn, "refused", str(error))
        _refused(replace(one, failures=one.failures + 1), Refusal.of(error))
        return
    world.tell(one.schedule, "invoke", one.arn)
    one.done()


def _told(one: Invocation) -> str:
    """The input, or what stands for it.

    "If you do not specify anything for this field, EventBridge Scheduler delivers a default
    notification to the target"; an operation of an API gets no parameters.
    """
    given = one.input
    if given is not None:
        return given
    if universal.is_universal(one.arn):
        return "{}"
    return json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, one.id)),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": one.call.account,
            "time": one.time,
            "region": one.call.region,
            "resources": [one.schedule],
            "detail": "{}",
        }
    )


def _assume(one: Invocation) -> None:
    authorization.may_assume(one.call, one.target["RoleArn"], PRINCIPAL, one.source)


def _role(one: Invocation) -> Principal:
    role = one.target["RoleArn"]
    return Principal(role, role.split(":")[4], one.schedule)


def _refused(one: Invocation, error: Refusal) -> None:
    """Tried again whatever the reason: "until either the maximum number of attempts is made …"."""
    _count(one, "TargetErrorCount")
    if error.is_throttling:
        _count(one, "TargetErrorThrottledCount")
    if error.code == "NotImplemented":
        # The emulator's own answer, which no retry changes.
        one.done()
        return
    clock = one.call.world.clock
    condition = RetryPolicy.of(one.target).exhausted(one.failures, one.accepted, clock.now())
    if condition is not None:
        _give_up(one, error, condition)
        return
    what = f"scheduler: {one.schedule} again"
    clock.after(pause(one.failures), what, lambda: attempt(one))


def _give_up(one: Invocation, error: Refusal, condition: Condition) -> None:
    _count(one, "InvocationDroppedCount")
    queue = one.target.get("DeadLetterConfig", {}).get("Arn")
    if queue:
        _bury(one, error, condition, queue)
    else:
        one.call.world.tell(one.schedule, "give up", one.arn, "failed", error.message)
    one.done()


def _bury(one: Invocation, error: Refusal, condition: Condition, queue: str) -> None:
    """To the dead-letter queue, as the role: "your schedule execution role needs …"."""
    facts = {
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": error.message[:1000] or "-",
        "EXECUTION_ID": one.id,
        "EXHAUSTED_RETRY_CONDITION": condition,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(one.failures - 1),
        "SCHEDULED_TIME": one.time,
        "SCHEDULE_ARN": one.schedule,
        "TARGET_ARN": one.arn,
    }
    world = one.call.world
    try:
        _assume(one)
        with acting_as(_role(one)):
            sending.to_queue(world, queue, _told(one), facts)
    except (ClientError, AwsError) as refusal:
        world.tell(one.schedule, "dead-letter", queue, "refused", str(refusal))
        _count(one, "InvocationsFailedToBeSentToDeadLetterCount")
        _count(one, f"InvocationsFailedToBeSentToDeadLetterCount_{Refusal.of(refusal).code}")
        return
    world.tell(one.schedule, "dead-letter", queue)
    _count(one, "InvocationsSentToDeadLetterCount")


def _count(one: Invocation, name: str) -> None:
    """Of the group, and of all schedules: "a set of metrics for all schedules"."""
    world, call = one.call.world, one.call
    for dimensions in ({"ScheduleGroup": one.group}, {}):
        publish(world, call.account, call.region, "AWS/Scheduler", name, dimensions, 1.0, "Count")
