"""Publishing to topics: who gets a message, in which form, and what becomes of it if it is refused.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""

from __future__ import annotations

import json
from typing import Any, ClassVar
from uuid import uuid4

from botocore.exceptions import ClientError

from skyproof.emulator import sending
from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import (
    Call,
    Params,
    Result,
    Service,
    operation,
    unlocked,
    without_metadata,
)
from skyproof.emulator.service_metrics import publish as publish_metric
from skyproof.emulator.services.sns import filtering
from skyproof.emulator.services.sns.deliveries import DELIVERIES, Undeliverable
from skyproof.emulator.services.sns.message import Message, Subscription

MAX_BYTES = 262_144
MAX_SUBJECT = 100
MAX_BATCH = 10


class Sns(Service):
    """Topics and subscriptions are the base's; it delivers to queues alone, policies unread."""

    name: ClassVar[str] = "sns"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's topics and subscriptions; ours is publishing: filter policies on attributes and "
        "body, raw delivery, the policies and keys that decide whether a topic may deliver, "
        "dead-letter queues; to SQS, Lambda, Firehose and loopback HTTP. E-mail, SMS and "
        "applications are noted as done. Signatures are not AWS's; a topic's own deduplication is "
        "left to its FIFO queues."
    )

    @operation("Publish")
    @unlocked
    def publish(self, call: Call, params: Params) -> Result:
        topic = params.get("TopicArn") or params.get("TargetArn", "")
        if ":endpoint/" in topic or not topic:
            return without_metadata(call.base().publish(**params))  # an application, or a telephone
        message = _message(topic, params)
        attributes = _topic(call, topic)
        if attributes.get("FifoTopic") == "true" and message.group is None:
            raise _invalid("The MessageGroupId parameter is required for FIFO topics")
        self._deliver(call, topic, message)
        return {"MessageId": message.id}

    @operation("PublishBatch")
    @unlocked
    def publish_batch(self, call: Call, params: Params) -> Result:
        topic, entries = params["TopicArn"], params["PublishBatchRequestEntries"]
        if not entries:
            raise AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.")
        if len(entries) > MAX_BATCH:
            raise AwsError(
                "TooManyEntriesInBatchRequest",
                "The batch request contains more entries than permissible.",
            )
        ids = [entry["Id"] for entry in entries]
        if len(set(ids)) != len(ids):
            raise AwsError(
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.",
            )
        _topic(call, topic)
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            try:
                message = _message(topic, entry)
            except AwsError as error:
                wrong = {"Code": error.code, "Message": error.message, "SenderFault": True}
                failed.append({"Id": entry["Id"], **wrong})
                continue
            self._deliver(call, topic, message)
            done.append({"Id": entry["Id"], "MessageId": message.id})
        return {"Successful": done, "Failed": failed}

    def _deliver(self, call: Call, topic: str, message: Message) -> None:
        message = message.stamped(call.world.clock.now())
        self._count(topic, "NumberOfMessagesPublished")
        for subscription in _subscriptions(call, topic):
            if filtering.passes(subscription, message):
                self.send(call, subscription, message)
            else:
                call.world.tell(
                    topic, "deliver", subscription.endpoint, "dropped", "the filter policy"
                )
                self._count(topic, "NumberOfNotificationsFilteredOut")

    def send(self, call: Call, subscription: Subscription, message: Message) -> None:
        """Deliver to one subscriber; what is refused goes to its dead-letter queue."""
        topic = subscription.topic
        deliver = DELIVERIES.get(subscription.protocol)
        if deliver is None:
            call.world.tell(topic, "deliver", subscription.endpoint)
            return
        try:
            deliver(call, subscription, message)
        except (ClientError, Undeliverable) as error:
            call.world.tell(topic, "deliver", subscription.endpoint, "refused", str(error))
            self._count(topic, "NumberOfNotificationsFailed")
            self._redrive(call, subscription, message, error)
            return
        call.world.tell(topic, "deliver", subscription.endpoint)
        self._count(topic, "NumberOfNotificationsDelivered")

    def _redrive(
        self, call: Call, subscription: Subscription, message: Message, error: Exception
    ) -> None:
        queue = subscription.dead_letters
        if queue is None:
            return
        principal = Principal("sns.amazonaws.com", subscription.account, subscription.topic)
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else "HTTP"
        facts = {"RequestID": message.id, "ErrorCode": code, "ErrorMessage": str(error)[:1000]}
        try:
            with acting_as(principal):
                sending.to_queue(call.world, queue, message.body_for(subscription), facts)
        except ClientError as second:
            call.world.tell(subscription.topic, "dead-letter", queue, "refused", str(second))
            return
        call.world.tell(subscription.topic, "dead-letter", queue)

    def _count(self, topic: str, name: str) -> None:
        where = topic.split(":")
        dimensions = {"TopicName": where[5]}
        publish_metric(self.world, where[4], where[3], "AWS/SNS", name, dimensions, 1.0, "Count")


def _message(topic: str, params: Params) -> Message:
    text = params.get("Message", "")
    if not text:
        raise _invalid("Empty message")
    attributes = params.get("MessageAttributes", {})
    size = len(text.encode()) + sum(
        len(json.dumps(one, default=str)) for one in attributes.values()
    )
    if size > MAX_BYTES:
        raise _invalid("Message too long")
    subject = params.get("Subject")
    if subject is not None and not (0 < len(subject) <= MAX_SUBJECT and subject.isprintable()):
        raise _invalid("Subject")
    by_protocol = None
    if params.get("MessageStructure") == "json":
        by_protocol = _structure(text)
    return Message(
        id=str(uuid4()),
        topic=topic,
        text=text,
        by_protocol=by_protocol,
        subject=subject,
        attributes=attributes,
        group=params.get("MessageGroupId"),
        deduplication=params.get("MessageDeduplicationId"),
    )


def _structure(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _invalid("Message Structure - JSON message body failed to parse") from error
    if not isinstance(found, dict) or "default" not in found:
        raise _invalid("Message Structure - No default entry in JSON message body")
    return found


def _topic(call: Call, topic: str) -> dict[str, str]:
    """The topic's attributes; raises SNS's NotFound for one that there is not."""
    attributes: dict[str, str] = call.client("sns").get_topic_attributes(TopicArn=topic)[
        "Attributes"
    ]
    return attributes


def _subscriptions(call: Call, topic: str) -> list[Subscription]:
    client = call.client("sns")
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = []
    for page in pages:
        for one in page["Subscriptions"]:
            if not one["SubscriptionArn"].startswith("arn:"):
                continue  # not confirmed yet
            answer = client.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])
            found.append(Subscription.of(answer["Attributes"]))
    return found


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {what}", status=400)
