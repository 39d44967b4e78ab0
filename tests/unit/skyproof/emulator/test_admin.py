"""The emulator's own interface: health, the clock, and what happened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World


@pytest.fixture
def http(world: World) -> Client:
    return Client(Gateway(world))


def post(http: Client, path: str, body: Any) -> tuple[int, Any]:
    answer = http.post(f"/_skyproof/{path}", data=json.dumps(body))
    return answer.status_code, answer.get_json()


def test_the_clock_is_real_at_first(http: Client) -> None:
    assert http.get("/_skyproof/clock").get_json()["mode"] == "real"


def test_the_clock_can_be_set_read_and_advanced(http: Client, world: World) -> None:
    status, answer = post(http, "clock", {"now": "2026-01-05T00:00:00Z", "mode": "manual"})
    assert (status, answer) == (200, {"now": "2026-01-05T00:00:00Z", "mode": "manual"})
    world.clock.after(5, "note", lambda: None)

    assert post(http, "clock/advance", {"seconds": 10}) == (
        200,
        {"now": "2026-01-05T00:00:10Z", "events": 1},
    )
    assert http.get("/_skyproof/clock").get_json()["now"] == "2026-01-05T00:00:10Z"


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("clock", {"mode": "fast"}, 'mode is \'fast\': expected "real" or "manual"'),
        ("clock", {"now": "noon"}, "now is 'noon': expected a time such as"),
        ("clock", {"when": 1}, "the body must be a JSON object with mode, now"),
        ("clock/advance", {"seconds": "1"}, "seconds is '1': expected a number"),
        ("clock/advance", {"seconds": 1}, "the clock goes by itself"),
    ],
)
def test_what_the_clock_cannot_do_is_answered_with_the_way_out(
    http: Client, path: str, body: Any, says: str
) -> None:
    status, answer = post(http, path, body)

    assert (status, says in answer["error"]) == (400, True), answer


def test_what_is_no_json_is_said_to_be_none(http: Client) -> None:
    answer = http.post("/_skyproof/clock", data=b"now")

    assert answer.status_code == 400
    assert "not JSON" in answer.get_json()["error"]


def test_happenings_are_found_by_what_they_are_about(http: Client, world: World) -> None:
    world.tell("arn:alarm:errors", "notify", "arn:topic:pager", "refused", "not allowed")
    world.tell("arn:alarm:slow", "notify", "arn:topic:other")

    found = http.get("/_skyproof/happenings?about=pager").get_json()["happenings"]

    assert [(one["source"], one["outcome"], one["reason"]) for one in found] == [
        ("arn:alarm:errors", "refused", "not allowed")
    ]


def test_what_is_not_there_is_404(http: Client) -> None:
    assert http.get("/_skyproof/weather").status_code == 404
