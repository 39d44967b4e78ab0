"""Segments that are put come back as traces and summaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

BEGAN = 1_767_571_200  # 2026-01-05T00:00:00Z
TRACE = f"1-{BEGAN:08x}-0123456789abcdef01234567"


def segment(**fields: Any) -> dict[str, Any]:
    return {
        "id": "70de5b6f19ff9a0a",
        "trace_id": TRACE,
        "name": "shop",
        "start_time": BEGAN + 1.0,
        "end_time": BEGAN + 3.5,
        **fields,
    }


def put(client: Client, *segments: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client("xray").put_trace_segments(
        TraceSegmentDocuments=[json.dumps(one) for one in segments]
    )
    unprocessed: list[dict[str, Any]] = answer["UnprocessedTraceSegments"]
    return unprocessed


def summaries(client: Client, **members: Any) -> list[dict[str, Any]]:
    answer = client("xray").get_trace_summaries(
        StartTime=datetime.fromtimestamp(BEGAN - 60, UTC),
        EndTime=datetime.fromtimestamp(BEGAN + 60, UTC),
        **members,
    )
    found: list[dict[str, Any]] = answer["TraceSummaries"]
    return found


def test_a_trace_has_its_segments_in_order_of_time(client: Client) -> None:
    child = segment(id="a" * 16, parent_id="70de5b6f19ff9a0a", start_time=BEGAN + 2.0)
    assert put(client, child, segment()) == []
    [trace] = client("xray").batch_get_traces(TraceIds=[TRACE, "1-00000000-" + "0" * 24])["Traces"]
    assert [one["Id"] for one in trace["Segments"]] == ["70de5b6f19ff9a0a", "a" * 16]
    assert (trace["Id"], trace["Duration"]) == (TRACE, 2.5)
    assert json.loads(trace["Segments"][0]["Document"])["name"] == "shop"


def test_a_summary_tells_faults_users_http_and_annotations(client: Client) -> None:
    put(
        client,
        segment(
            fault=True,
            user="ada",
            origin="AWS::Lambda::Function",
            http={"request": {"url": "/pay", "method": "POST"}, "response": {"status": 500}},
            subsegments=[{"annotations": {"paid": False, "amount": 3, "shop": "x"}}],
        ),
    )
    [told] = summaries(client)
    assert [told[name] for name in ("HasFault", "HasError", "HasThrottle", "IsPartial")] == [
        True,
        False,
        False,
        False,
    ]
    assert told["Http"] == {"HttpURL": "/pay", "HttpMethod": "POST", "HttpStatus": 500}
    assert [user["UserName"] for user in told["Users"]] == ["ada"]
    assert told["EntryPoint"]["Type"] == "AWS::Lambda::Function"
    values = {name: one[0]["AnnotationValue"] for name, one in told["Annotations"].items()}
    assert values == {
        "paid": {"BooleanValue": False},
        "amount": {"NumberValue": 3},
        "shop": {"StringValue": "x"},
    }


def test_summaries_are_of_the_time_that_is_asked_for(client: Client) -> None:
    put(client, segment(start_time=BEGAN + 600.0, end_time=BEGAN + 601.0))
    assert len(summaries(client)) == 1
    assert summaries(client, TimeRangeType="Event") == []


def test_a_segment_in_progress_makes_a_part_of_a_trace(client: Client) -> None:
    running = segment(in_progress=True)
    del running["end_time"]
    put(client, running)
    [told] = summaries(client)
    assert (told["IsPartial"], told["Duration"]) == (True, 0)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (segment(name=""), "InvalidName"),
        (segment(id="short"), "InvalidId"),
        (segment(trace_id="1-x"), "InvalidTraceId"),
        (segment(start_time=None), "MissingStartTime"),
        (segment(end_time=None), "MissingEndTime"),
    ],
)
def test_a_broken_segment_is_left_out_and_named(
    client: Client, broken: dict[str, Any], code: str
) -> None:
    [told] = put(client, broken)
    assert (told["ErrorCode"], told["Id"]) == (code, broken["id"])
    assert summaries(client) == []


@pytest.mark.parametrize("document", ["no json", "[]"])
def test_what_is_no_segment_at_all_is_named_without_id(client: Client, document: str) -> None:
    answer = client("xray").put_trace_segments(TraceSegmentDocuments=[document])
    assert answer["UnprocessedTraceSegments"] == [
        {"ErrorCode": "ParseError", "Message": "Invalid segment. ErrorCode: ParseError"}
    ]


def test_telemetry_is_taken(client: Client) -> None:
    record = {"Timestamp": datetime.fromtimestamp(BEGAN, UTC), "SegmentsSentCount": 3}
    answer = client("xray").put_telemetry_records(TelemetryRecords=[record])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_times_must_be_in_order(client: Client) -> None:
    moment = datetime.fromtimestamp(BEGAN, UTC)
    with pytest.raises(ClientError, match="StartTime must be before EndTime"):
        client("xray").get_trace_summaries(StartTime=moment, EndTime=moment)


def test_a_filter_expression_is_not_pretended(client: Client) -> None:
    with pytest.raises(ClientError, match="xray:GetTraceSummaries: with a FilterExpression"):
        summaries(client, FilterExpression="fault = true")


def test_traces_stay_in_their_account(client: Client) -> None:
    put(client, segment())
    other = client("xray", account="111122223333").batch_get_traces(TraceIds=[TRACE])
    assert other["Traces"] == []
