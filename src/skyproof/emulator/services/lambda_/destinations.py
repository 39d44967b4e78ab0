"""Where the results of asynchronous invocations go.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skyproof.emulator import sending
from skyproof.emulator.clock import stamp
from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions import Outcome
from skyproof.emulator.service import Call

if TYPE_CHECKING:
    from skyproof.emulator.services.lambda_.definitions import Runnable
    from skyproof.emulator.services.lambda_.shard_work import Batch

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
    shown: dict[str, Any] = {
        "version": "1.0",
        "timestamp": _time(call.world.clock.now()),
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn if version != "$LATEST" else f"{arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload),
    }
    if outcome is not None:
        shown["responseContext"] = _response(version, outcome)
        shown["responsePayload"] = json.loads(outcome.payload)
    return shown


def stream_record(
    call: Call, found: Runnable, source: str, batch: Batch, condition: str
) -> dict[str, Any]:
    """What a destination is told of a stream's records that were given up.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    first, last = batch.records[0], batch.records[-1]
    shown: dict[str, Any] = {
        "requestContext": {
            "requestId": batch.request_id,
            "functionArn": found.definition.arn,
            "condition": condition,
            "approximateInvokeCount": batch.failures,
        },
        "version": "1.0",
        "timestamp": _time(call.world.clock.now()),
        "KinesisBatchInfo": {
            "shardId": first.shard,
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            "approximateArrivalOfFirstRecord": _time(first.arrived),
            "approximateArrivalOfLastRecord": _time(last.arrived),
            "batchSize": len(batch.records),
            "streamArn": source,
        },
    }
    if batch.outcome is not None:
        shown["responseContext"] = _response(found.definition.version, batch.outcome)
    return shown


def _response(version: str, outcome: Outcome) -> dict[str, Any]:
    context: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
    if outcome.error is not None:
        context["functionError"] = outcome.error
    return context


def _time(moment: datetime) -> str:
    return stamp(moment.astimezone(UTC))


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
