"""What callers may do: their policies, the resources' policies, and the roles that they pass."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.unit.skyproof.emulator.strict.conftest import (
    ACCOUNT,
    ROLE,
    USER,
    Start,
    described,
    policy,
    refusal,
    statement,
)

QUEUES = f"arn:aws:sqs:eu-west-1:{ACCOUNT}"
BUCKET = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
EVERYTHING = statement(Action="*", Resource="*")


def test_what_no_policy_allows_is_refused_in_awss_words(start: Start) -> None:
    strict = start(described(statement(Action="s3:CreateBucket", Resource="arn:aws:s3:::ci-*")))
    s3 = strict.client("s3")
    s3.create_bucket(Bucket="ci-artifacts", **BUCKET)
    assert refusal(s3.create_bucket, Bucket="mine", **BUCKET) == (
        403,
        "AccessDenied",
        f"User: {USER} is not authorized to perform: s3:CreateBucket on resource: "
        "arn:aws:s3:::mine because no identity-based policy allows the s3:CreateBucket action",
    )
    names = [bucket["Name"] for bucket in strict.root("s3").list_buckets()["Buckets"]]
    assert names == ["ci-artifacts"]
    assert strict.counts()["refused"] == 1


def test_a_denial_wins(start: Start) -> None:
    denied = statement("Deny", Action="sqs:DeleteQueue", Resource=f"{QUEUES}:kept")
    sqs = start(described(EVERYTHING, denied)).client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("kept", "other")}
    sqs.delete_queue(QueueUrl=urls["other"])
    assert refusal(sqs.delete_queue, QueueUrl=urls["kept"]) == (
        403,
        "AccessDenied",
        f"User: {USER} is not authorized to perform: sqs:DeleteQueue on resource: {QUEUES}:kept "
        "with an explicit deny in an identity-based policy",
    )


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("logs", "create_log_group", {"logGroupName": "g"}, (400, "AccessDeniedException")),
        ("lambda", "get_function", {"FunctionName": "f"}, (403, "AccessDeniedException")),
        ("sns", "create_topic", {"Name": "t"}, (403, "AuthorizationError")),
        ("iam", "get_role", {"RoleName": "r"}, (403, "AccessDenied")),
        ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}, (403, "AccessDenied")),
    ],
)
def test_each_service_refuses_in_its_own_way(
    start: Start, service: str, operation: str, params: dict[str, Any], expected: tuple[int, str]
) -> None:
    strict = start(described())
    assert refusal(getattr(strict.client(service), operation), **params)[:2] == expected


def test_conditions_see_region_and_tags(start: Start) -> None:
    tagged = statement(
        Action="sqs:CreateQueue",
        Resource="*",
        Condition={
            "StringEquals": {"aws:RequestTag/run": "7", "aws:RequestedRegion": "eu-west-1"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["run"]},
        },
    )
    own = statement(
        Action="sqs:DeleteQueue",
        Resource="*",
        Condition={"StringEquals": {"aws:ResourceTag/run": "7"}},
    )
    strict = start(described(tagged, own))
    sqs = strict.client("sqs")
    mine = sqs.create_queue(QueueName="mine", tags={"run": "7"})["QueueUrl"]
    for tags in ({}, {"run": "8"}, {"run": "7", "more": "x"}):
        assert refusal(sqs.create_queue, QueueName="no", tags=tags)[1] == "AccessDenied"
    elsewhere = strict.client("sqs", region="us-east-1")
    got = refusal(elsewhere.create_queue, QueueName="no", tags={"run": "7"})
    assert got[1] == "AccessDenied"
    other = strict.root("sqs").create_queue(QueueName="other", tags={"run": "8"})["QueueUrl"]
    assert refusal(sqs.delete_queue, QueueUrl=other)[1] == "AccessDenied"
    sqs.delete_queue(QueueUrl=mine)


def test_networks_are_judged_by_their_tags(start: Start) -> None:
    here = f"arn:aws:ec2:eu-west-1:{ACCOUNT}"
    new = statement(
        Action=["ec2:CreateVpc", "ec2:CreateRouteTable", "ec2:CreateSubnet"],
        Resource="*",
        Condition={"Null": {"aws:RequestTag/run": "false"}},
    )
    own = statement(
        Action=["ec2:DeleteVpc", "ec2:AssociateRouteTable", "ec2:DisassociateRouteTable"],
        Resource=[f"{here}:vpc/*", f"{here}:route-table/*", f"{here}:subnet/*"],
        Condition={"Null": {"aws:ResourceTag/run": "false"}},
    )
    strict = start(described(new, own))
    ec2, root = strict.client("ec2"), strict.root("ec2")

    def tagged(kind: str) -> dict[str, Any]:
        given = [{"Key": "run", "Value": "7"}]
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": given}]}

    cidr = {"CidrBlock": "10.0.0.0/16"}
    assert refusal(ec2.create_vpc, **cidr)[:2] == (403, "UnauthorizedOperation")
    mine = ec2.create_vpc(**cidr, **tagged("vpc"))["Vpc"]["VpcId"]
    others = root.create_vpc(**cidr)["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=mine, **tagged("route-table"))["RouteTable"]
    subnet = ec2.create_subnet(VpcId=mine, CidrBlock="10.0.1.0/24", **tagged("subnet"))["Subnet"]
    joined = ec2.associate_route_table(
        RouteTableId=table["RouteTableId"], SubnetId=subnet["SubnetId"]
    )
    ec2.disassociate_route_table(AssociationId=joined["AssociationId"])
    assert refusal(ec2.delete_vpc, VpcId=others)[:2] == (403, "UnauthorizedOperation")
    assert f"{here}:vpc/{others}" in refusal(ec2.delete_vpc, VpcId=others)[2]


def test_a_session_may_do_what_its_role_may_and_its_session_policy_lets_it(start: Start) -> None:
    strict = start(described())
    strict.session("sqs").create_queue(QueueName="q")
    only = json.dumps(policy(statement(Action="sqs:ListQueues", Resource="*")))
    confined = strict.session("sqs", Policy=only)
    confined.list_queues()
    got = refusal(confined.create_queue, QueueName="r")
    assert got[2] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/sandbox/apply is not authorized to perform: "
        f"sqs:CreateQueue on resource: {QUEUES}:r because no session policy allows the "
        "sqs:CreateQueue action"
    )


def test_changed_policies_count_at_once(start: Start) -> None:
    strict = start(described())
    iam, session = strict.root("iam"), strict.session("sqs")
    session.list_queues()
    none = json.dumps(policy(statement("Deny", Action="sqs:*", Resource="*")))
    iam.put_role_policy(RoleName="sandbox", PolicyName="none", PolicyDocument=none)
    assert "explicit deny in an identity-based policy" in refusal(session.list_queues)[2]


def test_policies_of_groups_and_boundaries_count(start: Start) -> None:
    strict = start(described())
    iam, sqs = strict.root("iam"), strict.client("sqs")
    assert refusal(sqs.list_queues)[1] == "AccessDenied"
    everything = json.dumps(policy(EVERYTHING))
    iam.create_group(GroupName="admins")
    iam.put_group_policy(GroupName="admins", PolicyName="p", PolicyDocument=everything)
    iam.add_user_to_group(GroupName="admins", UserName="ci")
    sqs.list_queues()
    narrow = json.dumps(policy(statement(Action="s3:*", Resource="*")))
    arn = iam.create_policy(PolicyName="narrow", PolicyDocument=narrow)["Policy"]["Arn"]
    session = strict.session("sqs")
    session.list_queues()
    iam.put_role_permissions_boundary(RoleName="sandbox", PermissionsBoundary=arn)
    assert "because no permissions boundary allows" in refusal(session.list_queues)[2]


def test_a_buckets_policy_grants_and_denies(start: Start) -> None:
    strict = start(described())
    root, s3 = strict.root("s3"), strict.client("s3")
    root.create_bucket(Bucket="shared", **BUCKET)
    root.put_object(Bucket="shared", Key="open", Body=b"1")
    everything = ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"]
    granting = statement(Principal={"AWS": USER}, Action="s3:GetObject", Resource=everything)
    assert refusal(s3.get_object, Bucket="shared", Key="open")[1] == "AccessDenied"
    root.put_bucket_policy(Bucket="shared", Policy=json.dumps(policy(granting)))
    assert s3.get_object(Bucket="shared", Key="open")["Body"].read() == b"1"
    denying = statement("Deny", Principal="*", Action="s3:GetObject", Resource=everything)
    root.put_bucket_policy(Bucket="shared", Policy=json.dumps(policy(granting, denying)))
    got = refusal(s3.get_object, Bucket="shared", Key="open")
    assert got[2].endswith("with an explicit deny in a resource-based policy")


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", SOURCE)
    return content.getvalue()


SOURCE = """
import boto3

