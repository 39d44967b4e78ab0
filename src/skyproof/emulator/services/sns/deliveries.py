"""How a message is handed over, protocol by protocol."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3

from skyproof.emulator import sending
from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.service import Call
from skyproof.emulator.services.sns.message import Message, Subscription

SECONDS = 15.0


class Undeliverable(Exception):
    """The endpoint did not take the message; the text says why."""


Deliver = Callable[[Call, Subscription, Message], None]


def _to_queue(call: Call, subscription: Subscription, message: Message) -> None:
    queue = subscription.endpoint
    members: dict[str, Any] = {}
    if subscription.raw and message.attributes:
        members["MessageAttributes"] = message.attributes
    if queue.endswith(".fifo"):
        members["MessageGroupId"] = message.group or subscription.topic
        members["MessageDeduplicationId"] = message.deduplication or message.id
    with acting_as(_topic(subscription)):
        sending.to_queue(call.world, queue, message.body_for(subscription), **members)


def _to_function(call: Call, subscription: Subscription, message: Message) -> None:
    where = subscription.endpoint.split(":")
    client = call.world.client("lambda", where[3], where[4])
    with acting_as(_topic(subscription)):
        client.invoke(
            FunctionName=subscription.endpoint,
            InvocationType="Event",
            Payload=message.event_for(subscription),
        )


def _to_firehose(call: Call, subscription: Subscription, message: Message) -> None:
    where = subscription.endpoint.split(":")
    client = call.world.client("firehose", where[3], where[4])
    assert subscription.role is not None, "SNS takes no Firehose subscription without a role"
    data = (message.body_for(subscription) + "\n").encode()
    name = where[5].rpartition("/")[2]
    with acting_as(Principal(subscription.role, subscription.role.split(":")[4])):
        client.put_record(DeliveryStreamName=name, Record={"Data": data})


def _to_url(_call: Call, subscription: Subscription, message: Message) -> None:
    url = subscription.endpoint
    if not _is_loopback(urlsplit(url).hostname or ""):
        raise Undeliverable(f"{url} is not on this machine, and nothing leaves it")
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": message.id,
        "x-amz-sns-topic-arn": subscription.topic,
        "x-amz-sns-subscription-arn": subscription.arn,
    }
    if subscription.raw:
        headers["x-amz-sns-rawdelivery"] = "true"
    body = message.body_for(subscription).encode()
    try:
        with urllib3.PoolManager() as pool:
            answer = pool.request(
                "POST", url, body=body, headers=headers, timeout=SECONDS, retries=False
            )
    except urllib3.exceptions.HTTPError as error:
        raise Undeliverable(f"{url}: {error}") from error
    if not 200 <= answer.status < 300:
        raise Undeliverable(f"{url} answered {answer.status}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _topic(subscription: Subscription) -> Principal:
    return Principal("sns.amazonaws.com", subscription.account, subscription.topic)


#: What is not here (e-mail, SMS, applications) leaves the machine, and is noted alone.
DELIVERIES: Mapping[str, Deliver] = {
    "sqs": _to_queue,
    "lambda": _to_function,
    "firehose": _to_firehose,
    "http": _to_url,
    "https": _to_url,
}
