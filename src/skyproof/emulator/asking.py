"""What an operation asks leave for: the permission, the resource, its policy and its key.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call, Params

#: What sealing a message with a customer's key takes.
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
_SEAL = ("kms:GenerateDataKey", "kms:Decrypt")
_OPEN = ("kms:Decrypt",)


@dataclass(frozen=True)
class Asked:
    """What an operation asks leave for.

    Attributes:
        resource: the ARN of what it acts on.
        policy: the resource's own policy, if it has one.
        key: the id, alias or ARN of the key that it is sealed with, if any.
        uses: what it takes of that key.
        context: what conditions may ask for beside the principal's.
    """

    action: str
    resource: str
    policy: str | None = None
    key: str | None = None
    uses: tuple[str, ...] = _SEAL
    context: Mapping[str, str] = field(default_factory=dict)


def asked_by(call: Call, params: Params) -> Asked | None:
    """What a call asks leave for; ``None`` for an operation that nobody is judged for."""
    asks = _ASKS.get((call.target.service, call.operation))
    return asks(call, params) if asks is not None else None


def _publish(call: Call, params: Params) -> Asked:
    arn = params.get("TopicArn") or params["TargetArn"]

    def read() -> dict[str, str]:
        found: dict[str, str] = call.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
        return found

    attributes = call.world.memo.get("sns", ("attributes", arn), read)
    return Asked("sns:Publish", arn, attributes.get("Policy"), attributes.get("KmsMasterKeyId"))


def _queue(call: Call, params: Params) -> Asked:
    names, url = ["QueueArn", "Policy", "KmsMasterKeyId"], params["QueueUrl"]

    def read() -> dict[str, str]:
        client = call.client("sqs")
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        found: dict[str, str] = answer["Attributes"]
        return found

    path = (call.account, call.region, url.rpartition("/")[2])
    attributes = call.world.memo.get("sqs", path, read)
    policy, key = attributes.get("Policy"), attributes.get("KmsMasterKeyId")
    # A batch of an operation takes the operation's own permission.
    action = f"sqs:{call.operation.removesuffix('Batch')}"
    match call.operation:
        case "SendMessage":
            return Asked(action, attributes["QueueArn"], policy, key)
        case "ReceiveMessage":
            return Asked(action, attributes["QueueArn"], policy, key, _OPEN)
        case _:  # what only counts or deletes messages takes no key
            return Asked(action, attributes["QueueArn"], policy)


def _stream(call: Call, params: Params) -> Asked:
    arn = params.get("StreamARN") or call.arn("kinesis", f"stream/{params['StreamName']}")

    def read() -> tuple[str | None, str | None]:
        client = call.client("kinesis")
        policy = client.get_resource_policy(ResourceARN=arn)["Policy"]
        key = client.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"].get("KeyId")
        # Every caller of the account may use the key that AWS manages for the service.
        is_own = key is not None and not key.endswith("alias/aws/kinesis")
        return policy if policy != "{}" else None, key if is_own else None

    policy, key = call.world.memo.get("kinesis", ("guards", arn), read)
    action = f"kinesis:{call.operation}"
    match call.operation:
        case "PutRecord" | "PutRecords":
            # https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
            return Asked(action, arn, policy, key, ("kms:GenerateDataKey",))
        case "GetRecords":
            return Asked(action, arn, policy, key, _OPEN)
        case _:
            return Asked(action, arn, policy)


def _invoke(call: Call, params: Params) -> Asked:
    name = params["FunctionName"]
    qualifier = {"Qualifier": params["Qualifier"]} if "Qualifier" in params else {}
    client = call.client("lambda")
    arn = name
    if not name.startswith("arn:"):
        arn = client.get_function_configuration(FunctionName=name, **qualifier)["FunctionArn"]
    plain = ":".join(arn.split(":")[:7])

    def read() -> str | None:
        try:
            return str(client.get_policy(FunctionName=plain)["Policy"])
        except ClientError:
            return None  # a function has none until a permission is added

    policy = call.world.memo.get("lambda", ("policy", plain), read)
    return Asked("lambda:InvokeFunction", arn, policy)


def _put_records(call: Call, params: Params) -> Asked:
    arn = call.arn("firehose", f"deliverystream/{params['DeliveryStreamName']}")
    return Asked(f"firehose:{call.operation}", arn)


def _start_execution(_: Call, params: Params) -> Asked:
    return Asked("states:StartExecution", params["stateMachineArn"])


def _put_object(call: Call, params: Params) -> Asked:
    arn = f"arn:{call.partition}:s3:::{params['Bucket']}/{params['Key']}"
    policy = _bucket_policy(call, params["Bucket"])
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
    context = {"s3:x-amz-acl": params["ACL"]} if "ACL" in params else {}
    return Asked("s3:PutObject", arn, policy, params.get("SSEKMSKeyId"), context=context)


def _get_bucket_acl(call: Call, params: Params) -> Asked:
    bucket = params["Bucket"]
    arn = f"arn:{call.partition}:s3:::{bucket}"
    return Asked("s3:GetBucketAcl", arn, _bucket_policy(call, bucket))


def _bucket_policy(call: Call, bucket: str) -> str | None:
    def read() -> str | None:
        try:
            return str(call.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError:
            return None

    return call.world.memo.get("s3", ("policy", bucket), read)


def _put_log_events(call: Call, params: Params) -> Asked:
    group = call.arn("logs", f"log-group:{params['logGroupName']}")
    action = f"logs:{call.operation}"
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    arn = f"{group}:log-stream:{params.get('logStreamName', '')}"
    if call.operation != "PutLogEvents":
        arn = f"{group}:*"
    where = ("policies", call.account, call.region)
    policy = call.world.memo.get("logs", where, lambda: _log_policies(call))
    return Asked(action, arn, policy)


def _log_policies(call: Call) -> str | None:
    """All resource policies of an account's logs as one; ``None`` where there is none."""
    found = call.client("logs").describe_resource_policies()["resourcePolicies"]
    documents = [one["policyDocument"] for one in found]
    return json.dumps(_joined(documents)) if documents else None


