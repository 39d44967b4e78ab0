"""Copies and the guard of a strict emulator's world: as strict as it is."""

from __future__ import annotations

from tests.unit.skyproof.emulator.served import Served
from tests.unit.skyproof.emulator.strict.conftest import (
    Start,
    Strict,
    described,
    refusal,
    statement,
)


def test_a_copy_knows_the_same_callers_and_their_permissions(start: Start) -> None:
    strict = start(described(statement(Action="sqs:*", Resource="*")))
    strict.client("sqs").create_queue(QueueName="orders")
    world = Served(strict.endpoint)
    copy = world.fork()
    strict.endpoint = copy.endpoint
    assert len(strict.client("sqs").list_queues()["QueueUrls"]) == 1
    assert refusal(strict.client("sqs", secret="wrong").list_queues)[0] == 403
    assert refusal(strict.client("sns").list_topics)[1] == "AuthorizationError"
    world.drop(copy)


def test_a_guarded_world_refuses_writes_of_those_who_may(start: Start) -> None:
    strict: Strict = start(described(statement(Action="sqs:*", Resource="*")))
    Served(strict.endpoint).ask("POST guard", {"on": True})
    status, code, _ = refusal(strict.client("sqs").create_queue, QueueName="orders")
    assert (status, code) == (403, "SkyproofReadOnlyWorld")
    assert "QueueUrls" not in strict.client("sqs").list_queues()
