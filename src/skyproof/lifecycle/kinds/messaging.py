"""What carries messages: subscriptions, topics, queues, buses."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Listing
from skyproof.lifecycle.kinds.kind import Kind

KINDS = (
    Kind(
        "sns",
        "subscription",
        # One that waits for its confirmation has no ARN yet; it goes after three days:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html
        Listing("list_subscriptions", "Subscriptions[?starts_with(SubscriptionArn, 'arn:')]"),
        "SubscriptionArn",
        (Call("unsubscribe", {"SubscriptionArn": "SubscriptionArn"}),),
        "arn:{partition}:sns:{region}:{account}:{name}",
    ),
    Kind(
        "sns",
        "topic",
        Listing("list_topics", "Topics[]"),
        "TopicArn",
        (Call("delete_topic", {"TopicArn": "TopicArn"}),),
        "arn:{partition}:sns:{region}:{account}:{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceArn": "TopicArn"}),
    ),
    Kind(
        "sqs",
        "queue",
        # There is a second page only for who says how long the first may be:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
        Listing("list_queues", "QueueUrls", {"MaxResults": "`1000`"}),
        "@",
        (Call("delete_queue", {"QueueUrl": "item.name"}),),
        "arn:{partition}:sqs:{region}:{account}:{name}",
        tags=Listing("list_queue_tags", "Tags", {"QueueUrl": "item.name"}),
    ),
    Kind(
        "events",
        "event bus",
        Listing(
            "list_event_buses",
            "EventBuses[?Name!='default' && !starts_with(Name, 'aws.partner/')]",
        ),
        "Name",
        (Call("delete_event_bus", {"Name": "Name"}),),
        "arn:{partition}:events:{region}:{account}:event-bus/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceARN": "item.arn"}),
    ),
)
