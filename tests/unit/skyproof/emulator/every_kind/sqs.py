"""Queues, over JSON and over the query protocol of clients from before November 2023.

https://aws.amazon.com/about-aws/whats-new/2023/11/amazon-sqs-support-json-protocol/
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from tests.unit.skyproof.emulator.every_kind.aws import Model, session, speaking
from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged

#: The names that botocore's model had in the query protocol (botocore 1.31.80, sqs service-2.json).
MEMBER_NAMES = {
    ("CreateQueueRequest", "Attributes"): "Attribute",
    ("CreateQueueRequest", "tags"): "Tag",
    ("GetQueueAttributesResult", "Attributes"): "Attribute",
    ("ListQueueTagsResult", "Tags"): "Tag",
    ("SetQueueAttributesRequest", "Attributes"): "Attribute",
    ("TagQueueRequest", "Tags"): "Tag",
}
MAP_NAMES = {"QueueAttributeMap": ("Name", "Value"), "TagMap": ("Key", "Value")}
LIST_NAMES = {"AttributeNameList": "AttributeName", "TagKeyList": "TagKey"}
WITH_RESULT = ("CreateQueue", "GetQueueAttributes", "ListQueueTags")


def before_json(model: Model, protocol: str) -> Model:
    """The model of today with the names of the query protocol."""
    old = deepcopy(model)
    shapes, operations = old["shapes"], old["operations"]
    for (shape, member), name in MEMBER_NAMES.items():
        shapes[shape]["members"][member]["locationName"] = name
    for shape, (key, value) in MAP_NAMES.items():
        shapes[shape]["key"]["locationName"] = key
        shapes[shape]["value"]["locationName"] = value
    for shape, name in LIST_NAMES.items():
        shapes[shape]["member"]["locationName"] = name
    for operation in WITH_RESULT:
        operations[operation]["output"]["resultWrapper"] = f"{operation}Result"
    return speaking(old, protocol)


class Queue(Tagged):
    service = "sqs"
    gone = "AWS.SimpleQueueService.NonExistentQueue"

    @classmethod
    def protocols(cls) -> list[str]:
        return ["json", "query"]

    @classmethod
    def session(cls, protocol: str) -> Any:
        return session(cls.service, protocol, before_json if protocol == "query" else speaking)

    def prepare(self) -> None:
        self.client.create_queue(QueueName="lost")

    def first(self) -> Fields:
        return {"Attributes": self.attributes("VisibilityTimeout", "60", redrive=3)}

    def change(self) -> Fields:
        return {"Attributes": self.attributes("VisibilityTimeout", "90", redrive=5)}

    def attributes(self, name: str, value: str, *, redrive: int) -> Fields:
        policy = {"deadLetterTargetArn": self.aws.arn("sqs", "lost"), "maxReceiveCount": redrive}
        return {
            name: value,
            "RedrivePolicy": json.dumps(policy, separators=(",", ":")),
            "RedriveAllowPolicy": '{"redrivePermission":"denyAll"}',
        }

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_queue(QueueName="orders", **fields)["QueueUrl"]

    def update(self, change: Fields) -> None:
        self.client.set_queue_attributes(QueueUrl=self.made, **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_queue_attributes(QueueUrl=self.made, AttributeNames=["All"])
        return told

    def delete(self) -> None:
        self.client.delete_queue(QueueUrl=self.made)


KINDS: tuple[type[Kind], ...] = (Queue,)
