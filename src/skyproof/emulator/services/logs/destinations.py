"""Where a subscription may send events: Logs tries the destination when the filter is put.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator import account_policy, iam
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call
from skyproof.emulator.services.logs.validation import invalid


def check(call: Call, group_arn: str, destination_arn: str, role_arn: str | None) -> None:
    """Refuse a destination that cannot be reached; the texts are recorded ones.

    Raises:
        AwsError: InvalidParameterException, or AccessDeniedException for another account's
            destination whose policy does not name this account.
    """
    parts = destination_arn.split(":", 5)
    vendor = parts[2] if len(parts) == 6 and parts[0] == "arn" else destination_arn
    checks = {
        "lambda": _check_function,
        "firehose": _check_firehose,
        "kinesis": _check_stream,
        "logs": _check_destination,
    }
    if vendor not in checks:
        raise invalid(
            f"PutSubscriptionFilter operation cannot work with destinationArn for vendor {vendor}"
        )
    if vendor == "lambda" and role_arn:
        raise invalid("destinationArn for vendor lambda cannot be used with roleArn")
    if vendor in ("firehose", "kinesis") and not role_arn:
        raise invalid(f"destinationArn for vendor {vendor} cannot be used without roleArn")
    checks[vendor](call, group_arn, destination_arn)


def followed(call: Call, destination_arn: str) -> tuple[str, str]:
    """The stream behind a destination of any account, and the role under which it is written to.

    Raises:
        AwsError: InvalidParameterException, when the destination is gone.
    """
    found = _described(call, destination_arn)
    return found["targetArn"], found["roleArn"]


def _described(call: Call, arn: str) -> dict[str, Any]:
    _, _, _, region, account, resource = arn.split(":", 5)
    client = call.client("logs", region=region, account=account)
    name = resource.partition(":")[2]
    answer = client.describe_destinations(DestinationNamePrefix=name)
    for one in answer["destinations"]:
        if one["arn"] == arn:
            described: dict[str, Any] = one
            return described
    raise invalid(f"The specified {resource} does not exist.")


def _check_function(call: Call, group_arn: str, arn: str) -> None:
    _, _, _, region, account, _ = arn.split(":", 5)
    functions = call.client("lambda", region=region, account=account)
    try:
        policy = functions.get_policy(FunctionName=arn)["Policy"]
    except ClientError as error:
        raise _not_executable() from error
    context = {"aws:SourceArn": f"{group_arn}:*", "aws:SourceAccount": call.account}
    # Both principals are in use: the Region's own and the one for all Regions.
    for logs in (f"logs.{call.region}.amazonaws.com", "logs.amazonaws.com"):
        request = iam.Request("lambda:InvokeFunction", arn, logs, "", context)
        if iam.decide([policy], request).effect == "allow":
            return
    raise _not_executable()


def _not_executable() -> AwsError:
    return invalid(
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
        "permission to execute your function."
    )


def _check_firehose(call: Call, group_arn: str, arn: str) -> None:
    del group_arn
    name = arn.rpartition("/")[2]
    try:
        call.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
    except ClientError as error:
        raise invalid(
            "Could not deliver test message to specified Firehose stream. Check if the given "
            "Firehose stream is in ACTIVE state."
        ) from error


def _check_stream(call: Call, group_arn: str, arn: str) -> None:
    del group_arn
    name = arn.rpartition("/")[2]
    try:
        call.client("kinesis").describe_stream_summary(StreamName=name)
    except ClientError as error:
        raise invalid(
            "Could not deliver test message to specified Kinesis stream. Check if the given "
            "kinesis stream is in ACTIVE state."
        ) from error


def _check_destination(call: Call, group_arn: str, arn: str) -> None:
    del group_arn
    policy = _described(call, arn).get("accessPolicy")
    request = account_policy.Request("logs:PutSubscriptionFilter", arn, account=call.account)
    if policy is None or not account_policy.allows(policy, request):
        raise AwsError(
            "AccessDeniedException",
            f"User with accountId: {call.account} is not authorized to perform "
            "PutSubscriptionFilter",
        )
