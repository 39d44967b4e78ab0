"""Reading events: their order, ranges, pages and tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.logs import pages
from skyproof.emulator.services.logs.events import LogEvent, LogStream, id_at
from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.services.logs.conftest import Write

START = int(MONDAY.timestamp() * 1000)


def texts(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def get(app: Any, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = app.get_log_events(
        **{"logGroupName": "app", "logStreamName": "one", **params}
    )
    return answer


def find(app: Any, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = app.filter_log_events(**{"logGroupName": "app", **params})
    return answer


def refused(operation: Callable[..., Any], **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        operation(**params)
    return str(caught.value.response["Error"]["Code"])


@given(st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=5), max_size=8), st.data())
def test_a_stream_keeps_its_events_in_the_order_of_time_and_then_of_arrival(
    times: list[list[int]], data: st.DataObject
) -> None:
    stream = LogStream("s", 0)
    came: list[LogEvent] = []
    for batch in times:
        events = [
            LogEvent(id_at(at, len(came) + i), at, "m", 0, "s")
            for i, at in enumerate(sorted(batch))
        ]
        came += events
        stream.add(events, 0)
    first, end = data.draw(st.integers(0, 21)), data.draw(st.integers(0, 21))

    found = stream.between(id_at(first), id_at(end))

    assert found == sorted(event for event in came if first <= event.timestamp < end)
    stream.forget_before(first)
    kept = [event for event in came if event.timestamp >= first]
    assert stream.between(0, id_at(99)) == sorted(kept)
    assert stream.size == sum(event.size for event in kept)


def test_events_tell_when_they_happened_and_when_they_came(app: Any, write: Write) -> None:
    write(("a", -5))

    assert get(app)["events"] == [
        {"timestamp": START - 5_000, "message": "a", "ingestionTime": START}
    ]


def test_what_came_later_stands_where_its_time_is(app: Any, write: Write) -> None:
    write(("b", 0), ("d", 10))
    write(("a", -5), ("c", 0), ("e", 20))

    assert texts(get(app)) == ["a", "b", "c", "d", "e"]


def test_a_stream_without_its_end_and_a_search_with_it(app: Any, write: Write) -> None:
    write(("a", 0), ("b", 1), ("c", 2))
    span = {"startTime": START, "endTime": START + 1_000}

    assert texts(get(app, **span)) == ["a"]
    assert texts(find(app, **span)) == ["a", "b"]
    assert texts(find(app, startTime=START + 1)) == ["b", "c"]


def test_a_stream_is_read_forward_to_its_end_where_the_token_stays(app: Any, write: Write) -> None:
    write(*[(f"{number}", number) for number in range(5)])
    page = get(app, limit=2, startFromHead=True)
    found, token = [texts(page)], ""
    for _ in range(3):
        token = page["nextForwardToken"]
        page = get(app, limit=2, startFromHead=True, nextToken=token)
        found.append(texts(page))

    assert found == [["0", "1"], ["2", "3"], ["4"], []]
    assert page["nextForwardToken"] == token
    write(("5", 5))
    assert texts(get(app, startFromHead=True, nextToken=token)) == ["5"]


def test_a_stream_is_read_backward_from_its_latest_events(app: Any, write: Write) -> None:
    write(*[(f"{number}", number) for number in range(5)])
    page = get(app, limit=2)
    found, token = [texts(page)], ""
    for _ in range(3):
        token = page["nextBackwardToken"]
        page = get(app, limit=2, nextToken=token)
        found.append(texts(page))

    assert found == [["3", "4"], ["1", "2"], ["0"], []]
    assert page["nextBackwardToken"] == token
    assert texts(get(app, startFromHead=True, nextToken=page["nextForwardToken"])) == [
        "0",
        "1",
        "2",
        "3",
        "4",
    ]


def test_the_tokens_of_an_empty_stream_lead_to_what_comes(app: Any, write: Write) -> None:
    token = get(app)["nextForwardToken"]
    assert get(app, nextToken=token, startFromHead=True)["nextForwardToken"] == token

    write(("a", 0))

    assert texts(get(app, nextToken=token, startFromHead=True)) == ["a"]


def test_a_token_outlives_what_retention_takes(app: Any, write: Write, still: Clock) -> None:
    app.put_retention_policy(logGroupName="app", retentionInDays=1)
    write(("a", 0), ("b", 60), ("c", 120))
    token = get(app, limit=1, startFromHead=True)["nextForwardToken"]

    still.advance(86_400 + 1)

    assert texts(get(app, startFromHead=True, nextToken=token)) == ["b", "c"]


def test_a_page_holds_a_megabyte(app: Any, write: Write) -> None:
    for number in range(3):
        write((f"{number}" * 500_000, number))

    page = find(app)

    assert [text[0] for text in texts(page)] == ["0", "1"]
    assert [text[0] for text in texts(find(app, nextToken=page["nextToken"]))] == ["2"]
    assert [text[0] for text in texts(get(app))] == ["1", "2"]


def test_a_page_holds_as_many_events_as_are_asked_for() -> None:
    events = [LogEvent(number, 0, "m", 0, "s") for number in range(3)]

    assert pages.fill(events, 3) == (events, False)
    assert pages.fill(events, 2) == (events[:2], True)


@pytest.mark.parametrize("token", ["x", "f/1", "e/" + "0" * 56, "f/" + "x" * 56])
def test_a_token_that_was_not_given_out_is_refused(app: Any, token: str) -> None:
    for operation in (get, find):
        assert refused(operation, app=app, nextToken=token) == "InvalidParameterException"


def test_a_search_interleaves_streams(app: Any, write: Write) -> None:
    app.create_log_stream(logGroupName="app", logStreamName="two")
    write(("a", 0), ("c", 2), ("e", 4))
    write(("b", 1), ("d", 3), stream="two")

    found = find(app, limit=3)

    assert texts(found) == ["a", "b", "c"]
    assert [event["logStreamName"] for event in found["events"]] == ["one", "two", "one"]
    rest = find(app, limit=3, nextToken=found["nextToken"])
    assert (texts(rest), "nextToken" in rest) == (["d", "e"], False)
    ids = [event["eventId"] for event in found["events"] + rest["events"]]
    assert (ids, len(set(ids))) == (sorted(ids), 5)


def test_a_search_goes_backward_from_2024_on(app: Any, write: Write) -> None:
    write(("a", 0), ("b", 1), ("c", 2))

    found = find(app, limit=2, startFromHead=False, startTime=START)

    assert texts(found) == ["c", "b"]
    assert texts(find(app, startTime=START, nextToken=found["nextToken"])) == ["a"]
    code = refused(find, app=app, startFromHead=False, startTime=1_700_000_000_000)
    assert code == "InvalidParameterException"


def test_pages_of_a_search_count_what_matches(app: Any, write: Write) -> None:
    write(("ERROR 1", 0), ("fine", 1), ("ERROR 2", 2), ("fine", 3))

    found = find(app, limit=1, filterPattern="ERROR")

    assert texts(found) == ["ERROR 1"]
    rest = find(app, limit=1, filterPattern="ERROR", nextToken=found["nextToken"])
    assert (texts(rest), "nextToken" in rest) == (["ERROR 2"], False)


def test_a_search_is_narrowed_to_streams(app: Any, write: Write) -> None:
    for name in ("two", "twenty"):
        app.create_log_stream(logGroupName="app", logStreamName=name)
        write((name, 1), stream=name)
    write(("one", 0))

    assert texts(find(app, logStreamNames=["two", "one", "one"])) == ["one", "two"]
    assert texts(find(app, logStreamNamePrefix="tw")) == ["two", "twenty"]
    assert refused(find, app=app, logStreamNames=["none"]) == "ResourceNotFoundException"
    both = {"logStreamNames": ["one"], "logStreamNamePrefix": "o"}
    assert refused(find, app=app, **both) == "InvalidParameterException"


def test_a_monitoring_account_reads_what_is_shared_with_it(
    app: Any, write: Write, client: Callable[..., Any]
) -> None:
    write(("a", 0))
    monitoring = client("logs", account="210987654321")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:app"
    assert refused(monitoring.filter_log_events, logGroupIdentifier=arn) == (
        "ResourceNotFoundException"
    )
    _link(client("oam", account="210987654321"), client("oam"))

    read = {"logGroupIdentifier": arn}
    assert texts(monitoring.filter_log_events(**read)) == ["a"]
    assert texts(monitoring.get_log_events(**read, logStreamName="one")) == ["a"]
    [stream] = monitoring.describe_log_streams(**read)["logStreams"]
    assert stream["arn"] == f"{arn}:log-stream:one"


def _link(monitoring: Any, source: Any) -> None:
    """Share log groups of one account with another."""
    sink = monitoring.create_sink(Name="all")["Arn"]
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["oam:CreateLink", "oam:UpdateLink"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    monitoring.put_sink_policy(SinkIdentifier=sink, Policy=policy)
    source.create_link(
        LabelTemplate="$AccountName",
        ResourceTypes=["AWS::Logs::LogGroup"],
        SinkIdentifier=sink,
    )


def test_live_tail_is_not_there(app: Any) -> None:
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:app"

    assert refused(app.start_live_tail, logGroupIdentifiers=[arn]) == "NotImplemented"
