"""Add environment and monitoring account to metric-stream records on their way to the archive.

A Firehose record holds lines of JSON, one metric each.
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from typing import Any, NoReturn

from settings import text
from structured_log import log

# Lambda answers with at most 6 MB, and Firehose would otherwise lose the whole batch.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
RESPONSE_LIMIT = 6_000_000
RECORD_OVERHEAD = 100


class EventError(ValueError):
    """The function was invoked with something other than a batch from Firehose."""


def enrich(data: str, fields: Mapping[str, str]) -> str | None:
    """Add ``fields`` to every line of a record; both sides are base64.

    Returns None for a record without lines. Raises ValueError if one cannot be read: the whole
    record is then kept apart, for half of it would be a gap in the archive.
    """
    lines = base64.b64decode(data, validate=True).decode("utf-8").split("\n")
    metrics = [_metric(line) for line in lines if line.strip()]
    if not metrics:
        return None
    enriched = "".join(
        json.dumps({**metric, **fields}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        + "\n"
        for metric in metrics
    )
    return base64.b64encode(enriched.encode()).decode("ascii")


def _metric(line: str) -> dict[str, Any]:
    metric = json.loads(line, parse_constant=_refuse_constant)
    if not isinstance(metric, dict):
        raise ValueError(f"expected a JSON object, got {line!r:.200}")
    return metric


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def transform(event: Mapping[str, Any], environment: str) -> dict[str, list[dict[str, str]]]:
    """Answer a Firehose batch: every recordId once, with Ok, Dropped or ProcessingFailed.

    Records that are not Ok come back without data, as in AWS's own blueprints; Firehose keeps
    what it sent. Raises EventError.
    """
    try:
        account = event["deliveryStreamArn"].split(":")[4]
        records = [(record["recordId"], record["data"]) for record in event["records"]]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise EventError(f"not a batch from Firehose ({error!r}): {event!r:.200}") from error
    fields = {"environment": environment, "monitoring_account": account}
    answer: list[dict[str, str]] = []
    size = 0
    for record_id, data in records:
        result = _result(record_id, data, fields)
        if size + _size(result) > RESPONSE_LIMIT:
            log("ERROR", "record set aside", record=record_id, reason="response over 6 MB")
            result = {"recordId": record_id, "result": "ProcessingFailed"}
        size += _size(result)
        answer.append(result)
    return {"records": answer}


def _result(record_id: str, data: str, fields: Mapping[str, str]) -> dict[str, str]:
    try:
        enriched = enrich(data, fields)
    except (binascii.Error, ValueError) as error:
        log("ERROR", "record set aside", record=record_id, reason=error)
        return {"recordId": record_id, "result": "ProcessingFailed"}
    if enriched is None:
        return {"recordId": record_id, "result": "Dropped"}
    return {"recordId": record_id, "result": "Ok", "data": enriched}


def _size(result: Mapping[str, str]) -> int:
    return sum(map(len, result.values())) + RECORD_OVERHEAD


def handler(event: Mapping[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Lambda's entry point, for a Firehose delivery stream."""
    return transform(event, text(os.environ, "ENVIRONMENT"))
