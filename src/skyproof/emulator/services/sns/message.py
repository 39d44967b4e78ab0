"""A message and a subscription, and the forms in which the one reaches the other.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from skyproof.emulator.clock import stamp

#: Where a real one would stand: nothing here can sign for AWS.
UNSIGNED = "EXAMPLE"


@dataclass(frozen=True)
class Subscription:
    """A confirmed subscription."""

    arn: str
    topic: str
    protocol: str
    endpoint: str
    account: str
    raw: bool
    filter_policy: dict[str, Any] | None
    scope: str
    dead_letters: str | None
    role: str | None

    @classmethod
    def of(cls, attributes: dict[str, str]) -> Subscription:
        """From the answer of GetSubscriptionAttributes."""
        policy = json.loads(attributes.get("FilterPolicy") or "null")
        redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
        return cls(
            arn=attributes["SubscriptionArn"],
            topic=attributes["TopicArn"],
            protocol=attributes["Protocol"],
            endpoint=attributes["Endpoint"],
            account=attributes["TopicArn"].split(":")[4],
            raw=attributes.get("RawMessageDelivery", "").lower() == "true",
            filter_policy=policy or None,
            scope=attributes.get("FilterPolicyScope", "MessageAttributes"),
            dead_letters=redrive.get("deadLetterTargetArn"),
            role=attributes.get("SubscriptionRoleArn"),
        )


@dataclass(frozen=True)
class Message:
    """What was published.

    Attributes:
        by_protocol: protocol → text, of a message that has another text for each.
        attributes: ``MessageAttributes`` as boto3 takes them.
    """

    id: str
    topic: str
    text: str
    by_protocol: dict[str, str] | None
    subject: str | None
    attributes: dict[str, Any]
    group: str | None
    deduplication: str | None
    at: datetime | None = None

    def stamped(self, now: datetime) -> Message:
        """The message with the time at which it was published."""
        return replace(self, at=now)

    def text_for(self, protocol: str) -> str:
        """What a subscriber of a protocol is told."""
        if self.by_protocol is None:
            return self.text
        return str(self.by_protocol.get(protocol, self.by_protocol["default"]))

    def body_for(self, subscription: Subscription) -> str:
        """What a queue or an HTTP endpoint gets: the text alone when delivery is raw."""
        if subscription.raw:
            return self.text_for(subscription.protocol)
        return json.dumps(self._envelope(subscription, "SigningCertURL", "UnsubscribeURL"))

    def event_for(self, subscription: Subscription) -> bytes:
        """What a function gets."""
        envelope = self._envelope(subscription, "SigningCertUrl", "UnsubscribeUrl")
        # A function always sees both members.
        envelope = {"Subject": None, "MessageAttributes": {}, **envelope}
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "Sns": envelope,
        }
        return json.dumps({"Records": [record]}).encode()

    def _envelope(
        self, subscription: Subscription, certificate: str, unsubscribe: str
    ) -> dict[str, Any]:
        assert self.at is not None
        region = self.topic.split(":")[3]
        host = f"https://sns.{region}.amazonaws.com"
        shown: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": self.id,
            "TopicArn": self.topic,
            **({"Subject": self.subject} if self.subject is not None else {}),
            "Message": self.text_for(subscription.protocol),
            "Timestamp": stamp(self.at),
            "SignatureVersion": "1",
            "Signature": UNSIGNED,
            certificate: f"{host}/SimpleNotificationService-{UNSIGNED}.pem",
            unsubscribe: f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        }
        if self.attributes:
            shown["MessageAttributes"] = {
                name: {"Type": one["DataType"], "Value": _value(one)}
                for name, one in self.attributes.items()
            }
        return shown


def _value(attribute: dict[str, Any]) -> str:
    if "BinaryValue" in attribute:
        return b64encode(attribute["BinaryValue"]).decode()
    return str(attribute["StringValue"])
