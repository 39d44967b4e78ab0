"""Whether a service or a role may do what it asks of another service.

Only calls that services of this world make in their own name or under a role pass through here:
whether an alarm may publish to a topic, a topic send to a queue, Firehose write to a bucket. What
would be refused on AWS is refused here, with the statement that decided. Callers from outside are
not judged.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from skyproof.emulator import iam
from skyproof.emulator.acting import Principal
from skyproof.emulator.errors import AwsError
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


def check(call: Call, principal: Principal, params: Params) -> None:
    """Refuse what neither the resource's policy nor the role's allows.

    Raises:
        AwsError: AccessDenied, KMSAccessDenied or AuthorizationError, as the service calls it.
    """
    asks = _ASKS.get((call.target.service, call.operation))
    if asks is None:
        return
    asked = asks(call, params)
    _require(call, principal, asked)
    if asked.key is not None:
        _require_key(call, principal, asked.key, asked.uses)


def _require(call: Call, principal: Principal, asked: Asked) -> None:
    request = _request(principal, asked.action, asked.resource, asked.context)
    own = [] if principal.is_service else policies_of_role(call, principal)
    theirs = [asked.policy] if asked.policy else []
    decision = _decide(call, principal, (*own, *theirs), request)
    if decision.effect != "allow":
        raise AwsError(
            _CODES.get(call.target.service, "AccessDenied"),
            f"{principal.name} is not authorized to perform: {asked.action} on resource: "
            f"{asked.resource} ({decision.reason})",
            status=403,
        )


def _require_key(call: Call, principal: Principal, key: str, uses: tuple[str, ...]) -> None:
    arn, policy = _key(call, key)
    # A service reaches a key through itself in the key's region.
    via = f"{call.target.service}.{arn.split(':')[3]}.amazonaws.com"
    own = [] if principal.is_service else policies_of_role(call, principal)
    for action in uses:
        request = _request(principal, action, arn, {"kms:ViaService": via})
        decision = _decide(call, principal, (*own, policy), request)
        if decision.effect != "allow":
            raise AwsError(
                "KMSAccessDenied",
                f"{principal.name} is not authorized to perform: {action} on resource: {arn} "
                f"({decision.reason})",
                status=403,
            )


def _decide(
    call: Call, principal: Principal, policies: tuple[str, ...], asked: _Question
) -> iam.Decision:
    # That a policy names the account leaves it to the account's own policies: a key's default
    # policy alone lets no role use the key.
    return _decided(policies, asked, account_suffices=principal.account != call.account)


@lru_cache(maxsize=4096)
def _decided(
    policies: tuple[str, ...], asked: _Question, *, account_suffices: bool
) -> iam.Decision:
    """The same question gets the same answer: a busy world asks some ten a minute, at 0.7 ms."""
    request = iam.Request(
        asked.action, asked.resource, asked.principal, asked.account, dict(asked.context)
    )
    return iam.decide(policies, request, account_suffices=account_suffices)


@dataclass(frozen=True)
class _Question:
    """An :class:`iam.Request` that can be compared with others."""

    action: str
    resource: str
    principal: str
    account: str
    context: tuple[tuple[str, str], ...]


def _request(
    principal: Principal,
    action: str,
    resource: str,
    more: Mapping[str, str] | None = None,
) -> _Question:
    context = {
        "aws:SourceArn": principal.source_arn,
        "aws:SourceAccount": principal.account if principal.is_service else "",
        "aws:PrincipalAccount": "" if principal.is_service else principal.account,
        "aws:SecureTransport": "true",
        **(more or {}),
    }
    known = tuple((key, value) for key, value in context.items() if value)
    account = "" if principal.is_service else principal.account
    return _Question(action, resource, principal.name, account, known)


def policies_of_role(call: Call, principal: Principal) -> list[str]:
    """The role's inline and attached policies, as JSON."""
    return call.world.memo.get("iam", principal.name, lambda: _read_role(call, principal))


def _read_role(call: Call, principal: Principal) -> list[str]:
    client = call.client("iam", account=principal.account)
    name = principal.name.rpartition("/")[2]
    found: list[str] = []
    try:
        for inline in client.list_role_policies(RoleName=name)["PolicyNames"]:
            answer = client.get_role_policy(RoleName=name, PolicyName=inline)
            found.append(_text(answer["PolicyDocument"]))
        for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
            found.append(_text(answer["PolicyVersion"]["Document"]))
    except ClientError as error:
        raise AwsError(
            "AccessDenied", f"{principal.name} cannot be assumed: {error}", status=403
        ) from error
    return found


def may_assume(call: Call, role: str, service: str, source_arn: str) -> None:
    """Refuse a service that the role's trust policy does not let assume it.

    Raises:
        AwsError: AccessDenied.
    """
    trust = call.world.memo.get("iam", ("trust", role), lambda: _read_trust(call, role))
    principal = Principal(service, call.account, source_arn)
    request = _request(principal, "sts:AssumeRole", role)
    decision = _decided((trust,), request, account_suffices=True)
    if decision.effect != "allow":
        raise AwsError(
            "AccessDenied",
            f"{service} is not authorized to assume {role} ({decision.reason})",
            status=403,
        )


def _read_trust(call: Call, role: str) -> str:
    client = call.client("iam", account=role.split(":")[4])
    try:
        answer = client.get_role(RoleName=role.rpartition("/")[2])
    except ClientError as error:
        raise AwsError("AccessDenied", f"{role} cannot be assumed: {error}", status=403) from error
    return _text(answer["Role"]["AssumeRolePolicyDocument"])


def _text(document: Any) -> str:
    return unquote(document) if isinstance(document, str) else json.dumps(document)


def _key(call: Call, key: str) -> tuple[str, str]:
    """ARN and policy of a key. A key of AWS's own lets only callers of the account use it."""
    where = (call.account, call.region, key)
    return call.world.memo.get("kms", where, lambda: _read_key(call, key))


def _read_key(call: Call, key: str) -> tuple[str, str]:
    # A key may lie in another region or account than what it seals, and is then named by its ARN.
    where = key.split(":") if key.startswith("arn:") else ("", "", "", call.region, call.account)
    client = call.world.client("kms", where[3], where[4])
    try:
        arn = client.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        policy = client.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    except ClientError as error:
        raise AwsError("KMSNotFound", f"the key {key} cannot be used: {error}") from error
    return str(arn), str(policy)


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
_CODES = {
    "firehose": "AccessDeniedException",
    "kinesis": "AccessDeniedException",
    "lambda": "AccessDeniedException",
    "logs": "AccessDeniedException",
    "sns": "AuthorizationError",
    "stepfunctions": "AccessDeniedException",
}
