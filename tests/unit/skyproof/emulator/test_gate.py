"""The gate of a world: who is let in while it is about to be copied."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from skyproof.emulator.gate import INSIDERS, Gate, StillInsideError, Visit

SOON = 10.0


class Visitor:
    """Passes a gate from a thread of its own and stays until it is called out."""

    def __init__(self, gate: Gate, visit: Visit) -> None:
        self.entered, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._stay, args=(gate, visit))
        self._thread.start()

    def _stay(self, gate: Gate, visit: Visit) -> None:
        with gate.passing(visit):
            self.entered.set()
            assert self._leave.wait(SOON)

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(SOON)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def enter(gate: Gate) -> Iterator[Callable[..., Visitor]]:
    """``enter("what", nested=False)``: somebody who enters, or waits to."""
    visitors: list[Visitor] = []

    def enter(what: str, *, nested: bool = False) -> Visitor:
        visitors.append(Visitor(gate, Visit(what, nested)))
        return visitors[-1]

    yield enter
    for visitor in visitors:
        visitor.leave()


def test_many_are_inside_at_once(enter: Callable[..., Visitor]) -> None:
    first, second = enter("sqs:SendMessage"), enter("s3:PutObject")
    assert first.entered.wait(SOON)
    assert second.entered.wait(SOON)


def test_it_shuts_once_all_have_left(gate: Gate, enter: Callable[..., Visitor]) -> None:
    visitor = enter("lambda:Invoke")
    assert visitor.entered.wait(SOON)
    threading.Timer(0.05, visitor.leave).start()
    with gate.shut(SOON):
        assert gate._inside == []


def test_who_does_not_leave_is_named_and_all_may_enter_again(
    gate: Gate, enter: Callable[..., Visitor]
) -> None:
    for what in ("sqs:ReceiveMessage", "lambda:Invoke"):
        assert enter(what).entered.wait(SOON)
    with pytest.raises(StillInsideError) as caught, gate.shut(0.01):
        raise AssertionError("it was shut over somebody's head")
    assert str(caught.value) == "lambda:Invoke, sqs:ReceiveMessage"
    assert enter("s3:PutObject").entered.wait(SOON)


@pytest.mark.parametrize("nested", [False, True])
def test_newcomers_wait_while_it_is_shut(
    gate: Gate, enter: Callable[..., Visitor], *, nested: bool
) -> None:
    with gate.shut(SOON):
        newcomer = enter("s3:PutObject", nested=nested)
        assert not newcomer.entered.wait(0.05)
    assert newcomer.entered.wait(SOON)


def test_those_whom_somebody_inside_waits_for_are_let_in(
    gate: Gate, enter: Callable[..., Visitor]
) -> None:
    outer = enter("lambda:Invoke")
    assert outer.entered.wait(SOON)
    shutting = threading.Thread(target=lambda: gate.shut(SOON).__enter__())
    shutting.start()
    inner = enter("s3:PutObject", nested=True)
    assert inner.entered.wait(SOON)
    inner.leave()
    outer.leave()
    shutting.join(SOON)
    assert not shutting.is_alive()


def test_one_after_the_other_shuts_it(gate: Gate) -> None:
    inside = 0

    def shut() -> None:
        nonlocal inside
        with gate.shut(SOON):
            inside += 1
            assert inside == 1
            inside -= 1

    threads = [threading.Thread(target=shut) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert not any(thread.is_alive() for thread in threads)


def test_a_renewed_gate_is_open_and_empty(gate: Gate) -> None:
    shut = gate.shut(SOON)
    shut.__enter__()
    gate.renew()
    with gate.passing(Visit("s3:PutObject")), pytest.raises(StillInsideError), gate.shut(0):
        raise AssertionError("it was shut over somebody's head")


@pytest.mark.parametrize(
    ("agent", "nested"),
    [
        ("Boto3/1.40 md/Botocore#1.40 lang/python#3.11", False),
        (f"Boto3/1.40 app/{INSIDERS['AWS_SDK_UA_APP_ID']}", True),
        ("", False),
    ],
)
def test_functions_are_known_by_their_user_agent(agent: str, *, nested: bool) -> None:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "HTTP_USER_AGENT": agent}
    assert (Visit.of(environ).what, Visit.of(environ).nested) == ("POST /", nested)
