"""The constraints that hold for the whole platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import REGIONS, Platform

pytestmark = ON_THE_PLATFORM


def functions(platform: Platform, region: str) -> list[dict[str, Any]]:
    listed = platform.client("lambda", region=region).list_functions()["Functions"]
    return [one for one in listed if one["FunctionName"].startswith(platform.prefix)]


def queues(platform: Platform, region: str) -> Iterator[tuple[str, dict[str, str]]]:
    sqs = platform.client("sqs", region=region)
    for url in sqs.list_queues(QueueNamePrefix=platform.prefix).get("QueueUrls", ()):
        yield url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def topics(platform: Platform, region: str) -> Iterator[tuple[str, dict[str, str]]]:
    sns = platform.client("sns", region=region)
    for one in sns.list_topics()["Topics"]:
        if platform.prefix in one["TopicArn"]:
            got = sns.get_topic_attributes(TopicArn=one["TopicArn"])["Attributes"]
            yield one["TopicArn"], got


def buckets(platform: Platform) -> Iterator[tuple[str, Any]]:
    s3 = platform.client("s3")
    for one in s3.list_buckets()["Buckets"]:
        if one["Name"].startswith(platform.prefix):
            location = s3.get_bucket_location(Bucket=one["Name"])["LocationConstraint"]
            yield one["Name"], platform.client("s3", region=location or "us-east-1")


def log_groups(platform: Platform, region: str) -> list[dict[str, Any]]:
    """Terraform's; those of canaries are made by Synthetics, plain and for ever, also on AWS."""
    found = platform.client("logs", region=region).describe_log_groups()["logGroups"]
    return [
        one
        for one in found
        if platform.prefix in one["logGroupName"]
        and not one["logGroupName"].startswith("/aws/lambda/cwsyn-")
    ]


