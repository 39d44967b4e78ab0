"""When messages can be received again, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.sqs.service import Sqs
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY

Client = Callable[..., Any]
QUEUE = "arn:aws:sqs:us-east-1:123456789012:box"
FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


def received(client: Client, url: str, **params: Any) -> list[str]:
    answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, **params)
    return [one["Body"] for one in answer.get("Messages", [])]


def test_a_message_is_visible_again_when_its_timeout_is_over(client: Client, still: Clock) -> None:
    url = client("sqs").create_queue(QueueName="box")["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="a")
    assert received(client, url) == ["a"]

    still.advance(29)
    assert received(client, url) == []

    still.advance(1)
    assert received(client, url) == ["a"]


def test_a_group_that_comes_back_keeps_its_order(client: Client, still: Clock) -> None:
    url = client("sqs").create_queue(QueueName="box.fifo", Attributes=FIFO)["QueueUrl"]
    for body in ("1", "2", "3"):
        client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    assert received(client, url) == ["1", "2", "3"]

    still.advance(30)

    assert received(client, url) == ["1", "2", "3"]


@pytest.fixture
def box(client: Client, still: Clock) -> str:
    del still
    made: str = client("sqs").create_queue(
        QueueName="box", Attributes={"MessageRetentionPeriod": "3600"}
    )["QueueUrl"]
    return made


def test_whoever_waits_learns_when_there_will_be_a_message(
    client: Client, world: World, still: Clock, box: str
) -> None:
    sqs = Sqs.of(world)
    assert sqs.receivable(QUEUE) is None

    client("sqs").send_message(QueueUrl=box, MessageBody="late", DelaySeconds=90)
    assert sqs.receivable(QUEUE) == MONDAY + timedelta(seconds=90)

    client("sqs").send_message(QueueUrl=box, MessageBody="now")
    now = sqs.receivable(QUEUE)
    assert now is not None
    assert now <= MONDAY

    received(client, box, VisibilityTimeout=60)
    assert sqs.receivable(QUEUE) == MONDAY + timedelta(seconds=60)

    still.advance(3600)
    assert sqs.receivable(QUEUE) is None, "what has expired is awaited"


def test_watchers_are_told_of_every_change(client: Client, world: World, box: str) -> None:
    told: list[str] = []
    watchers = Sqs.of(world).watchers
    watchers.add(QUEUE, "w", lambda: told.append("told"))
    sqs = client("sqs")

    sqs.send_message(QueueUrl=box, MessageBody="a")
    handle = sqs.receive_message(QueueUrl=box)["Messages"][0]["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=box, ReceiptHandle=handle, VisibilityTimeout=5)
    sqs.delete_message(QueueUrl=box, ReceiptHandle=handle)
    sqs.get_queue_attributes(QueueUrl=box, AttributeNames=["All"])
    assert told == ["told"] * 4

    watchers.remove(QUEUE, "w")
    sqs.send_message(QueueUrl=box, MessageBody="b")
    assert told == ["told"] * 4
