"""The emulator's clock, turned over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.server import Emulator
from skyproof.errors import SkyproofError
from skyproof.expect import EmulatedClock, minutes

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def clock(emulator: Emulator) -> EmulatedClock:
    return EmulatedClock(emulator.endpoint)


def test_it_is_set_and_advanced(clock: EmulatedClock, emulator: Emulator) -> None:
    clock.set(MONDAY, mode="manual")
    emulator.world.clock.after(30, "note", lambda: None)

    assert (clock.now(), clock.mode) == (MONDAY, "manual")
    assert clock.settle() == 0
    assert clock.advance(minutes(1)) == 1
    clock.wait(60)
    assert clock.now() == MONDAY + timedelta(minutes=2)


def test_what_it_cannot_do_is_told(clock: EmulatedClock) -> None:
    with pytest.raises(SkyproofError, match="the clock goes by itself"):
        clock.advance(1)


def test_what_went_wrong_is_explained(clock: EmulatedClock, emulator: Emulator) -> None:
    clock.set(MONDAY, mode="manual")
    emulator.world.tell("topic", "deliver", "inbox", "refused", "not allowed")
    emulator.world.tell("topic", "deliver", "other")

    assert clock.explain("inbox")[0] == (
        "2026-01-05T00:00:00+00:00 topic deliver → inbox refused: not allowed"
    )
    assert len(clock.happenings("topic")) == 2


def test_operations_are_refused_on_order_and_healed(
    clock: EmulatedClock, emulator: Emulator
) -> None:
    sqs = emulator.world.client("sqs", "us-east-1", "123456789012")
    clock.fail("sqs", "CreateQueue", about="orders", times=1)

    sqs.create_queue(QueueName="other")
    with pytest.raises(ClientError, match="ThrottlingException"):
        sqs.create_queue(QueueName="orders")
    sqs.create_queue(QueueName="orders")
    clock.fail("sqs", "CreateQueue", code="InternalError", status=500)
    with pytest.raises(ClientError, match="InternalError"):
        sqs.create_queue(QueueName="more")
    clock.heal()

    assert sqs.create_queue(QueueName="more")["QueueUrl"]


def test_a_fault_needs_a_service(clock: EmulatedClock) -> None:
    with pytest.raises(SkyproofError, match="the body must be a JSON object with"):
        clock.fail("sqs", "CreateQueue", whenever=True)
