"""Segments in, traces and their summaries out.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.xray.store import Segment, Store
from skyproof.emulator.services.xray.validation import operation, refusal

MAX_TRACES = 5
PAGE = 100
_TRACE_ID = re.compile(r"1-([0-9a-f]{8})-[0-9a-f]{24}")
_SEGMENT_ID = re.compile(r"[0-9a-f]{16}")


class Traces:
    """The operations on traces."""

    stores: Regional[Store]

    @operation("PutTraceSegments")
    def put_trace_segments(self, call: Call, params: Params) -> Result:
        segments = self.stores.of(call).segments
        unprocessed = []
        for document in params["TraceSegmentDocuments"]:
            read = _read(document)
            if isinstance(read, Segment):
                segments.setdefault(read.trace_id, {})[read.id] = read
            else:
                unprocessed.append(read)
        return {"UnprocessedTraceSegments": unprocessed}

    @operation("PutTelemetryRecords")
    def put_telemetry_records(self, call: Call, params: Params) -> Result:
        self.stores.of(call).telemetry.extend(params["TelemetryRecords"])
        return {}

    @operation("BatchGetTraces")
    def batch_get_traces(self, call: Call, params: Params) -> Result:
        ids = params["TraceIds"]
        if len(ids) > MAX_TRACES:
            raise refusal(f"At most {MAX_TRACES} trace ids can be asked for")
        traces = self.stores.of(call).segments
        return {
            "Traces": [_trace(id_, traces[id_]) for id_ in ids if id_ in traces],
            "UnprocessedTraceIds": [],
        }

    @operation("GetTraceSummaries")
    def get_trace_summaries(self, call: Call, params: Params) -> Result:
        if params.get("FilterExpression"):
            raise OperationNotImplementedError(
                "xray", "GetTraceSummaries", "with a FilterExpression"
            )
        start, end = params["StartTime"], params["EndTime"]
        if start >= end:
            raise refusal("StartTime must be before EndTime")
        of_trace_id = params.get("TimeRangeType", "TraceId") == "TraceId"
        found = [
            _summary(call, id_, list(segments.values()))
            for id_, segments in self.stores.of(call).segments.items()
            if start <= (_id_time(id_) if of_trace_id else _start(segments.values())) <= end
        ]
        summaries, more = page(found, PAGE, params.get("NextToken"), code="InvalidRequestException")
        return {
            "TraceSummaries": summaries,
            "ApproximateTime": call.world.clock.now(),
            "TracesProcessedCount": len(summaries),
            **more,
        }


def _read(document: str) -> Segment | dict[str, str]:
    """A segment, or the entry for ``UnprocessedTraceSegments`` that says what is wrong with it."""
    try:
        fields = json.loads(document)
    except json.JSONDecodeError:
        return {"ErrorCode": "ParseError", "Message": "Invalid segment. ErrorCode: ParseError"}
    problem = _problem(fields)
    if problem is None:
        return Segment(fields["id"], fields["trace_id"], fields, document)
    id_ = fields.get("id") if isinstance(fields, dict) else None
    entry = {"ErrorCode": problem, "Message": f"Invalid segment. ErrorCode: {problem}"}
    return entry | ({"Id": id_} if isinstance(id_, str) else {})


def _problem(fields: Any) -> str | None:
    if not isinstance(fields, dict):
        return "ParseError"
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        return "InvalidName"
    if not _SEGMENT_ID.fullmatch(str(fields.get("id"))):
        return "InvalidId"
    if not _TRACE_ID.fullmatch(str(fields.get("trace_id"))):
        return "InvalidTraceId"
    if not isinstance(fields.get("start_time"), int | float):
        return "MissingStartTime"
    if not isinstance(fields.get("end_time"), int | float) and not fields.get("in_progress"):
        return "MissingEndTime"
    return None


def _trace(id_: str, segments: dict[str, Segment]) -> dict[str, Any]:
    ordered = sorted(segments.values(), key=lambda segment: segment.fields["start_time"])
    return {
        "Id": id_,
        "Duration": _duration(ordered),
        "LimitExceeded": False,
        "Segments": [{"Id": one.id, "Document": one.document} for one in ordered],
    }


def _summary(call: Call, id_: str, segments: list[Segment]) -> dict[str, Any]:
    fields = [segment.fields for segment in segments]
    root = min(fields, key=lambda one: ("parent_id" in one, one["start_time"]))
    services = [_service(call, one) for one in fields]
    return {
        "Id": id_,
        "StartTime": _start(segments),
        "Duration": _duration(segments),
        "ResponseTime": root.get("end_time", root["start_time"]) - root["start_time"],
        "HasFault": any(one.get("fault", False) for one in fields),
        "HasError": any(one.get("error", False) for one in fields),
        "HasThrottle": any(one.get("throttle", False) for one in fields),
        "IsPartial": any(one.get("in_progress", False) for one in fields),
        "Http": _http(root),
        "Annotations": _annotations(call, fields),
        "Users": [
            {"UserName": one["user"], "ServiceIds": [_service(call, one)]}
            for one in fields
            if "user" in one
        ],
        "ServiceIds": services,
        "EntryPoint": _service(call, root),
        "Revision": len(segments),
    }


def _service(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    origin = {"Type": fields["origin"]} if "origin" in fields else {}
    name = fields["name"]
    return {"Name": name, "Names": [name], "AccountId": call.account, **origin}


def _http(fields: dict[str, Any]) -> dict[str, Any]:
    request = fields.get("http", {}).get("request", {})
    response = fields.get("http", {}).get("response", {})
    found = {
        "HttpURL": request.get("url"),
        "HttpMethod": request.get("method"),
        "UserAgent": request.get("user_agent"),
        "ClientIp": request.get("client_ip"),
        "HttpStatus": response.get("status"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _annotations(call: Call, fields: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    annotations: dict[str, list[dict[str, Any]]] = {}
    for one in fields:
        for document in _with_subsegments(one):
            for key, value in document.get("annotations", {}).items():
                annotations.setdefault(key, []).append(
                    {"AnnotationValue": _typed(value), "ServiceIds": [_service(call, one)]}
                )
    return annotations


def _with_subsegments(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document
    for subsegment in document.get("subsegments", []):
        yield from _with_subsegments(subsegment)


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BooleanValue": value}
    if isinstance(value, int | float):
        return {"NumberValue": value}
    return {"StringValue": str(value)}


def _duration(segments: list[Segment]) -> float:
    starts = [segment.fields["start_time"] for segment in segments]
    ends = [
        segment.fields.get("end_time", start)
        for segment, start in zip(segments, starts, strict=True)
    ]
    return float(max(ends) - min(starts))


def _start(segments: Any) -> datetime:
    return datetime.fromtimestamp(min(one.fields["start_time"] for one in segments), UTC)


def _id_time(trace_id: str) -> datetime:
    """The second at which the trace began, which its id carries."""
    found = _TRACE_ID.fullmatch(trace_id)
    assert found is not None, "checked when the segment was put"
    return datetime.fromtimestamp(int(found[1], 16), UTC)
