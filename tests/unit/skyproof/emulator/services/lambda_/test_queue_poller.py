"""Queues whose messages a function is handed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from skyproof.emulator.clock import Clock
from skyproof.emulator.errors import AwsError
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY, Mailbox
from tests.unit.skyproof.emulator.services.lambda_.conftest import Handler

Client = Callable[..., Any]
Map = Callable[..., dict[str, Any]]

SOURCE = """
import json
def handler(event, context):
    print(json.dumps(event))
"""


@pytest.fixture
def orders(client: Client, still: Clock) -> Mailbox:
    return Mailbox(client("sqs"), "orders")


@pytest.fixture
def mapped(client: Client, function: Any, orders: Mailbox, handler: Handler) -> Map:
    """``mapped(**settings)``: the queue orders handed to a function that is stood in for."""
    del handler
    arn = function("ship", "")

    def make(**settings: Any) -> dict[str, Any]:
        source = settings.pop("EventSourceArn", orders.arn)
        made: dict[str, Any] = client("lambda").create_event_source_mapping(
            EventSourceArn=source, FunctionName=arn, **settings
        )
        return made

    return make


def send(client: Client, box: Mailbox, *bodies: str, **members: Any) -> None:
    for body in bodies:
        client("sqs").send_message(QueueUrl=box.url, MessageBody=body, **members)


def counts(client: Client, url: str) -> tuple[int, int]:
    """Visible messages, and those in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def test_a_message_is_handed_to_a_function_that_runs_and_is_then_gone(
    client: Client, function: Any, orders: Mailbox, still: Clock
) -> None:
    arn = function("ship", SOURCE)
    client("lambda").create_event_source_mapping(EventSourceArn=orders.arn, FunctionName=arn)
    colour = {"colour": {"DataType": "String", "StringValue": "red"}}
    send(client, orders, "two shoes", MessageAttributes=colour)

    still.advance(0)

    events = client("logs").filter_log_events(logGroupName="/aws/lambda/ship")["events"]
    [record] = json.loads(events[1]["message"])["Records"]
    sent = str(int(MONDAY.timestamp() * 1000))
    for varying in ("messageId", "receiptHandle", "md5OfBody", "md5OfMessageAttributes"):
        assert record.pop(varying), varying
    assert record == {
        "body": "two shoes",
        "attributes": {
            "SenderId": record["attributes"]["SenderId"],
            "SentTimestamp": sent,
            "ApproximateReceiveCount": "1",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {
            "colour": {
                "stringValue": "red",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            }
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": orders.arn,
        "awsRegion": "us-east-1",
    }
    assert counts(client, orders.url) == (0, 0)


def test_batches_are_no_larger_than_asked(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    mapped(BatchSize=2)
    send(client, orders, "a", "b", "c")

    still.advance(0)

    assert handler.seen("body") == [["a", "b"], ["c"]]


def test_a_window_gathers_messages_until_it_is_over_or_the_batch_full(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    mapped(BatchSize=12, MaximumBatchingWindowInSeconds=20)
    send(client, orders, "a")
    still.advance(15)
    send(client, orders, "b")
    still.advance(4)
    assert handler.batches == []

    still.advance(1)
    assert handler.seen("body") == [["a", "b"]]

    send(client, orders, *(str(number) for number in range(12)))
    still.advance(0)
    assert [len(batch) for batch in handler.batches] == [2, 12]
    assert counts(client, orders.url) == (0, 0)


def test_what_a_function_fails_on_comes_back_and_ends_in_the_dead_letter_queue(
    client: Client, mapped: Map, mailbox: Any, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    dead = mailbox("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    client("sqs").set_queue_attributes(
        QueueUrl=orders.url, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "40"}
    )
    mapped()

    def fail(_records: Any) -> None:
        raise ValueError("no shoes")

    handler.answer = fail
    send(client, orders, "a")

    still.advance(200)

    assert [at - MONDAY for at in handler.times] == [timedelta(0), timedelta(seconds=40)]
    assert dead.bodies() == ["a"]
    assert still.pending == [] or all("sqs: count" in one.what for one in still.pending)


def test_reported_items_alone_come_back(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    mapped(FunctionResponseTypes=["ReportBatchItemFailures"])

    def fail_on_b(records: list[dict[str, Any]]) -> Any:
        failed = [one["messageId"] for one in records if one["body"] == "b"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    handler.answer = fail_on_b
    send(client, orders, "a", "b", "c")
    still.advance(0)
    assert counts(client, orders.url) == (0, 1)
    handler.answer = lambda _records: {"batchItemFailures": []}

    still.advance(30)

    assert handler.seen("body") == [["a", "b", "c"], ["b"]]
    assert counts(client, orders.url) == (0, 0)


def test_messages_that_no_filter_admits_are_deleted_unseen(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    wanted = {"body": {"size": [{"numeric": [">", 40]}]}}
    mapped(FilterCriteria={"Filters": [{"Pattern": json.dumps(wanted)}]})
    send(client, orders, '{"size": 38}', '{"size": 43}', "size 44")

    still.advance(0)

    assert handler.seen("body") == [['{"size": 43}']]
    assert counts(client, orders.url) == (0, 0)


def test_a_delayed_message_is_handed_over_when_its_delay_is_over(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    mapped()
    send(client, orders, "later", DelaySeconds=90)

    still.advance(89)
    assert handler.batches == []

    still.advance(1)
    assert handler.seen("body") == [["later"]]


def test_a_group_comes_back_in_order_and_holds_back_what_follows(
    client: Client, mapped: Map, handler: Handler, still: Clock
) -> None:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"]
    mapped(EventSourceArn="arn:aws:sqs:us-east-1:123456789012:orders.fifo")

    def send_in(group: str, body: str) -> None:
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)

    def fail(_records: Any) -> None:
        raise ValueError("no shoes")

    handler.answer = fail
    send_in("left", "1")
    send_in("left", "2")
    still.advance(0)
    handler.answer = lambda _records: None
    send_in("left", "3")
    send_in("right", "4")
    still.advance(29)
    assert handler.seen("body") == [["1", "2"], ["4"]]

    still.advance(1)

    assert handler.seen("body")[2:] == [["1", "2", "3"]]
    attributes = handler.batches[0][0]["attributes"]
    assert attributes["MessageGroupId"] == "left"


def test_a_disabled_mapping_leaves_the_queue_alone_until_it_is_enabled(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    identifier = mapped(Enabled=False)["UUID"]
    send(client, orders, "a")
    still.advance(60)
    assert handler.batches == []
    assert counts(client, orders.url) == (1, 0)

    client("lambda").update_event_source_mapping(UUID=identifier, Enabled=True)
    still.advance(0)

    assert handler.seen("body") == [["a"]]


def test_a_deleted_mapping_hands_nothing_over(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    identifier = mapped()["UUID"]

    client("lambda").delete_event_source_mapping(UUID=identifier)
    send(client, orders, "a")
    still.advance(60)

    assert handler.batches == []


def test_a_mapping_that_is_deleted_while_its_function_runs_hands_over_no_more(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    identifier = mapped(BatchSize=1)["UUID"]

    def delete(_records: Any) -> None:
        client("lambda").delete_event_source_mapping(UUID=identifier)
        raise ValueError("too late")

    handler.answer = delete
    send(client, orders, "a", "b")

    still.advance(600)

    assert handler.seen("body") == [["a"]]


def test_a_role_that_loses_its_permission_polls_in_vain_until_it_has_it_back(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock, world: World
) -> None:
    mapped()
    iam = client("iam")
    policy = iam.get_role_policy(RoleName="ship-role", PolicyName="all")["PolicyDocument"]
    iam.delete_role_policy(RoleName="ship-role", PolicyName="all")
    send(client, orders, "a")
    still.advance(10)
    refused = [one for one in world.happenings.about("orders") if one.outcome == "refused"]
    assert handler.batches == []
    assert "sqs:ReceiveMessage" in refused[0].reason

    iam.put_role_policy(RoleName="ship-role", PolicyName="all", PolicyDocument=json.dumps(policy))
    still.advance(60)

    assert handler.seen("body") == [["a"]]


def test_a_throttled_batch_comes_back(
    client: Client, mapped: Map, orders: Mailbox, handler: Handler, still: Clock
) -> None:
    mapped()

    def throttled(_records: Any) -> None:
        raise AwsError("TooManyRequestsException", "Rate Exceeded.")

    handler.answer = throttled
    send(client, orders, "a")
    still.advance(0)
    handler.answer = lambda _records: None

    still.advance(30)

    assert handler.seen("body") == [["a"], ["a"]]
    assert counts(client, orders.url) == (0, 0)


def test_an_idle_mapping_costs_nothing(mapped: Map, handler: Handler, still: Clock) -> None:
    mapped()

    done = still.advance(450 * 86_400)

    assert (done, handler.batches) == (0, [])