def policy_statements(platform: Platform) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Allow statement of every role of the platform, inline or attached."""
    iam = platform.client("iam")
    for role in iam.list_roles()["Roles"]:
        if platform.prefix not in role["RoleName"]:
            continue
        name = role["RoleName"]
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            if ":aws:policy/" in attached["PolicyArn"]:
                continue
            policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
            documents.append(
                iam.get_policy_version(
                    PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"]
                )["PolicyVersion"]["Document"]
            )
        for document in documents:
            statements = document["Statement"]
            for statement in [statements] if isinstance(statements, dict) else statements:
                if statement["Effect"] == "Allow":
                    yield name, statement


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("region", REGIONS)
def test_every_function_runs_on_arm64(platform: Platform, region: str) -> None:
    got = {one["FunctionName"]: one["Architectures"] for one in functions(platform, region)}
    assert got or region != REGIONS[0], "no function at all"
    assert {name: a for name, a in got.items() if a != ["arm64"]} == {}


@pytest.mark.parametrize("region", REGIONS)
def test_every_log_group_has_the_one_retention(platform: Platform, region: str) -> None:
    got = {one["logGroupName"]: one.get("retentionInDays") for one in log_groups(platform, region)}
    assert got or region != REGIONS[0], "no log group at all"
    assert {n: days for n, days in got.items() if days != platform.log_retention_days} == {}


@pytest.mark.parametrize("region", REGIONS)
def test_everything_at_rest_is_encrypted_with_a_customer_key(
    platform: Platform, region: str
) -> None:
    plain = [arn for arn, got in topics(platform, region) if "KmsMasterKeyId" not in got]
    plain += [url for url, got in queues(platform, region) if "KmsMasterKeyId" not in got]
    plain += [g["logGroupName"] for g in log_groups(platform, region) if "kmsKeyId" not in g]
    assert plain == []


def test_every_bucket_is_encrypted_private_versioned_and_speaks_tls_only(
    platform: Platform,
) -> None:
    names = []
    for name, s3 in buckets(platform):
        names.append(name)
        rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        algorithm = rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        assert algorithm == "aws:kms", f"{name}: {algorithm}"
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert all(block.values()), f"{name}: {block}"
        assert s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled", name
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        assert "aws:SecureTransport" in json.dumps(policy), f"{name}: {policy}"
    for wanted in ("metric-streams", "metric-streams-replica", "synthetics-artifacts"):
        assert platform.name(wanted) in names


def test_the_archive_is_replicated_into_the_other_region(platform: Platform) -> None:
    source = platform.name("metric-streams")
    got = platform.client("s3").get_bucket_replication(Bucket=source)["ReplicationConfiguration"]
    assert platform.trusted_services(got["Role"]) == {"s3.amazonaws.com"}
    for rule in got["Rules"]:
        assert rule["Status"] == "Enabled"
        assert "Filter" in rule
        assert "Priority" in rule
        assert rule["DeleteMarkerReplication"]["Status"] == "Enabled"
        assert rule["Destination"]["Bucket"].endswith(platform.name("metric-streams-replica"))
        selected = rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"]
        assert selected == "Enabled", "encrypted objects would not be copied"
        assert ":us-west-2:" in rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]


def test_both_archives_keep_metrics_equally_long(platform: Platform) -> None:
    rules = {
        name: platform.client("s3", region=region).get_bucket_lifecycle_configuration(Bucket=name)[
            "Rules"
        ]
        for name, region in platform.archive_buckets.items()
    }
    source, replica = rules.values()
    assert source == replica


def test_error_rates_are_metric_math_and_not_metrics_of_their_own(platform: Platform) -> None:
    expressions = [
        query["Expression"]
        for alarm in platform.metric_alarms()
        for query in alarm.get("Metrics", ())
        if "Expression" in query and "ANOMALY_DETECTION_BAND" not in query["Expression"]
    ]
    assert any("/" in expression for expression in expressions), expressions


def test_failed_notifications_end_in_a_dead_letter_queue(platform: Platform) -> None:
    for region in REGIONS:
        sns = platform.client("sns", region=region)
        for arn, _ in topics(platform, region):
            for one in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
                if one["SubscriptionArn"] == "PendingConfirmation":
                    continue
                got = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])
                redrive = json.loads(got["Attributes"]["RedrivePolicy"])
                assert redrive["deadLetterTargetArn"].split(":")[3] == region, one


def test_a_wildcard_resource_stands_only_where_aws_knows_no_other(platform: Platform) -> None:
    without_arns = {
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListMetrics",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricData",
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:GetTraceSummaries",
        "xray:BatchGetTraces",
        "xray:GetServiceGraph",
        "xray:GetTraceGraph",
        "s3:ListAllMyBuckets",
        "oam:ListSinks",
        "oam:ListLinks",
        "oam:ListAttachedLinks",
        "logs:DescribeLogGroups",
        "logs:DescribeQueries",
        "logs:StopQuery",
        "logs:GetQueryResults",
        "cloudwatch:ListDashboards",
        "cloudwatch:ListMetricStreams",
        "cloudwatch:DescribeAnomalyDetectors",
        "ecr:GetAuthorizationToken",
    }
    seen = 0
    for role, statement in policy_statements(platform):
        seen += 1
        if "*" in as_list(statement["Resource"]):
            extra = set(as_list(statement["Action"])) - without_arns
            assert extra == set(), f"{role} may {sorted(extra)} on everything"
    assert seen, "no policy was read"


def test_metrics_are_published_only_into_the_platforms_own_namespace(platform: Platform) -> None:
    publishing = [
        (role, statement)
        for role, statement in policy_statements(platform)
        if "cloudwatch:PutMetricData" in as_list(statement["Action"])
    ]
    assert publishing
    for role, statement in publishing:
        conditions = statement.get("Condition", {}).values()
        assert any("cloudwatch:namespace" in one for one in conditions), f"{role}: {statement}"


def test_no_action_is_a_wildcard_of_a_whole_service(platform: Platform) -> None:
    broad = [
        (role, action)
        for role, statement in policy_statements(platform)
        for action in as_list(statement["Action"])
        if action == "*" or action.endswith(":*")
    ]
    assert broad == []


def test_services_assume_roles_only_for_this_account(platform: Platform) -> None:
    open_roles = []
    for role in platform.client("iam").list_roles()["Roles"]:
        if platform.prefix not in role["RoleName"]:
            continue
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            condition = json.dumps(statement.get("Condition", {}))
            if "Service" in statement["Principal"] and "aws:Source" not in condition:
                open_roles.append(role["RoleName"])
    assert open_roles == []


def test_no_role_is_shared_by_two_functions(platform: Platform) -> None:
    roles = [one["Role"] for one in functions(platform, REGIONS[0])]
    assert len(roles) == len(set(roles)), roles


def test_no_dashboard_alarm_or_rule_names_another_account(platform: Platform) -> None:
    body = platform.client("cloudwatch").get_dashboard(DashboardName=platform.name("main"))
    assert "000000000000" not in body["DashboardBody"]
