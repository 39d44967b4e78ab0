"""Where the results of asynchronous invocations go.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from typing import Any

from skyproof.emulator import sending
from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions import Outcome
from skyproof.emulator.service import Call

Facts = dict[str, tuple[str, str]]


def record(
    call: Call,
    arn: str,
    version: str,
    request_id: str,
    payload: bytes,
    condition: str,
    attempts: int,
    outcome: Outcome | None,
) -> dict[str, Any]:
    """What a destination is told."""
    now = call.world.clock.now()
    shown: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn if version != "$LATEST" else f"{arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload),
    }
    if outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
        if outcome.error is not None:
            context["functionError"] = outcome.error
        shown["responseContext"] = context
        shown["responsePayload"] = json.loads(outcome.payload)
    return shown


def send(call: Call, target: str, message: dict[str, Any], succeeded: bool) -> None:
    """Tell a queue, a topic, a function or an event bus.

    Raises:
        AwsError: NotImplemented, for other destinations.
        ClientError: the destination refuses.
    """
    text = json.dumps(message)
    match target.split(":")[2]:
        case "sqs":
            sending.to_queue(call.world, target, text)
        case "sns":
            sending.to_topic(call.world, target, text)
        case "lambda":
            sending.to_function(call.world, target, text)
        case "events":
            result = "Success" if succeeded else "Failure"
            entry = {
                "EventBusName": target,
                "Source": "lambda",
                "DetailType": f"Lambda Function Invocation Result - {result}",
                "Detail": text,
                "Resources": [target, message["requestContext"]["functionArn"]],
            }
            sending.client_of(call.world, target).put_events(Entries=[entry])
        case service:
            raise AwsError("NotImplemented", f"destinations of {service}", status=501)


def dead_letter(call: Call, target: str, payload: bytes, facts: Facts) -> None:
    """Hand an event that was given up to a queue or topic.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    attributes = {
        name: {"DataType": kind, "StringValue": text} for name, (kind, text) in facts.items()
    }
    is_queue = target.split(":")[2] == "sqs"
    send = sending.to_queue if is_queue else sending.to_topic
    send(call.world, target, payload.decode(), MessageAttributes=attributes)
