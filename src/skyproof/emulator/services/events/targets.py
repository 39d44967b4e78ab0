"""Handing an event to a target: its input, its retries, its dead-letter queue.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.events import transform

DEFAULT_AGE, DEFAULT_ATTEMPTS = 86_400, 185
#: "EventBridge … retries … with exponential back off and jitter"; the figures are not documented.
FIRST_PAUSE, LONGEST_PAUSE = 1, 600
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


@dataclass(frozen=True)
class Refusal:
    """Why a target did not take an event."""

    code: str
    message: str

    @classmethod
    def of(cls, error: ClientError | AwsError) -> Refusal:
        if isinstance(error, AwsError):
            return cls(error.code, error.message)
        detail = error.response["Error"]
        return cls(str(detail["Code"]), str(detail.get("Message", "")))


def _refused(one: Attempt, error: Refusal) -> None:
    policy = one.target.get("RetryPolicy", {})
    attempts = policy.get("MaximumRetryAttempts", DEFAULT_ATTEMPTS)
    age = timedelta(seconds=policy.get("MaximumEventAgeInSeconds", DEFAULT_AGE))
    clock = one.call.world.clock
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (one.failures - 1))
    if any(word in error.code for word in _HOPELESS):
        _give_up(one, error, None)
    elif one.failures > attempts:
        _give_up(one, error, "MaximumRetryAttempts")
    elif clock.now() + timedelta(seconds=pause) > one.accepted + age:
        _give_up(one, error, "MaximumEventAgeInSeconds")
    else:
        clock.after(pause, f"events: again to {one.arn}", lambda: attempt(one))


def _give_up(one: Attempt, error: Refusal, condition: str | None) -> None:
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
    where = queue.split(":")
    client = world.client("sqs", where[3], where[4])
    account = one.rule.split(":")[4]
    try:
        url = client.get_queue_url(QueueName=where[5])["QueueUrl"]
        with acting_as(Principal("events.amazonaws.com", account, one.rule)):
            client.send_message(
                QueueUrl=url,
                MessageBody=json.dumps(one.event),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": text}
                    for name, text in facts.items()
                },
            )
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
    return "THROTTLING" if "Throttl" in code or "TooMany" in code else "SDK_CLIENT_ERROR"


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


def _client(one: Attempt) -> Any:
    where = one.arn.split(":")
    return one.call.world.client(where[2], where[3], where[4])


def _to_function(one: Attempt, text: str) -> None:
    _client(one).invoke(FunctionName=one.arn, InvocationType="Event", Payload=text.encode())


def _to_queue(one: Attempt, text: str) -> None:
    client, name = _client(one), one.arn.split(":")[5]
    group = one.target.get("SqsParameters", {})
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=text, **group)


def _to_topic(one: Attempt, text: str) -> None:
    _client(one).publish(TopicArn=one.arn, Message=text)


def _to_log(one: Attempt, text: str) -> None:
    """A stream for each event, as EventBridge writes them."""
    client = _client(one)
    group = one.arn.split(":")[6]
    stream = f"{one.event['id']}"
    now = int(one.call.world.clock.now().timestamp() * 1000)
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    entry = {"timestamp": now, "message": text}
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[entry])


def _to_firehose(one: Attempt, text: str) -> None:
    name = one.arn.rpartition("/")[2]
    _client(one).put_record(DeliveryStreamName=name, Record={"Data": text.encode()})


def _to_stream(one: Attempt, text: str) -> None:
    path = one.target.get("KinesisParameters", {}).get("PartitionKeyPath")
    key = str(transform.pick(path, one.event)) if path else one.event["id"]
    name = one.arn.rpartition("/")[2]
    _client(one).put_record(StreamName=name, Data=text.encode(), PartitionKey=key)


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
