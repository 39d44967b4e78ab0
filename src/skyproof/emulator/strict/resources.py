"""What an operation acts on, as far as its parameters tell.

``None`` stands for what they do not tell, such as all alarms or an instance's volume.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call, Params
from skyproof.emulator.strict.actions import prefix_of

#: Of each service the members that name a resource, and the resource's part of the ARN; the first
#: that is there counts. ``Rule.Name`` is Name in operations on a Rule.
_NAMED: dict[str, dict[str, str]] = {
    "cloudwatch": {
        "AlarmName": "alarm:{}",
        "AlarmNames": "alarm:{}",
        "RuleName": "insight-rule/{}",
        "RuleNames": "insight-rule/{}",
        "MetricStream.Name": "metric-stream/{}",
        "MetricStreams.Names": "metric-stream/{}",
    },
    "dynamodb": {"TableName": "table/{}"},
    "ecs": {"clusterName": "cluster/{}"},
    "events": {
        "Rule": "rule/{bus}{}",
        "Rule.Name": "rule/{bus}{}",
        "EventBus.Name": "event-bus/{}",
    },
    "firehose": {"DeliveryStreamName": "deliverystream/{}"},
    "kinesis": {"StreamName": "stream/{}"},
    "lambda": {
        "FunctionName": "function:{}",
        "LayerName": "layer:{}",
        "UUID": "event-source-mapping:{}",
    },
    "logs": {"logGroupName": "log-group:{}:log-stream:{stream}"},
    "scheduler": {"Schedule.Name": "schedule/{group}/{}", "Group.Name": "schedule-group/{}"},
    "sns": {"Topic.Name": "{}"},
    "sqs": {"QueueUrl": "{}", "QueueName": "{}"},
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}"},
    "stepfunctions": {"StateMachine.name": "stateMachine:{}"},
    "synthetics": {"Canary.Name": "canary:{}"},
}
#: Of IAM, whose ARNs have paths: member, kind of ARN, operation that tells an existing one's.
_OF_IAM = (
    *(("RoleName", "role", "get_role"), ("UserName", "user", "get_user")),
    *(("GroupName", "group", "get_group"),),
    ("InstanceProfileName", "instance-profile", "get_instance_profile"),
)
#: Of EC2 the members that name what a change is made to, and the kind that is in its ARN.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
_OF_EC2 = {
    "SubnetId": "subnet",
    "RouteTableId": "route-table",
    "GroupId": "security-group",
    "VpcEndpointId": "vpc-endpoint",
    "VpcEndpointIds": "vpc-endpoint",
    "VpcId": "vpc",
}
_DASHBOARDS = ("DashboardName", "DashboardNames")


def resources(call: Call, params: Params) -> tuple[str, ...]:
    """The ARNs of what an operation acts on; none if that cannot be told."""
    service = call.target.service
    match service:
        case "s3":
            return _of_s3(call, params)
        case "iam":
            return _of_iam(call, params)
        case "ec2":
            return _of_ec2(call, params)
        case "sts" if "RoleArn" in params:
            return (params["RoleArn"],)
        case "cloudwatch" if found := next((n for n in _DASHBOARDS if n in params), None):
            return tuple(
                call.arn(service, f"dashboard/{n}", region="") for n in _all(params[found])
            )
    for member, resource in _NAMED.get(service, {}).items():
        noun, _, name = member.rpartition(".")
        if name in params and call.operation.endswith(noun):
            return tuple(_arn(call, params, resource, one) for one in _all(params[name]))
    prefix = prefix_of(service)
    # What is named by its whole ARN, as topics and state machines are.
    found_arns = (value for value in params.values() if isinstance(value, str))
    return tuple(
        value for value in found_arns if value.startswith("arn:") and _is_of(prefix, value)
    )


def _arn(call: Call, params: Params, resource: str, value: str) -> str:
    if value.startswith("arn:"):
        return value
    match call.target.service:
        case "sqs":  # a URL
            value = value.rpartition("/")[2]
        case "ssm":  # a path
            value = value.removeprefix("/")
    bus = str(params.get("EventBusName", "default")).rpartition("/")[2]
    named = resource.format(
        value,
        bus="" if bus == "default" else f"{bus}/",
        group=params.get("GroupName", "default"),
        stream=params.get("logStreamName", ""),
    )
    return call.arn(prefix_of(call.target.service), named)


def _of_s3(call: Call, params: Params) -> tuple[str, ...]:
    if "Bucket" not in params:
        return ()
    bucket = f"arn:{call.partition}:s3:::{params['Bucket']}"
    if "Delete" in params:
        return tuple(f"{bucket}/{one['Key']}" for one in params["Delete"].get("Objects", []))
    return (f"{bucket}/{params['Key']}",) if "Key" in params else (bucket,)


def _of_ec2(call: Call, params: Params) -> tuple[str, ...]:
    if call.operation.startswith("Describe"):  # judged as a whole
        return ()
    if call.operation == "DisassociateRouteTable":
        params = {**params, "RouteTableId": _route_tables(call, params["AssociationId"])}
    return tuple(
        call.arn("ec2", f"{kind}/{name}")
        for member, kind in _OF_EC2.items()
        if member in params
        for name in _all(params[member])
    )


def _route_tables(call: Call, association: str) -> list[str]:
    of_it = [{"Name": "association.route-table-association-id", "Values": [association]}]
    found = call.client("ec2").describe_route_tables(Filters=of_it)["RouteTables"]
    return [table["RouteTableId"] for table in found]


def _of_iam(call: Call, params: Params) -> tuple[str, ...]:
    for member, kind, getter in _OF_IAM:
        if member in params:
            name = params[member]
            path = params.get("Path") or _path(call, member, name, getter)
            return (call.arn("iam", f"{kind}{path}{name}", region=""),)
    if "PolicyArn" in params:
        return (params["PolicyArn"],)
    if "PolicyName" in params:
        policy = f"policy{params.get('Path', '/')}{params['PolicyName']}"
        return (call.arn("iam", policy, region=""),)
    return ()


def _path(call: Call, member: str, name: str, getter: str) -> str:
    """The path of what is there already, ``/`` of what is not."""

    def read() -> str:
        try:
            answer = getattr(call.client("iam"), getter)(**{member: name})
        except ClientError:
            return "/"
        found: dict[str, Any] = answer[member.removesuffix("Name")]
        return str(found["Path"])

    return call.world.memo.get("iam", ("path", call.account, member, name), read)


def _all(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]


def _is_of(prefix: str, arn: str) -> bool:
    return arn.split(":")[2] == prefix
