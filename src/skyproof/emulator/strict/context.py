"""What conditions may ask for: region, tags, the caller, the time.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call, Params
from skyproof.emulator.strict.callers import Caller

Values = dict[str, str | tuple[str, ...]]

#: How each service tells a resource's tags: operation, and member that names the resource.
_TAGS = {
    "cloudwatch": ("list_tags_for_resource", "ResourceARN"),
    "dynamodb": ("list_tags_of_resource", "ResourceArn"),
    "ecs": ("list_tags_for_resource", "resourceArn"),
    "events": ("list_tags_for_resource", "ResourceARN"),
    "firehose": ("list_tags_for_delivery_stream", "DeliveryStreamName"),
    "kinesis": ("list_tags_for_stream", "StreamName"),
    "kms": ("list_resource_tags", "KeyId"),
    "lambda": ("list_tags", "Resource"),
    "logs": ("list_tags_for_resource", "resourceArn"),
    "oam": ("list_tags_for_resource", "ResourceArn"),
    "scheduler": ("list_tags_for_resource", "ResourceArn"),
    "sns": ("list_tags_for_resource", "ResourceArn"),
    "stepfunctions": ("list_tags_for_resource", "resourceArn"),
    "synthetics": ("list_tags_for_resource", "ResourceArn"),
    "xray": ("list_tags_for_resource", "ResourceARN"),
}
_OF_IAM = {
    "role": ("list_role_tags", "RoleName"),
    "user": ("list_user_tags", "UserName"),
    "policy": ("list_policy_tags", "PolicyArn"),
}


def context(call: Call, params: Params, caller: Caller) -> Values:
    """What every request tells, without asking anybody."""
    tags = _requested(params)
    found: Values = {
        "aws:RequestedRegion": call.region,
        "aws:PrincipalArn": caller.identity,
        "aws:PrincipalAccount": caller.account,
        "aws:SecureTransport": "true",
        "aws:TagKeys": tuple(tags),
        **{f"aws:RequestTag/{key}": value for key, value in tags.items()},
    }
    if ":user/" in caller.identity:
        found["aws:username"] = caller.identity.rpartition("/")[2]
    if call.target.service == "iam":
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
        found["iam:PolicyARN"] = params.get("PolicyArn", "")
        found["iam:PermissionsBoundary"] = params.get("PermissionsBoundary", "")
    return found


def of_time(call: Call) -> Values:
    """What is different in every request."""
    now = call.world.clock.now()
    return {
        "aws:CurrentTime": now.isoformat(timespec="seconds"),
        "aws:EpochTime": str(int(now.timestamp())),
    }


def of_resource(call: Call, arn: str) -> Values:
    """The tags of a resource as conditions know them; none of what is not there.

    S3's buckets tell theirs to no condition unless that is turned on for each.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
    """
    tags = _as_dict(_tags_of(call, arn))
    service = arn.split(":")[2]
    return {
        **{f"aws:ResourceTag/{key}": value for key, value in tags.items()},
        **{f"{service}:ResourceTag/{key}": value for key, value in tags.items()},
    }


def _requested(params: Params) -> dict[str, str]:
    """The tags that a request gives; EC2's are for the things of one kind that it makes."""
    tags = _as_dict(params.get(_member_of_tags(params), None))
    for of_a_kind in params.get("TagSpecifications", ()):
        tags |= _as_dict(of_a_kind.get("Tags"))
    return tags


def _tags_of(call: Call, arn: str) -> Any:
    service, name = call.target.service, arn.rpartition("/")[2]
    if service == "ec2":
        of_it = [{"Name": "resource-id", "Values": [name]}]
        return call.client("ec2").describe_tags(Filters=of_it)["Tags"]
    if service == "iam":
        operation, member = _OF_IAM.get(arn.split(":")[5].partition("/")[0], ("", ""))
        asked = arn if member == "PolicyArn" else name
    elif service == "sqs":
        operation, member = "list_queue_tags", "QueueUrl"
        asked = f"http://{call.host}/{call.account}/{arn.rpartition(':')[2]}"
    else:
        operation, member = _TAGS.get(service, ("", ""))
        asked = name if member.endswith("Name") else arn.partition(":log-stream:")[0]
    if not operation:
        return None
    try:
        answer = getattr(call.client(service), operation)(**{member: asked})
    except ClientError:
        return None
    return answer.get(_member_of_tags(answer))


def _member_of_tags(values: Iterable[str]) -> str:
    return next((name for name in values if name.lower() in ("tags", "taglist")), "Tags")


def _as_dict(tags: Any) -> dict[str, str]:
    """``[{"Key": k, "Value": v}]``, spelt in any case, or a dict already."""
    if isinstance(tags, dict):
        return tags
    pairs = [{name.lower(): text for name, text in tag.items()} for tag in tags or ()]
    return {
        pair.get("key", pair.get("tagkey", "")): pair.get("value", pair.get("tagvalue", ""))
        for pair in pairs
    }
