"""Expectations, over views that change as a clock of the test's own goes on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tenacity import RetryCallState

from skyproof.expect import (
    Alarm,
    Bucket,
    Canary,
    Expect,
    Metric,
    Queue,
    RealClock,
    UnmetExpectation,
    Views,
    hours,
    minutes,
    seconds,
)
from skyproof.expect.clock import fixed_pause

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class Turned:
    """A clock that every wait moves on."""

    moment: datetime = BEGIN
    known: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def pause(self, within: timedelta) -> Callable[[RetryCallState], float]:
        return fixed_pause(10)

    def explain(self, about: str) -> list[str]:
        return self.known


@dataclass
class Cloud:
    """As much of boto3 as the views ask; what it answers depends on the time."""

    clock: Turned
    fires_at: datetime | None = None
    recovers_at: datetime | None = None
    messages: dict[datetime, list[dict[str, Any]]] = field(default_factory=dict)
    values: dict[datetime, float] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    appears_at: datetime = BEGIN
    put: list[dict[str, Any]] = field(default_factory=list)

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        now, state, since = self.clock.now(), "OK", BEGIN - hours(1)
        for value, at in (("ALARM", self.fires_at), ("OK", self.recovers_at)):
            if at is not None and at <= now:
                state, since = value, at
        shown = {
            "StateValue": state,
            "StateReason": "so it is",
            "StateTransitionedTimestamp": since,
        }
        return {"MetricAlarms": [shown], "CompositeAlarms": []}

    def receive_message(self, **_: Any) -> dict[str, Any]:
        due = [at for at in self.messages if at <= self.clock.now()]
        found = [one for at in due for one in self.messages.pop(at)]
        return {"Messages": [{"MessageId": str(uuid.uuid4())} | one for one in found]}

    def delete_message(self, **_: Any) -> None:
        """Taken is gone already."""

    def put_metric_data(self, **request: Any) -> None:
        self.put.append(request)

    def get_canary_runs(self, **_: Any) -> dict[str, Any]:
        started = [r for r in self.runs if r["Timeline"]["Started"] <= self.clock.now()]
        return {"CanaryRuns": started[::-1]}

    def head_object(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        return self.objects[Key]

    def get_paginator(self, name: str) -> Any:
        cloud = self

        class Pages:
            def paginate(self, **request: Any) -> list[dict[str, Any]]:
                return cloud.pages(name, request)

        return Pages()

    def pages(self, name: str, request: dict[str, Any]) -> list[dict[str, Any]]:
        there = self.clock.now() >= self.appears_at
        match name:
            case "get_metric_data":
                seen = [at for at in self.values if at <= self.clock.now()]
                result = {"Timestamps": seen, "Values": [self.values[at] for at in seen]}
                return [{"MetricDataResults": [result]}]
            case "list_objects_v2":
                return [{"Contents": [{"Key": key} for key in self.objects]}] if there else [{}]
            case "list_object_versions":
                return [{}] if there else [{"Versions": [{}] * len(self.objects)}]
        history = [("ALARM", self.fires_at), ("OK", self.recovers_at)]
        items = [
            {"Timestamp": at, "HistoryData": json.dumps({"newState": {"stateValue": state}})}
            for state, at in history
            if at is not None and at <= self.clock.now()
        ]
        return [{"AlarmHistoryItems": items}]


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def cloud(clock: Turned) -> Cloud:
    return Cloud(clock)


@pytest.fixture
def expect(clock: Turned) -> Expect:
    return Expect(clock)


@pytest.fixture
def views(cloud: Cloud) -> Views:
    return Views(lambda *_: cloud)


def message(text: str, **attributes: str) -> dict[str, Any]:
    enclosed = {name: {"Type": "String", "Value": value} for name, value in attributes.items()}
    envelope = {"Type": "Notification", "Message": text, "MessageAttributes": enclosed}
    return {"Body": json.dumps(envelope), "ReceiptHandle": "r"}


def run(state: str, at: datetime) -> dict[str, Any]:
    return {"Status": {"State": state, "StateReason": "why"}, "Timeline": {"Started": at}}


def test_an_alarm_that_fires_in_time_is_waited_for(
    expect: Expect, views: Views, cloud: Cloud, clock: Turned
) -> None:
    cloud.fires_at = BEGIN + minutes(3)

    state = expect(views.alarm("errors")).fires(within=minutes(5), not_before=minutes(2))

    assert (state.value, clock.now()) == ("ALARM", BEGIN + minutes(3))


def test_an_alarm_that_does_not_fire_is_told_with_what_was_seen(
    expect: Expect, views: Views, clock: Turned
) -> None:
    clock.known.append("the topic refused")

    with pytest.raises(UnmetExpectation) as caught:
        expect(views.alarm("errors")).fires(within=minutes(1))

    assert str(caught.value).splitlines() == [
        "alarm errors",
        "expected: ALARM within 0:01:00",
        "got:      OK: so it is",
        "seen in 7 looks:",
        "  2026-01-05 00:00:00  OK: so it is",
        "what happened:",
        "  the topic refused",
    ]


def test_an_alarm_that_fires_too_early_is_an_error(
    expect: Expect, views: Views, cloud: Cloud
) -> None:
    cloud.fires_at = BEGIN + minutes(1)

    with pytest.raises(UnmetExpectation, match="ALARM after 0:01:00 already"):
        expect(views.alarm("errors")).fires(within=minutes(5), not_before=minutes(2))


def test_an_alarm_recovers(expect: Expect, views: Views, cloud: Cloud) -> None:
    cloud.fires_at, cloud.recovers_at = BEGIN, BEGIN + minutes(2)

    assert expect(views.alarm("errors")).recovers(within=minutes(5)).since == cloud.recovers_at


def test_an_alarm_that_stays_is_looked_at_to_the_end(
    expect: Expect, views: Views, clock: Turned
) -> None:
    expect(views.alarm("errors")).stays("OK", for_=minutes(2))

    assert clock.now() == BEGIN + minutes(2)


def test_an_alarm_that_went_and_came_back_between_two_looks_did_not_stay(
    expect: Expect, views: Views, cloud: Cloud
) -> None:
    cloud.fires_at, cloud.recovers_at = BEGIN + seconds(11), BEGIN + seconds(12)

    with pytest.raises(UnmetExpectation, match="ALARM at 00:00:11"):
        expect(views.alarm("errors")).stays("OK", for_=minutes(1))


def test_a_message_is_waited_for_and_read_out_of_its_envelope(
    expect: Expect, views: Views, cloud: Cloud
) -> None:
    cloud.messages[BEGIN + minutes(1)] = [message('{"a": 1}', severity="critical")]

    [found] = expect(views.queue("http://x/inbox")).receives(
        lambda one: one.json["a"] == 1, severity="critical", within=minutes(2)
    )

    assert (found.body, found.attributes) == ('{"a": 1}', {"severity": "critical"})


@pytest.mark.parametrize("arriving", [0, 2])
def test_exactly_one_is_neither_none_nor_two(
    expect: Expect, views: Views, cloud: Cloud, arriving: int
) -> None:
    cloud.messages[BEGIN] = [message("m", severity="critical")] * arriving

    with pytest.raises(UnmetExpectation, match="exactly 1 with severity=critical within 0:05:00"):
        expect(views.queue("http://x/inbox")).receives(severity="critical", exactly=1)


def test_a_message_that_is_delivered_twice_counts_once(
    expect: Expect, views: Views, cloud: Cloud
) -> None:
    again = message("m", severity="critical") | {"MessageId": "1"}
    cloud.messages = {BEGIN: [again], BEGIN + seconds(30): [again]}

    [one] = expect(views.queue("http://x/inbox")).receives(severity="critical", exactly=1)
    assert one.body == "m"


def test_the_nearest_miss_is_shown(expect: Expect, views: Views, cloud: Cloud) -> None:
    cloud.messages[BEGIN] = [message("far"), message("near", severity="info", alarm="errors")]

    with pytest.raises(
        UnmetExpectation, match=r"the nearest: \[alarm=errors, severity=info\] near"
    ):
        expect(views.queue("http://x/inbox")).receives(severity="critical", alarm="errors")


def test_a_queue_stays_empty_or_says_what_came(expect: Expect, views: Views, cloud: Cloud) -> None:
    queue = views.queue("http://x/inbox")
    expect(queue).stays_empty(for_=minutes(1))
    cloud.messages[BEGIN + minutes(2)] = [{"Body": "plain", "ReceiptHandle": "r"}]

    with pytest.raises(UnmetExpectation, match=r"1 messages, the last \[\] plain"):
        expect(queue).stays_empty(for_=minutes(3))

    queue.empty()
    assert queue.taken == []


def test_a_metric_reports(expect: Expect, views: Views, cloud: Cloud) -> None:
    cloud.values = {BEGIN: 3.0, BEGIN + minutes(2): 7.0}
    metric = views.metric("App", "Latency", {"Service": "cart"}, account="111122223333")

    assert expect(metric).reports(lambda value: value > 5) == 7.0
    with pytest.raises(UnmetExpectation, match="values 3, 7"):
        expect(metric).reports(lambda value: value > 9)


def test_a_series_is_put_backwards_from_a_moment(views: Views, cloud: Cloud) -> None:
    views.metric("App", "Latency").put(1, 2, at=BEGIN)

    [request] = cloud.put
    data = [(one["Timestamp"], one["Value"]) for one in request["MetricData"]]
    assert data == [(BEGIN - minutes(1), 1), (BEGIN, 2)]


def test_a_canary_s_next_run_counts(expect: Expect, views: Views, cloud: Cloud) -> None:
    canary = views.canary("health")
    cloud.runs = [run("FAILED", BEGIN - minutes(1)), run("PASSED", BEGIN + minutes(1))]

    assert expect(canary).passes(within=minutes(2))["Timeline"]["Started"] == BEGIN + minutes(1)
    with pytest.raises(UnmetExpectation, match="1 runs, the newest PASSED: why"):
        expect(canary).fails(within=minutes(1))


def test_an_object_appears_and_goes(expect: Expect, views: Views, cloud: Cloud) -> None:
    cloud.objects = {"a/b": {"StorageClass": "GLACIER_IR", "ReplicationStatus": "REPLICA"}}
    cloud.appears_at = BEGIN + minutes(3)
    bucket = views.bucket("archive")

    key = expect(bucket).holds("a/", lambda head: head["StorageClass"] == "GLACIER_IR")
    expect(bucket).is_rid_of("a/", within=minutes(1))

    assert key == "a/b"
    with pytest.raises(UnmetExpectation, match=r"a/b \(GLACIER_IR, REPLICA\)"):
        expect(bucket).holds("a/", lambda head: head["StorageClass"] == "STANDARD")
    cloud.appears_at = BEGIN + hours(9)
    with pytest.raises(UnmetExpectation, match="got:      1 versions"):
        expect(bucket).is_rid_of("a/", within=minutes(1))


def test_nothing_is_expected_of_what_is_not_known(expect: Expect) -> None:
    with pytest.raises(TypeError, match="nothing is expected of str; of Alarm, Queue"):
        expect("an alarm")  # type: ignore[call-overload]


def test_views_know_where_they_look() -> None:
    asked: list[Any] = []
    here = Views(lambda *where: asked.append(where))

    made = [here.at("us-west-2", "111122223333").alarm("a"), here.queue("q"), here.canary("c")]

    assert [type(one) for one in made] == [Alarm, Queue, Canary]
    assert [type(here.metric("n", "m")), type(here.bucket("b"))] == [Metric, Bucket]
    assert asked[0] == ("cloudwatch", "us-west-2", "111122223333")
    assert [str(one) for one in made] == ["alarm a", "queue q", "canary c"]


def test_a_real_clock_waits_longer_and_longer() -> None:
    waited: list[float] = []
    clock = RealClock(waited.append)
    clock.wait(3)
    pause = clock.pause(minutes(10))

    class State:
        attempt_number = 6

    assert waited == [3]
    assert 1 <= pause(State()) <= 16  # type: ignore[arg-type]
    assert clock.explain("anything") == []
    assert clock.now().tzinfo is UTC
