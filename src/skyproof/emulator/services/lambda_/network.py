"""The VPC that a function is attached to.

https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfigResponse.html
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call
from skyproof.emulator.services.lambda_.validation import invalid


def attached(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the VPC of its subnets; empty without subnets.

    Raises InvalidParameterValueException, as Lambda words what EC2 answers.
    """
    subnets, groups = asked.get("SubnetIds", []), asked.get("SecurityGroupIds", [])
    if not subnets:
        return {}
    found = _described(call, "DescribeSubnets", SubnetIds=subnets)["Subnets"]
    if groups:
        _described(call, "DescribeSecurityGroups", GroupIds=groups)
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "Ipv6AllowedForDualStack": asked.get("Ipv6AllowedForDualStack", False),
        "VpcId": found[0]["VpcId"],
    }


def _described(call: Call, operation: str, **ids: list[str]) -> dict[str, Any]:
    ec2 = call.client("ec2")
    describe = {
        "DescribeSubnets": ec2.describe_subnets,
        "DescribeSecurityGroups": ec2.describe_security_groups,
    }[operation]
    try:
        answer: dict[str, Any] = describe(**ids)
    except ClientError as error:
        refused = error.response["Error"]
        raise invalid(
            f"Error occurred while {operation}. EC2 Error Code: {refused['Code']}. "
            f"EC2 Error Message: {refused['Message']}"
        ) from None
    return answer
