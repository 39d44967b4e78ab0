"""Log streams: made, described, deleted, and what retention leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.services.logs.conftest import Write

START = int(MONDAY.timestamp() * 1000)
DAY = 86_400


def names(app: Any, **params: Any) -> list[str]:
    found = app.describe_log_streams(**{"logGroupName": "app", **params})["logStreams"]
    return [one["logStreamName"] for one in found]


def messages(app: Any, **params: Any) -> list[str]:
    found = app.filter_log_events(**{"logGroupName": "app", **params})["events"]
    return [one["message"] for one in found]


def refusal(operation: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_new_stream_tells_its_name_its_arn_and_when_it_was_made(app: Any) -> None:
    assert app.describe_log_streams(logGroupName="app")["logStreams"] == [
        {
            "logStreamName": "one",
            "creationTime": START,
            "arn": "arn:aws:logs:us-east-1:123456789012:log-group:app:log-stream:one",
            "storedBytes": 0,
        }
    ]


def test_a_stream_with_events_tells_of_the_first_the_last_and_the_latest_batch(
    app: Any, write: Write, still: Clock
) -> None:
    write(("a", -5), ("b", 10))
    still.advance(60)
    answer = write(("older", -100))

    [stream] = app.describe_log_streams(logGroupName="app")["logStreams"]

    times = ("firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime")
    assert [stream[name] - START for name in times] == [-40_000, 10_000, 60_000]
    assert stream["uploadSequenceToken"] == answer["nextSequenceToken"]
    assert stream["storedBytes"] == 0


def test_streams_are_ordered_by_name_or_by_their_last_event(app: Any, write: Write) -> None:
    for name in ("three", "two"):
        app.create_log_stream(logGroupName="app", logStreamName=name)
    write(("a", -1), stream="three")
    write(("a", -2), stream="one")

    assert names(app) == ["one", "three", "two"]
    assert names(app, descending=True) == ["two", "three", "one"]
    assert names(app, orderBy="LastEventTime") == ["two", "one", "three"]
    assert names(app, orderBy="LastEventTime", descending=True) == ["three", "one", "two"]
    assert names(app, logStreamNamePrefix="t") == ["three", "two"]
    assert refusal(
        app.describe_log_streams,
        logGroupName="app",
        orderBy="LastEventTime",
        logStreamNamePrefix="t",
    ) == (
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
    )


def test_streams_come_in_pages(app: Any) -> None:
    for number in range(4):
        app.create_log_stream(logGroupName="app", logStreamName=f"s{number}")
    pages = app.get_paginator("describe_log_streams").paginate(
        logGroupName="app", PaginationConfig={"PageSize": 2}
    )

    found = [[one["logStreamName"] for one in page["logStreams"]] for page in pages]

    assert found == [["one", "s0"], ["s1", "s2"], ["s3"]]


def test_a_name_is_taken_once(app: Any) -> None:
    assert refusal(app.create_log_stream, logGroupName="app", logStreamName="one") == (
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )


def test_a_deleted_stream_is_gone_with_its_events(app: Any, write: Write) -> None:
    write(("a", 0))
    app.delete_log_stream(logGroupName="app", logStreamName="one")
    app.create_log_stream(logGroupName="app", logStreamName="one")

    assert messages(app) == []
    app.delete_log_stream(logGroupName="app", logStreamName="one")
    assert names(app) == []
    assert refusal(app.delete_log_stream, logGroupName="app", logStreamName="one") == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )


def test_a_deleted_group_is_gone_with_its_streams(app: Any, write: Write) -> None:
    write(("a", 0))
    app.put_retention_policy(logGroupName="app", retentionInDays=1)
    app.delete_log_group(logGroupName="app")
    no_group = ("ResourceNotFoundException", "The specified log group does not exist.")

    assert refusal(app.describe_log_streams, logGroupName="app") == no_group
    app.create_log_group(logGroupName="app")
    [group] = app.describe_log_groups()["logGroups"]
    assert names(app) == []
    assert (group["storedBytes"], group.get("retentionInDays")) == (0, None)


def test_accounts_and_regions_have_streams_of_their_own(
    app: Any, write: Write, client: Callable[..., Any]
) -> None:
    write(("a", 0))
    for region, account in (("eu-west-1", "123456789012"), ("us-east-1", "210987654321")):
        other = client("logs", region, account)
        other.create_log_group(logGroupName="app")
        assert names(other) == []
        assert messages(other) == []


def test_a_group_is_named_in_one_way(app: Any) -> None:
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:app"

    found = app.describe_log_streams(logGroupIdentifier=arn)["logStreams"]

    assert [one["logStreamName"] for one in found] == ["one"]
    for params in ({}, {"logGroupName": "app", "logGroupIdentifier": arn}):
        code, _ = refusal(app.describe_log_streams, **params)
        assert code == "InvalidParameterException"


def test_retention_lets_go_of_events_as_time_passes(app: Any, write: Write, still: Clock) -> None:
    app.put_retention_policy(logGroupName="app", retentionInDays=3)
    write(("first", 0), ("second", 3_600))
    size = len("first") + len("second") + 2 * 26
    assert app.describe_log_groups()["logGroups"][0]["storedBytes"] == size

    events = still.advance(3 * DAY + 1)

    assert events == 0
    assert messages(app) == ["second"]
    still.advance(DAY)
    assert app.describe_log_groups()["logGroups"][0]["storedBytes"] == 0
    assert app.get_log_events(logGroupName="app", logStreamName="one")["events"] == []


def test_a_longer_retention_brings_nothing_back(app: Any, write: Write, still: Clock) -> None:
    app.put_retention_policy(logGroupName="app", retentionInDays=1)
    write(("a", 0))
    still.advance(DAY + 1)

    app.put_retention_policy(logGroupName="app", retentionInDays=30)

    assert messages(app) == []


def test_without_a_retention_events_stay(app: Any, write: Write, still: Clock) -> None:
    app.put_retention_policy(logGroupName="app", retentionInDays=1)
    app.delete_retention_policy(logGroupName="app")
    write(("a", 0))

    still.advance(4_000 * DAY)

    assert messages(app) == ["a"]
    assert "retentionInDays" not in app.describe_log_groups()["logGroups"][0]
