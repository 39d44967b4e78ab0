"""Log events, and the fields that Logs Insights finds in them by itself.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from skyproof.emulator.services.logs.insights.values import Timestamp, Value

#: Documented: the fields of a JSON message beyond this many are not found.
MAX_FIELDS = 200

_LAMBDA_GROUP = re.compile(r"[^:]*:/aws/lambda/")
_LAMBDA_LINE = re.compile(r"(START|END|REPORT) RequestId: ([0-9a-fA-F-]{36})(?=\s|$)")
#: In bytes: AWS's sample query divides by 1000 twice and names the result MB.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-examples.html
_UNITS = {"ms": 1, "MB": 1_000_000}
_MEASURES = {
    "Duration": "@duration",
    "Billed Duration": "@billedDuration",
    "Memory Size": "@memorySize",
    "Max Memory Used": "@maxMemoryUsed",
    "Init Duration": "@initDuration",
}
_MEASURE = re.compile(
    rf"\t({'|'.join(_MEASURES)}): ([0-9]{{1,18}}(?:\.[0-9]{{1,9}})?) ({'|'.join(_UNITS)})(?=\s|$)"
)
_TRACE = re.compile(r"\bXRAY TraceId: (\S+)\tSegmentId: (\S+)")


@dataclass(frozen=True)
class Record:
    """One log event.

    Attributes:
        timestamp: of the event, in milliseconds since the epoch.
        ingestion: when it arrived, in milliseconds since the epoch.
        log: the group, as ``123456789012:/group``.
        stream: the stream's name.
        pointer: what ``@ptr`` says, GetLogRecord's key.
    """

    message: str
    timestamp: int
    ingestion: int
    log: str
    stream: str
    pointer: str


def fields(record: Record) -> dict[str, Value]:
    """All fields of a log event: its own, those of its JSON, those of Lambda's own lines."""
    return {
        **_json_fields(record),
        **_lambda_fields(record.message),
        "@message": record.message,
        "@timestamp": Timestamp(record.timestamp),
        "@ingestionTime": Timestamp(record.ingestion),
        "@logStream": record.stream,
        "@log": record.log,
        "@ptr": record.pointer,
    }


def _json_fields(record: Record) -> dict[str, Value]:
    """The fields of a message that is JSON, in Lambda's groups also of one that has JSON in it."""
    message = record.message.strip()
    embedded = _LAMBDA_GROUP.match(record.log) is not None
    if embedded:
        message = message[message.find("{") :]
    try:
        document, end = _DECODER.raw_decode(message)
    except (ValueError, RecursionError):
        return {}
    if not embedded and end < len(message):
        return {}
    return dict(islice(_flattened(document), MAX_FIELDS))


def _flattened(document: Any) -> Iterator[tuple[str, Value]]:
    """The leaves of an object with their dotted names, in the document's order."""
    if not isinstance(document, dict):
        return
    waiting = [(_displayed(name), value) for name, value in reversed(document.items())]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{name}", inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{path}.{i}", inner) for i, inner in reversed([*enumerate(value)])]
        elif value is not None:
            yield path, int(value) if isinstance(value, bool) else value


def _displayed(name: str) -> str:
    """Documented: a name that begins with @ gets a second one, apart from Insights' own."""
    return f"@{name}" if name.startswith("@") else name


def _lambda_fields(message: str) -> dict[str, Value]:
    line = _LAMBDA_LINE.match(message)
    if line is None:
        return {}
    found: dict[str, Value] = {"@type": line[1], "@requestId": line[2]}
    for label, amount, unit in _MEASURE.findall(message):
        found[_MEASURES[label]] = _decimal(amount) if unit == "ms" else _bytes(amount, unit)
    trace = _TRACE.search(message)
    if trace is not None:
        found["@xrayTraceId"], found["@xraySegmentId"] = trace.groups()
    return found


def _bytes(amount: str, unit: str) -> int:
    return round(float(amount) * _UNITS[unit])


def _decimal(written: str) -> int | str:
    """A number of the message, with all the decimals that it has there, but no mere ".0"."""
    value = float(written)
    return int(value) if value.is_integer() else written


def _no_constant(name: str) -> Value:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_constant=_no_constant)
