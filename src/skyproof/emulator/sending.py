"""What services hand to one another by ARN: a payload to a function, a message to a queue.

Each goes to the account and region in the ARN, through the gateway; who acts is the caller's to say
(:mod:`skyproof.emulator.acting`), and what is refused is botocore's ``ClientError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyproof.emulator.world import World


def client_of(world: World, arn: str) -> Any:
    """A client to the service that an ARN names, where the ARN says."""
    where = arn.split(":")
    return world.client(where[2], where[3], where[4])


def to_function(world: World, arn: str, text: str) -> None:
    """Without waiting for its result."""
    payload = text.encode()
    client_of(world, arn).invoke(FunctionName=arn, InvocationType="Event", Payload=payload)


def to_queue(
    world: World,
    arn: str,
    text: str,
    attributes: Mapping[str, str] | None = None,
    **members: Any,
) -> None:
    """With message attributes that are strings, and members of SendMessage's own."""
    client = client_of(world, arn)
    url = client.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    if attributes:
        members["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        }
    client.send_message(QueueUrl=url, MessageBody=text, **members)


def to_topic(world: World, arn: str, text: str, **members: Any) -> None:
    """With members of Publish's own."""
    client_of(world, arn).publish(TopicArn=arn, Message=text, **members)


def to_delivery_stream(world: World, arn: str, text: str) -> None:
    """One record to Firehose."""
    name = arn.rpartition("/")[2]
    client_of(world, arn).put_record(DeliveryStreamName=name, Record={"Data": text.encode()})


def to_data_stream(world: World, arn: str, text: str, key: str) -> None:
    """One record to Kinesis, into the shard of a partition key."""
    name = arn.rpartition("/")[2]
    client_of(world, arn).put_record(StreamName=name, Data=text.encode(), PartitionKey=key)
