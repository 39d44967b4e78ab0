"""What PutLogEvents takes and what it rejects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.clock import Clock
from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.logs import batches
from tests.unit.skyproof.emulator.services.logs.conftest import Write

NOW = datetime(2026, 1, 5, tzinfo=UTC)
DAY, HOUR = 86_400, 3_600


def events(*seconds: float) -> list[dict[str, Any]]:
    """Events so many seconds from now."""
    return [{"timestamp": at(after), "message": f"{after}"} for after in seconds]


def at(after: float) -> int:
    return int((NOW.timestamp() + after) * 1000)


def refusal(batch: list[dict[str, Any]]) -> str:
    with pytest.raises(AwsError) as caught:
        batches.accepted(batch, NOW, 0)
    assert caught.value.code == "InvalidParameterException"
    return caught.value.message


@pytest.mark.parametrize(
    ("seconds", "kept_days", "taken", "rejected"),
    [
        ((0, 0, 1), None, 3, {}),
        ((-14 * DAY, -14 * DAY + 1), None, 2, {}),
        ((-14 * DAY - 1, 0, 1), None, 2, {"tooOldLogEventEndIndex": 1}),
        ((-30 * DAY, -20 * DAY), None, 0, {"tooOldLogEventEndIndex": 2}),
        ((0, 2 * HOUR), None, 2, {}),
        ((0, 2 * HOUR + 1, 3 * HOUR), None, 1, {"tooNewLogEventStartIndex": 1}),
        ((-4 * DAY, -2 * DAY), 3, 1, {"expiredLogEventEndIndex": 1}),
        (
            (-20 * DAY, -4 * DAY, 0, DAY),
            3,
            1,
            {
                "tooOldLogEventEndIndex": 1,
                "expiredLogEventEndIndex": 2,
                "tooNewLogEventStartIndex": 3,
            },
        ),
    ],
)
def test_events_too_old_and_too_new_are_rejected_and_the_others_taken(
    seconds: tuple[float, ...], kept_days: int | None, taken: int, rejected: dict[str, int]
) -> None:
    kept_from = at(-kept_days * DAY) if kept_days else 0

    batch = batches.accepted(events(*seconds), NOW, kept_from)

    assert (len(batch.taken), batch.rejected) == (taken, rejected)


def test_a_batch_must_be_in_the_order_of_time() -> None:
    assert refusal(events(0, -1)) == (
        "Log events in a single PutLogEvents request must be in chronological order."
    )


def test_a_batch_spans_a_day_at_most() -> None:
    assert len(batches.accepted(events(-DAY, 0), NOW, 0).taken) == 2
    assert refusal(events(-DAY - 1, 0)) == (
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    )


def test_the_span_is_that_of_the_events_that_are_taken() -> None:
    batch = batches.accepted(events(-20 * DAY, 0), NOW, 0)

    assert [event["timestamp"] for event in batch.taken] == [at(0)]


def test_a_batch_holds_a_megabyte_with_26_bytes_for_each_event() -> None:
    text = "é" * (batches.MAX_BYTES // 4 - 13)
    half = {"timestamp": at(0), "message": text}
    more = {"timestamp": at(0), "message": text + "x"}

    assert len(batches.accepted([half, half], NOW, 0).taken) == 2
    assert refusal([half, more]) == "Upload too large: 1048577 bytes exceeds limit of 1048576"


def test_an_event_holds_a_megabyte_less_26_bytes() -> None:
    large = {"timestamp": at(0), "message": "x" * (batches.MAX_BYTES - 25)}

    assert refusal([large]) == "Log event too large: 1048577 bytes exceeds limit of 1048576"


@given(
    st.integers(1, 30),
    st.sampled_from(("oldest", "kept", "now")),
    st.lists(st.integers(-4 * HOUR, 4 * HOUR), min_size=1, max_size=12),
)
def test_what_is_taken_and_what_is_rejected_is_the_whole_batch(
    kept_days: int, edge: str, seconds: list[int]
) -> None:
    middle = {"oldest": -14 * DAY, "kept": -kept_days * DAY, "now": 0}[edge]
    batch = events(*(middle + after for after in sorted(seconds)))
    oldest = at(max(-14, -kept_days) * DAY)

    found = batches.accepted(batch, NOW, at(-kept_days * DAY))

    assert found.taken == [one for one in batch if oldest <= one["timestamp"] <= at(2 * HOUR)]
    ends = ("tooOldLogEventEndIndex", "expiredLogEventEndIndex")
    start = max(found.rejected.get(name, 0) for name in ends)
    end = found.rejected.get("tooNewLogEventStartIndex", len(batch))
    assert found.taken == batch[start:end]


def test_the_answer_names_the_rejected_and_a_next_token(write: Write) -> None:
    first = write(("old", -20 * DAY), ("now", 0), ("new", 3 * HOUR))
    second = write(("now", 0))

    assert first["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 1,
        "tooNewLogEventStartIndex": 2,
    }
    assert "rejectedLogEventsInfo" not in second
    assert first["nextSequenceToken"] != second["nextSequenceToken"]


def test_what_is_rejected_is_neither_kept_nor_counted(
    app: Any, write: Write, still: Clock, client: Any
) -> None:
    app.put_metric_filter(
        logGroupName="app",
        filterName="all",
        filterPattern="",
        metricTransformations=[
            {"metricName": "Lines", "metricNamespace": "App", "metricValue": "1"}
        ],
    )

    write(("new", 3 * HOUR))

    assert app.filter_log_events(logGroupName="app")["events"] == []
    metrics = client("cloudwatch").list_metrics(Namespace="App")["Metrics"]
    assert metrics == []


def test_any_sequence_token_is_accepted(app: Any, still: Clock) -> None:
    now = int(still.now().timestamp() * 1000)

    for token in ("1", "nonsense", "1"):
        app.put_log_events(
            logGroupName="app",
            logStreamName="one",
            sequenceToken=token,
            logEvents=[{"timestamp": now, "message": "a"}],
        )

    assert len(app.filter_log_events(logGroupName="app")["events"]) == 3


@pytest.mark.parametrize(
    ("group", "stream", "message"),
    [
        ("none", "one", "The specified log group does not exist."),
        ("app", "none", "The specified log stream does not exist."),
    ],
)
def test_events_need_a_group_and_a_stream(app: Any, group: str, stream: str, message: str) -> None:
    with pytest.raises(ClientError) as caught:
        app.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events(0))

    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ResourceNotFoundException", message)


@pytest.mark.parametrize(
    ("number", "constraint"),
    [(0, "greater than or equal to 1"), (10_001, "less than or equal to 10000")],
)
def test_a_batch_has_one_to_ten_thousand_events(app: Any, number: int, constraint: str) -> None:
    with pytest.raises(ClientError) as caught:
        app.put_log_events(logGroupName="app", logStreamName="one", logEvents=events(*[0] * number))

    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterException"
    assert constraint in error["Message"]


def test_retention_rejects_what_came_too_late(app: Any, write: Write) -> None:
    app.put_retention_policy(logGroupName="app", retentionInDays=1)

    answer = write(("old", -2 * DAY), ("now", 0))

    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
