"""What is asked of the function that transforms records, and how its answer is read.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.services.firehose.buffer import Record, in_chunks
from skyproof.emulator.services.firehose.settings import MB

#: "The Lambda synchronous invocation mode has a payload size limit of 6 MB".
MAX_PAYLOAD = 6 * MB
#: Room for what stands around the records.
_ENVELOPE = 1024

_RESULTS = ("Ok", "Dropped", "ProcessingFailed")
#: Messages as AWS words them in its error logs and in failed records.
_MESSAGES = {
    "Lambda.FunctionError": (
        "The Lambda function was successfully invoked but it returned an error result."
    ),
    "Lambda.InvokeAccessDenied": (
        "Access was denied. Ensure that the access policy allows access to the Lambda function."
    ),
    "Lambda.InvokeLimitExceeded": (
        "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution "
        "limit."
    ),
    "Lambda.ResourceNotFound": (
        "The specified Lambda function does not exist. Use a different function that does exist."
    ),
    "Lambda.JsonProcessingException": (
        "There was an error parsing returned records from the Lambda function. Ensure that the "
        "returned records follow the status model required by Amazon Kinesis Data Firehose."
    ),
    "Lambda.MissingRecordId": (
        "One or more record Ids were not returned. Ensure that the Lambda function returns all "
        "received record Ids."
    ),
    "Lambda.DuplicatedRecordId": (
        "Multiple records were returned with the same record Id. Ensure that the Lambda function "
        "returns unique record Ids for each record."
    ),
    "Lambda.ProcessingFailedStatus": "ProcessingFailed status set for record",
}
_CODES = {
    "AccessDeniedException": "Lambda.InvokeAccessDenied",
    "TooManyRequestsException": "Lambda.InvokeLimitExceeded",
    "ResourceNotFoundException": "Lambda.ResourceNotFound",
}


@dataclass(frozen=True)
class Failure:
    """Why records were not transformed, in AWS's words."""

    code: str
    message: str

    @classmethod
    def known(cls, code: str) -> Failure:
        return cls(code, _MESSAGES[code])

    @classmethod
    def of_refusal(cls, code: str, message: str) -> Failure:
        """A failure to invoke, by the error code and the message of Lambda."""
        named = _CODES.get(code, f"Lambda.{code}")
        return cls(named, _MESSAGES.get(named, message))


class UnreadableAnswer(Exception):
    """The function's answer does not follow the model; none of its records counts."""


@dataclass
class Transformed:
    """What became of records: those of neither list were dropped."""

    done: list[Record] = field(default_factory=list)
    failed: list[tuple[Record, Failure]] = field(default_factory=list)


def chunks(records: Sequence[Record], limit: int) -> Iterator[Sequence[Record]]:
    """Records as they are handed to the function, call by call.

    Args:
        limit: of the data of one call, in bytes; its payload is limited as well.
    """
    for chunk in in_chunks(records, [len(record.data) for record in records], limit):
        sizes = [len(json.dumps(_shown(record))) + 2 for record in chunk]
        yield from in_chunks(chunk, sizes, MAX_PAYLOAD - _ENVELOPE)


def payload(
    records: Sequence[Record], invocation_id: str, arn: str, region: str, source: str | None = None
) -> bytes:
    """The event that the function gets.

    Args:
        source: the ARN of the Kinesis stream that the records were read from, if any.
    """
    event = {
        "invocationId": invocation_id,
        **({"sourceKinesisStreamArn": source} if source else {}),
        "deliveryStreamArn": arn,
        "region": region,
        "records": [_shown(record) for record in records],
    }
    return json.dumps(event).encode()


def read(answer: bytes, records: Sequence[Record]) -> Transformed:
    """Set the function's answer against what it was given.

    Results for records that it was not given count for nothing.

    Raises:
        UnreadableAnswer: it is not of the documented form.
    """
    results = _results(answer)
    times = Counter(result["recordId"] for result in results)
    by_id = {result["recordId"]: result for result in results}
    transformed = Transformed()
    for record in records:
        if times[record.id] != 1:
            code = "Duplicated" if times[record.id] else "Missing"
            failure = Failure.known(f"Lambda.{code}RecordId")
            transformed.failed.append((record, failure))
            continue
        match by_id[record.id]["result"]:
            case "Ok":
                data = b64decode(by_id[record.id]["data"])
                transformed.done.append(replace(record, data=data))
            case "ProcessingFailed":
                failure = Failure.known("Lambda.ProcessingFailedStatus")
                transformed.failed.append((record, failure))
    return transformed


def error_line(
    record: Record, failure: Failure, *, attempts: int, ended: datetime, function: str
) -> bytes:
    """A failed record as it is written to the bucket."""
    document = {
        "attemptsMade": attempts,
        "arrivalTimestamp": milliseconds(record.arrived),
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptEndingTimestamp": milliseconds(ended),
        "rawData": b64encode(record.data).decode(),
        "lambdaArn": function,
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _shown(record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "recordId": record.id,
        "approximateArrivalTimestamp": milliseconds(record.arrived),
        "data": b64encode(record.data).decode(),
    }
    if record.read is not None:
        shown["kinesisRecordMetadata"] = {
            "sequenceNumber": record.read.sequence_number,
            "subsequenceNumber": 0,
            "partitionKey": record.read.partition_key,
            "shardId": record.read.shard,
            "approximateArrivalTimestamp": milliseconds(record.read.arrived),
        }
    return shown


def _results(answer: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswer("the answer is not JSON") from error
    results = document.get("records") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise UnreadableAnswer("the answer holds no list of records")
    for result in results:
        if not _is_readable(result):
            raise UnreadableAnswer("a record has no recordId, no known result, or no data")
    return results


def _is_readable(result: Any) -> bool:
    if not isinstance(result, dict) or not isinstance(result.get("recordId"), str):
        return False
    if result.get("result") not in _RESULTS:
        return False
    return result["result"] != "Ok" or _is_base64(result.get("data"))


def _is_base64(data: Any) -> bool:
    if not isinstance(data, str):
        return False
    try:
        b64decode(data, validate=True)
    except ValueError:
        return False
    return True