def _joined(documents: list[str]) -> dict[str, Any]:
    statements = [statement for text in documents for statement in _statements(text)]
    return {"Version": "2012-10-17", "Statement": statements}


def _statements(text: str) -> Iterator[dict[str, Any]]:
    found = json.loads(text)["Statement"]
    yield from found if isinstance(found, list) else [found]


def _put_events(call: Call, params: Params) -> Asked:
    bus = params["Entries"][0].get("EventBusName", "default").rpartition("/")[2]
    policy = call.client("events").describe_event_bus(Name=bus).get("Policy")
    return Asked("events:PutEvents", call.arn("events", f"event-bus/{bus}"), policy)


_ASKS: dict[tuple[str, str], Callable[[Call, Params], Asked]] = {
    ("events", "PutEvents"): _put_events,
    ("firehose", "PutRecord"): _put_records,
    ("firehose", "PutRecordBatch"): _put_records,
    ("kinesis", "GetRecords"): _stream,
    ("kinesis", "GetShardIterator"): _stream,
    ("kinesis", "ListShards"): _stream,
    ("kinesis", "PutRecord"): _stream,
    ("kinesis", "PutRecords"): _stream,
    ("lambda", "Invoke"): _invoke,
    ("logs", "CreateLogGroup"): _put_log_events,
    ("logs", "CreateLogStream"): _put_log_events,
    ("logs", "PutLogEvents"): _put_log_events,
    ("s3", "GetBucketAcl"): _get_bucket_acl,
    ("s3", "PutObject"): _put_object,
    ("sns", "Publish"): _publish,
    ("sqs", "DeleteMessage"): _queue,
    ("sqs", "DeleteMessageBatch"): _queue,
    ("sqs", "GetQueueAttributes"): _queue,
    ("sqs", "ReceiveMessage"): _queue,
    ("sqs", "SendMessage"): _queue,
    ("stepfunctions", "StartExecution"): _start_execution,
}
