"""How messages and records look to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-event-example
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from skyproof.emulator.services.kinesis.reading import Record

#: "The payload … 6 MB": of a synchronous invocation.
MAX_PAYLOAD = 6 * 1024 * 1024
_ENVELOPE = len('{"Records": []}')

Shown = dict[str, Any]


def of_message(message: dict[str, Any], arn: str) -> Shown:
    """A message, as ReceiveMessage answers it."""
    shown = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
    }
    if "MD5OfMessageAttributes" in message:
        shown["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    where = {"eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": arn.split(":")[3]}
    return {**shown, **where}


def of_record(record: Record, arn: str, role: str) -> Shown:
    """A record of a stream."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": record.sequence_number,
            "data": b64encode(record.data).decode(),
            "approximateArrivalTimestamp": round(record.arrived.timestamp(), 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{record.shard}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": arn.split(":")[3],
        "eventSourceARN": arn,
    }


def payload(records: Sequence[Shown]) -> bytes:
    """The event that holds them."""
    return json.dumps({"Records": records}).encode()


def fitting(records: Sequence[Shown]) -> Iterator[Sequence[Shown]]:
    """Records in as few groups as fit into one payload each."""
    start, size = 0, _ENVELOPE
    for index, record in enumerate(records):
        own = len(json.dumps(record)) + 2
        if index > start and size + own > MAX_PAYLOAD:
            yield records[start:index]
            start, size = index, _ENVELOPE
        size += own
    if records:
        yield records[start:]


def _attribute(value: dict[str, Any]) -> Shown:
    shown: Shown = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "BinaryValue" in value:
        return {"binaryValue": b64encode(value["BinaryValue"]).decode(), **shown}
    return {"stringValue": value["StringValue"], **shown}
