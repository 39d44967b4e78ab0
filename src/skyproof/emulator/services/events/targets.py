"""Handing an event to a target: its input, its retries, its dead-letter queue.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator import sending
from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.retrying import Condition, Refusal, RetryPolicy, pause
from skyproof.emulator.service import Call
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.events import transform

#: No retry helps: "missing permissions … or the target resource no longer exists".
_HOPELESS = (
    "AccessDenied", "AuthorizationError", "KMSAccessDenied", "NotFound", "NonExistentQueue",
    "QueueDoesNotExist", "ResourceNotFound", "NotImplemented", "KMSNotFound",
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """An event on its way to a target of a rule.

    Attributes:
        rule: the rule's ARN.
        accepted: when the event was matched.
        failures: how often it was refused so far.
    """

    call: Call
    rule: str
    target: dict[str, Any]
    event: dict[str, Any]
    accepted: datetime
    failures: int = 0

    @property
    def arn(self) -> str:
        return str(self.target["Arn"])


def attempt(one: Attempt) -> None:
    """Send it; when it is refused, try again later or hand it to the dead-letter queue."""
    world = one.call.world
    send = _SENDERS.get(one.arn.split(":")[2])
    if send is None:
        why = f"targets of {one.arn.split(':')[2]} are not emulated"
        world.tell(one.rule, "deliver", one.arn, "dropped", why)
        return
    _count(one, "Invocations")
    try:
        with acting_as(_principal(one)):
            send(one, _input(one))
    except (ClientError, AwsError) as error:
        world.tell(one.rule, "deliver", one.arn, "refused", str(error))
        _refused(replace(one, failures=one.failures + 1), Refusal.of(error))
        return
    world.tell(one.rule, "deliver", one.arn)


def _refused(one: Attempt, error: Refusal) -> None:
    clock = one.call.world.clock
    condition = RetryPolicy.of(one.target).exhausted(one.failures, one.accepted, clock.now())
    if any(word in error.code for word in _HOPELESS):
        _give_up(one, error, None)
    elif condition is not None:
        _give_up(one, error, condition)
    else:
        clock.after(pause(one.failures), f"events: again to {one.arn}", lambda: attempt(one))


def _give_up(one: Attempt, error: Refusal, condition: Condition | None) -> None:
    _count(one, "FailedInvocations")
    queue = one.target.get("DeadLetterConfig", {}).get("Arn")
    world = one.call.world
    if not queue:
        world.tell(one.rule, "give up", one.arn, "failed", error.message)
        return
    facts = {
        "RULE_ARN": one.rule,
        "TARGET_ARN": one.arn,
        "ERROR_CODE": _error_code(error),
        "ERROR_MESSAGE": error.message[:1000] or "-",
        "RETRY_ATTEMPTS": str(one.failures - 1),
    }
    if condition is not None:
        facts["EXHAUSTED_RETRY_CONDITION"] = condition
    account = one.rule.split(":")[4]
    try:
        with acting_as(Principal("events.amazonaws.com", account, one.rule)):
            sending.to_queue(world, queue, json.dumps(one.event), facts)
    except ClientError as second:
        world.tell(one.rule, "dead-letter", queue, "refused", str(second))
        return
    world.tell(one.rule, "dead-letter", queue)


def _error_code(error: Refusal) -> str:
    """As the dead-letter queue's messages name it."""
    code = error.code
    if "Access" in code or "Authorization" in code:
        return "NO_PERMISSIONS"
    if any(word in code for word in ("NotFound", "NonExistent", "DoesNotExist")):
        return "NO_RESOURCE"
    return "THROTTLING" if error.is_throttling else "SDK_CLIENT_ERROR"


def _input(one: Attempt) -> str:
    """What the target is told."""
    target = one.target
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        try:
            return json.dumps(transform.pick(target["InputPath"], one.event))
        except transform.NotInEventError:
            return "null"
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        name = one.rule.rpartition("/")[2]
        paths, template = transformer.get("InputPathsMap", {}), transformer["InputTemplate"]
        now = one.call.world.clock.now()
        return transform.render(paths, template, one.event, one.rule, name, now)
    return json.dumps(one.event)


def _principal(one: Attempt) -> Principal:
    role = one.target.get("RoleArn")
    account = one.rule.split(":")[4]
    if role:
        return Principal(role, role.split(":")[4], one.rule)
    return Principal("events.amazonaws.com", account, one.rule)


def _to_function(one: Attempt, text: str) -> None:
    sending.to_function(one.call.world, one.arn, text)


def _to_queue(one: Attempt, text: str) -> None:
    sending.to_queue(one.call.world, one.arn, text, **one.target.get("SqsParameters", {}))


def _to_topic(one: Attempt, text: str) -> None:
    sending.to_topic(one.call.world, one.arn, text)


def _to_log(one: Attempt, text: str) -> None:
    """A stream for each event, as EventBridge writes them."""
    client = sending.client_of(one.call.world, one.arn)
    group = one.arn.split(":")[6]
    stream = f"{one.event['id']}"
    now = milliseconds(one.call.world.clock.now())
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    entry = {"timestamp": now, "message": text}
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[entry])


def _to_firehose(one: Attempt, text: str) -> None:
    sending.to_delivery_stream(one.call.world, one.arn, text)


def _to_stream(one: Attempt, text: str) -> None:
    path = one.target.get("KinesisParameters", {}).get("PartitionKeyPath")
    key = str(transform.pick(path, one.event)) if path else one.event["id"]
    sending.to_data_stream(one.call.world, one.arn, text, key)


def _to_bus(one: Attempt, _text: str) -> None:
    """The event as it is: only its bus is another."""
    from skyproof.emulator.services.events.service import Events

    events = Events.of(one.call.world)
    events.forward(one.call, one.arn, one.event)


_SENDERS: dict[str, Callable[[Attempt, str], None]] = {
    "events": _to_bus,
    "firehose": _to_firehose,
    "kinesis": _to_stream,
    "lambda": _to_function,
    "logs": _to_log,
    "sns": _to_topic,
    "sqs": _to_queue,
}


def _count(one: Attempt, name: str) -> None:
    where = one.rule.split(":")
    dimensions = {"RuleName": one.rule.rpartition("/")[2]}
    world = one.call.world
    publish(world, where[4], where[3], "AWS/Events", name, dimensions, 1.0, "Count")
