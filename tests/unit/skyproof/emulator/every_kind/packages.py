"""What functions and canaries are made of."""

from __future__ import annotations

import io
import json
import zipfile

from tests.unit.skyproof.emulator.every_kind.aws import Aws

SOURCE = "def handler(event, context): ..."


def package(name: str = "main.py") -> bytes:
    """A zip archive with one module; the same bytes every time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), SOURCE)
    return content.getvalue()


def role(aws: Aws) -> str:
    """The ARN of a new role that Lambda may assume."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=trust)
    arn: str = made["Role"]["Arn"]
    return arn


def allow_all(aws: Aws) -> None:
    """Let the role do everything."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam").put_role_policy(RoleName="runner", PolicyName="all", PolicyDocument=document)


def network(aws: Aws) -> tuple[list[str], list[str]]:
    """The subnets and security groups of the account's default VPC."""
    subnets = aws("ec2").describe_subnets()["Subnets"]
    groups = aws("ec2").describe_security_groups()["SecurityGroups"]
    return [one["SubnetId"] for one in subnets[:2]], [one["GroupId"] for one in groups[:1]]
