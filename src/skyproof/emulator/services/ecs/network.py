"""The network configuration of a service: its subnets and security groups exist.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call
from skyproof.emulator.services.ecs.common import invalid

DEFAULTS: dict[str, Any] = {"securityGroups": [], "assignPublicIp": "DISABLED"}


def checked(call: Call, configuration: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the defaults of a service.

    Raises:
        AwsError: InvalidParameterException, for subnets or security groups that do not exist.
    """
    whole = DEFAULTS | configuration["awsvpcConfiguration"]
    if not whole["subnets"]:
        raise invalid("subnets can not be empty.")
    ec2 = call.client("ec2")
    for subnet in whole["subnets"]:
        _require("subnet", subnet, ec2.describe_subnets, SubnetIds=[subnet])
    for group in whole["securityGroups"]:
        _require("security group", group, ec2.describe_security_groups, GroupIds=[group])
    return {"awsvpcConfiguration": whole}


def _require(what: str, name: str, describe: Callable[..., Any], **identifiers: Any) -> None:
    try:
        describe(**identifiers)
    except ClientError as error:
        cause = error.response["Error"]
        raise invalid(
            f"Error retrieving {what} information for [{name}]: {cause['Message']} "
            f"(ErrorCode: {cause['Code']})"
        ) from None