def handler(event, context):
    try:
        boto3.client("sqs").list_queues()
    except Exception as error:
        return str(error)
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


def test_a_role_is_passed_only_by_whom_may(start: Start) -> None:
    passed = f"arn:aws:iam::{ACCOUNT}:role/app"
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    strict = start(
        described(
            statement(NotAction="iam:PassRole", Resource="*"),
            statement(Action="iam:PassRole", Resource=passed, Condition=to_lambda),
        )
    )
    trust = policy(
        statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    )
    iam = strict.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))
    function = {
        "Runtime": "python3.12",
        "Handler": "main.handler",
        "Code": {"ZipFile": zipped()},
    }
    create = strict.client("lambda").create_function
    assert refusal(create, FunctionName="f", Role=ROLE, **function) == (
        403,
        "AccessDeniedException",
        f"User: {USER} is not authorized to perform: iam:PassRole on resource: {ROLE} because no "
        "identity-based policy allows the iam:PassRole action",
    )
    create(FunctionName="f", Role=passed, **function)
    rules = strict.client("events")
    rules.put_rule(Name="r", ScheduleExpression="rate(1 day)")
    target = {"Id": "t", "Arn": f"{QUEUES}:q", "RoleArn": passed}
    got = refusal(rules.put_targets, Rule="r", Targets=[target])
    assert (got[1], "iam:PassRole" in got[2]) == ("AccessDeniedException", True), got


def test_a_function_calls_under_its_role(start: Start) -> None:
    strict = start(described(EVERYTHING))
    iam = strict.client("iam")
    trust = policy(
        statement(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    )
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    aws_lambda = strict.client("lambda")
    aws_lambda.create_function(
        FunctionName="f",
        Role=role["Arn"],
        Runtime="python3.12",
        Handler="main.handler",
        Code={"ZipFile": zipped()},
        Timeout=60,
    )
    answer = aws_lambda.invoke(FunctionName="f")["Payload"].read().decode()
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/function"
    assert f"User: {session} is not authorized to perform: sqs:ListQueues" in answer
    everything = json.dumps(policy(EVERYTHING))
    iam.put_role_policy(RoleName="app", PolicyName="all", PolicyDocument=everything)
    assert json.loads(aws_lambda.invoke(FunctionName="f")["Payload"].read()) == session
