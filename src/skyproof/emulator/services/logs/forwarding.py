"""Subscriptions: log events passed on to functions, Firehose, Kinesis and other accounts.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import gzip
import json
import uuid
from base64 import b64encode
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call
from skyproof.emulator.services.logs import destinations
from skyproof.emulator.services.logs.store import Group

#: "If the destination … throttles or fails, deliveries are retried for up to 24 hours"; every so
#: many seconds, doubled.
FIRST_PAUSE, LONGEST_PAUSE, PATIENCE = 5, 900, 86_400


def forward(
    call: Call,
    group: Group,
    subscription: dict[str, Any],
    stream: str,
    events: list[dict[str, Any]],
) -> None:
    """Send matching events to a subscription's destination, next."""
    name, target = subscription["filterName"], subscription["destinationArn"]
    payload = _payload(call, group, name, stream, events)
    data = gzip.compress(json.dumps(payload).encode(), mtime=0)
    role = subscription.get("roleArn")
    # "By default, log data is grouped by log stream, but the grouping can be set to random."
    is_random = subscription["distribution"] == "Random"
    key = payload["logEvents"][0]["id"] if is_random else stream

    def attempt(waited: float, pause: float) -> None:
        try:
            _send(call, group, target, role, data, key)
        except AwsError as error:
            call.world.tell(group.arn, "forward", target, "refused", str(error))
            return
        except ClientError as error:
            call.world.tell(group.arn, "forward", target, "refused", str(error))
            if waited + pause <= PATIENCE and _is_transient(error):
                again = min(LONGEST_PAUSE, pause * 2)
                call.world.clock.after(
                    pause, f"logs: {name} again", lambda: attempt(waited + pause, again)
                )
            return
        call.world.tell(group.arn, "forward", target)

    call.world.clock.soon(f"logs: {name} to {target}", lambda: attempt(0, FIRST_PAUSE))


def _payload(
    call: Call, group: Group, name: str, stream: str, events: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "messageType": "DATA_MESSAGE",
        "owner": call.account,
        "logGroup": group.name,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [
            {
                "id": _id(group, stream, event, number),
                "timestamp": event["timestamp"],
                "message": event["message"],
            }
            for number, event in enumerate(events)
        ],
    }


def _id(group: Group, stream: str, event: dict[str, Any], number: int) -> str:
    text = f"{group.arn}/{stream}/{event['timestamp']}/{number}/{event['message']}"
    return f"{uuid.uuid5(uuid.NAMESPACE_URL, text).int:039d}"[:56]


def _send(call: Call, group: Group, target: str, role: str | None, data: bytes, key: str) -> None:
    """Raises ClientError, as the target refuses; AwsError for a destination that is gone."""
    if target.split(":")[2] == "logs":
        target, role = destinations.followed(call, target)
    where = target.split(":")
    client = call.world.client(where[2], where[3], where[4])
    if where[2] == "lambda":
        payload = json.dumps({"awslogs": {"data": b64encode(data).decode()}}).encode()
        principal = Principal("logs.amazonaws.com", call.account, f"{group.arn}:*")
        with acting_as(principal):
            client.invoke(FunctionName=target, InvocationType="Event", Payload=payload)
        return
    acting = Principal(role, role.split(":")[4]) if role else None
    name = where[5].rpartition("/")[2]
    with acting_as(acting):
        if where[2] == "firehose":
            client.put_record(DeliveryStreamName=name, Record={"Data": data})
        else:
            client.put_record(StreamName=name, Data=data, PartitionKey=key)


def _is_transient(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return any(word in code for word in ("Throttl", "TooMany", "Unavailable", "Exceeded"))
