"""What SQS reports of its queues, and what it forgets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from skyproof.emulator.clock import Clock
from tests.unit.skyproof.emulator.conftest import MONDAY

DAY = 86_400


def visible(client: Callable[..., Any], still: Clock) -> list[float]:
    answer = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "box"}],
        StartTime=MONDAY,
        EndTime=still.now() + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return [point["Maximum"] for point in points]


def test_a_queue_in_use_is_counted_every_minute(
    client: Callable[..., Any], mailbox: Any, still: Clock
) -> None:
    box = mailbox("box")
    client("sqs").send_message(QueueUrl=box.url, MessageBody="m")
    still.advance(120)
    box.take()
    still.advance(60)

    assert visible(client, still) == [1.0, 1.0, 0.0]


def test_a_queue_is_counted_for_six_hours_after_its_last_use(
    client: Callable[..., Any], mailbox: Any, still: Clock
) -> None:
    client("sqs").send_message(QueueUrl=mailbox("box").url, MessageBody="m")

    assert still.advance(30 * DAY) == 360


def test_a_deleted_queue_is_counted_no_more(
    client: Callable[..., Any], mailbox: Any, still: Clock
) -> None:
    url = mailbox("box").url
    client("sqs").send_message(QueueUrl=url, MessageBody="m")
    client("sqs").delete_queue(QueueUrl=url)

    assert still.advance(DAY) == 1


def test_an_expired_message_stands_in_nobody_s_way(
    client: Callable[..., Any], mailbox: Any, still: Clock
) -> None:
    box = mailbox("box")
    client("sqs").send_message(QueueUrl=box.url, MessageBody="old")
    still.advance(5 * DAY)
    client("sqs").send_message(QueueUrl=box.url, MessageBody="new")
    still.advance(1)

    assert box.bodies() == ["new"]
