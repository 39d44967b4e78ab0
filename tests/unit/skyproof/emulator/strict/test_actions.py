from __future__ import annotations

from typing import Any

import pytest

from skyproof.emulator.strict.actions import action
from skyproof.emulator.strict.questions import roles_in
from skyproof.emulator.strict.refusals import Kind, refusal


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("cloudwatch", "PutMetricAlarm", {}, "cloudwatch:PutMetricAlarm"),
        ("stepfunctions", "CreateStateMachine", {}, "states:CreateStateMachine"),
        ("elbv2", "DescribeLoadBalancers", {}, "elasticloadbalancing:DescribeLoadBalancers"),
        ("resourcegroupstaggingapi", "GetResources", {}, "tag:GetResources"),
        ("lambda", "Invoke", {}, "lambda:InvokeFunction"),
        ("sqs", "SendMessageBatch", {}, "sqs:SendMessage"),
        ("s3", "ListBuckets", {}, "s3:ListAllMyBuckets"),
        ("s3", "HeadBucket", {}, "s3:ListBucket"),
        ("s3", "GetBucketEncryption", {}, "s3:GetEncryptionConfiguration"),
        ("s3", "ListBucketMetricsConfigurations", {}, "s3:GetMetricsConfiguration"),
        ("s3", "DeleteBucketInventoryConfiguration", {}, "s3:PutInventoryConfiguration"),
        ("s3", "HeadObject", {"VersionId": "v"}, "s3:GetObjectVersion"),
        ("s3", "GetObjectTagging", {"VersionId": "v"}, "s3:GetObjectVersionTagging"),
        ("s3control", "GetPublicAccessBlock", {}, "s3:GetAccountPublicAccessBlock"),
        ("apigatewayv2", "CreateApi", {}, "apigateway:POST"),
        ("wickr", "ListNetworks", {}, "wickr:ListNetworks"),
    ],
)
def test_actions(service: str, operation: str, params: dict[str, Any], expected: str) -> None:
    assert action(service, operation, params, "POST") == expected


def test_roles_are_found_at_any_depth_and_by_the_names_of_members_alone() -> None:
    role = "arn:aws:iam::111122223333:role"
    params = {
        "Role": f"{role}/a",
        "Targets": [{"RoleArn": f"{role}/b", "Input": f"{role}/no"}],
        "S3DestinationConfiguration": {"RoleARN": f"{role}/c"},
        "executionRoleArn": f"{role}/d",
        "RoleName": "e",
        "Tags": {"Owner": f"{role}/no"},
    }
    assert sorted(roles_in(params)) == [f"{role}/{name}" for name in "abcd"]


@pytest.mark.parametrize(
    ("kind", "service", "status", "code"),
    [
        ("throttled", "s3", 503, "SlowDown"),
        ("throttled", "iam", 400, "Throttling"),
        ("throttled", "cloudwatch", 400, "Throttling"),
        ("throttled", "lambda", None, "TooManyRequestsException"),
        ("throttled", "logs", None, "ThrottlingException"),
        ("throttled", "sqs", None, "RequestThrottled"),
        ("throttled", "firehose", 400, "ThrottlingException"),
        ("throttled", "oam", 429, "ThrottlingException"),
        ("throttled", "ec2", 503, "RequestLimitExceeded"),
        ("failure", "s3", 500, "InternalError"),
        ("failure", "lambda", 500, "InternalFailure"),
        ("unavailable", "sqs", 503, "ServiceUnavailable"),
        ("expired", "ec2", 400, "RequestExpired"),
        ("unknown", "ec2", 401, "AuthFailure"),
        ("unknown", "wickr", 403, "UnrecognizedClientException"),
    ],
)
def test_refusals(kind: Kind, service: str, status: int | None, code: str) -> None:
    got = refusal(kind, service)
    assert (got.status, got.code) == (status, code)
    assert got.message
