"""Publishing: who gets a message, in which form, and where it goes when it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World

Client = Callable[..., Any]
ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"


@pytest.fixture
def topic(client: Client) -> str:
    return str(client("sns").create_topic(Name="news")["TopicArn"])


def subscribe(client: Client, topic: str, mailbox: Any, **attributes: Any) -> str:
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()}
    answer = client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=mailbox.arn,
        Attributes=texts,
        ReturnSubscriptionArn=True,
    )
    return str(answer["SubscriptionArn"])


def attribute(value: str, kind: str = "String") -> dict[str, str]:
    return {"DataType": kind, "StringValue": value}


def test_a_subscribed_queue_gets_the_message_in_an_envelope(
    client: Client, topic: str, mailbox: Any, still: Clock
) -> None:
    box = mailbox("box")
    subscribe(client, topic, box)

    answer = client("sns").publish(
        TopicArn=topic,
        Message="hello",
        Subject="greeting",
        MessageAttributes={"severity": attribute("info")},
    )
    [envelope] = box.bodies()

    assert {k: v for k, v in envelope.items() if "URL" not in k and k != "Signature"} == {
        "Type": "Notification",
        "MessageId": answer["MessageId"],
        "TopicArn": topic,
        "Subject": "greeting",
        "Message": "hello",
        "Timestamp": "2026-01-05T00:00:00.000Z",
        "SignatureVersion": "1",
        "MessageAttributes": {"severity": {"Type": "String", "Value": "info"}},
    }


def test_raw_delivery_is_the_text_with_its_attributes(
    client: Client, topic: str, mailbox: Any
) -> None:
    box = mailbox("box")
    subscribe(client, topic, box, RawMessageDelivery="true")

    client("sns").publish(
        TopicArn=topic, Message="hello", MessageAttributes={"severity": attribute("info")}
    )
    [message] = box.take()

    assert message["Body"] == "hello"
    assert message["MessageAttributes"]["severity"]["StringValue"] == "info"


@pytest.mark.parametrize(
    ("attributes", "arrives"),
    [
        ({"severity": attribute("critical")}, True),
        ({"severity": attribute("info")}, False),
        ({}, False),
        ({"severity": attribute('["info", "critical"]', "String.Array")}, True),
    ],
)
def test_a_filter_policy_reads_the_attributes(
    client: Client, topic: str, mailbox: Any, attributes: dict[str, Any], arrives: bool
) -> None:
    box = mailbox("box")
    subscribe(client, topic, box, FilterPolicy={"severity": ["critical"]})

    client("sns").publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)

    assert len(box.take()) == arrives


@pytest.mark.parametrize(
    ("body", "arrives"),
    [('{"alarm": {"state": "ALARM"}}', True), ('{"alarm": {"state": "OK"}}', False), ("no", False)],
)
def test_a_filter_policy_of_the_other_scope_reads_the_body(
    client: Client, topic: str, mailbox: Any, body: str, arrives: bool
) -> None:
    box = mailbox("box")
    subscribe(
        client,
        topic,
        box,
        FilterPolicy={"alarm": {"state": ["ALARM"]}},
        FilterPolicyScope="MessageBody",
    )

    client("sns").publish(TopicArn=topic, Message=body)

    assert len(box.take()) == arrives


def test_numbers_are_compared_as_numbers(client: Client, topic: str, mailbox: Any) -> None:
    box = mailbox("box")
    subscribe(client, topic, box, FilterPolicy={"price": [{"numeric": [">=", 100]}]})

    for price in ("99.5", "100", "1000"):
        client("sns").publish(
            TopicArn=topic,
            Message=price,
            MessageAttributes={"price": attribute(price, "Number")},
        )

    assert sorted(one["Message"] for one in box.bodies()) == ["100", "1000"]


def test_a_queue_that_lets_nobody_in_gets_nothing_and_the_dead_letter_queue_does(
    client: Client, topic: str, mailbox: Any, world: World
) -> None:
    box, dead = mailbox("box"), mailbox("dead")
    box.allow("events.amazonaws.com")
    subscribe(client, topic, box, RedrivePolicy={"deadLetterTargetArn": dead.arn})

    client("sns").publish(TopicArn=topic, Message="hello")

    assert box.take() == []
    [letter] = dead.take()
    assert json.loads(letter["Body"])["Message"] == "hello"
    assert "AccessDenied" in letter["MessageAttributes"]["ErrorCode"]["StringValue"]
    [refused] = [one for one in world.happenings.about(box.arn) if one.outcome == "refused"]
    assert "sns.amazonaws.com is not authorized to perform: sqs:SendMessage" in refused.reason


def test_a_queue_under_a_key_that_sns_may_not_use_gets_nothing(
    client: Client, topic: str, mailbox: Any, world: World
) -> None:
    box = mailbox("box")
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    client("sqs").set_queue_attributes(QueueUrl=box.url, Attributes={"KmsMasterKeyId": key})
    subscribe(client, topic, box)

    client("sns").publish(TopicArn=topic, Message="hello")

    assert box.take() == []
    [refused] = [one for one in world.happenings.about(box.arn) if one.outcome == "refused"]
    assert "kms:GenerateDataKey" in refused.reason


def test_a_topic_refuses_alarms_that_its_policy_does_not_name(client: Client, topic: str) -> None:
    alarm = Principal("cloudwatch.amazonaws.com", "123456789012", ALARM)
    only = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": ALARM.replace("errors", "latency-*")}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [only]})
    client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy
    )

    with acting_as(alarm), pytest.raises(ClientError) as caught:
        client("sns").publish(TopicArn=topic, Message="hello")

    assert caught.value.response["Error"]["Code"] == "AuthorizationError"
    assert "aws:SourceArn" in caught.value.response["Error"]["Message"]


def test_a_function_gets_the_event_of_the_documentation(
    client: Client, topic: str, mailbox: Any, function: Any, still: Clock
) -> None:
    arn = function("reader", "def handler(event, context): print(event['Records'][0]['Sns'])")
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)

    client("sns").publish(TopicArn=topic, Message="hello")
    still.advance(0)

    events = client("logs").filter_log_events(
        logGroupName="/aws/lambda/reader", filterPattern="Notification"
    )["events"]
    assert "'Message': 'hello'" in events[0]["message"]


def test_a_batch_says_which_entries_failed(client: Client, topic: str, mailbox: Any) -> None:
    box = mailbox("box")
    subscribe(client, topic, box)

    answer = client("sns").publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "good", "Message": "hello"},
            {"Id": "bad", "Message": "hello", "MessageStructure": "json"},
        ],
    )

    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert [one["Id"] for one in answer["Failed"]] == ["bad"]
    assert len(box.take()) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"Message": "x" * 262_145}, "Invalid parameter: Message too long"),
        ({"Message": "x", "Subject": "y" * 101}, "Invalid parameter: Subject"),
        (
            {"Message": '{"sqs": "x"}', "MessageStructure": "json"},
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
    ],
)
def test_what_sns_refuses_is_refused(
    client: Client, topic: str, params: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError) as caught:
        client("sns").publish(TopicArn=topic, **params)

    assert caught.value.response["Error"]["Code"] == "InvalidParameter"
    assert caught.value.response["Error"]["Message"] == message


def test_nothing_leaves_the_machine(client: Client, topic: str, world: World) -> None:
    url = "https://hooks.example.com/alarms"
    client("sns").subscribe(TopicArn=topic, Protocol="https", Endpoint=url)

    client("sns").publish(TopicArn=topic, Message="hello")

    [refused] = world.happenings.about(url)
    assert (refused.outcome, "not on this machine" in refused.reason) == ("refused", True)
