"""Requirement 7: SNS topics whose subscriptions filter by alarm severity, proved with messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import SEVERITIES, Platform

pytestmark = ON_THE_PLATFORM


def subscriptions(platform: Platform, severity: str) -> list[dict[str, Any]]:
    sns = platform.client("sns")
    listed = sns.list_subscriptions_by_topic(
        TopicArn=platform.outputs[f"sns_{severity}_topic_arn"]
    )["Subscriptions"]
    return [
        sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]
        for one in listed
    ]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_topic_has_the_contracts_name_and_a_customer_key(
    platform: Platform, severity: str
) -> None:
    arn = platform.outputs[f"sns_{severity}_topic_arn"]
    assert arn.endswith(f":{platform.name(f'{severity}-alarms')}")
    attributes = platform.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["KmsMasterKeyId"], "alarms cannot reach a topic under the AWS managed key"
    assert attributes["KmsMasterKeyId"] != "alias/aws/sns"


@pytest.mark.parametrize("severity", SEVERITIES)
def test_somebody_subscribes_and_only_to_this_severity(platform: Platform, severity: str) -> None:
    got = subscriptions(platform, severity)
    assert got, f"nobody subscribes to {severity}"
    for one in got:
        policy = json.loads(one.get("FilterPolicy", "{}"))
        assert policy.get("severity") == [severity], f"{one['Endpoint']}: {policy}"


@pytest.mark.parametrize("severity", SEVERITIES)
def test_what_a_subscriber_refuses_is_kept(platform: Platform, severity: str) -> None:
    for one in subscriptions(platform, severity):
        if one["Protocol"] == "sqs":
            target = json.loads(one["RedrivePolicy"])["deadLetterTargetArn"]
            assert platform.queue_attributes(target)["QueueArn"] == target


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_message_reaches_the_inbox_of_its_severity_and_no_other(
    platform: Platform, severity: str
) -> None:
    with platform.emptied_inboxes() as inboxes:
        for level in SEVERITIES:
            platform.client("sns").publish(
                TopicArn=platform.outputs[f"sns_{level}_topic_arn"],
                Message=f"{level} says {severity}",
                MessageAttributes={"severity": {"DataType": "String", "StringValue": severity}},
            )
        got = {level: inboxes.messages(level) for level in SEVERITIES}
    expected: dict[str, list[str]] = {level: [] for level in SEVERITIES}
    expected[severity] = [f"{severity} says {severity}"]
    assert got == expected


def test_a_message_without_a_severity_reaches_nobody(platform: Platform) -> None:
    with platform.emptied_inboxes() as inboxes:
        platform.client("sns").publish(
            TopicArn=platform.outputs["sns_critical_topic_arn"], Message="no attribute"
        )
        assert {level: inboxes.messages(level) for level in SEVERITIES} == {
            level: [] for level in SEVERITIES
        }


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_alarms_notify_a_topic_of_their_own_region(platform: Platform, region: str) -> None:
    actions = {action for alarm in platform.all_alarms(region) for action in alarm["AlarmActions"]}
    topics = {action for action in actions if ":sns:" in action}
    assert topics, f"no alarm of {region} notifies anybody"
    existing = {
        one["TopicArn"] for one in platform.client("sns", region=region).list_topics()["Topics"]
    }
    assert topics <= existing, sorted(topics - existing)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_cloudwatch_may_publish_to_the_topic_that_alarms_notify(
    platform: Platform, region: str
) -> None:
    topics = {
        action
        for alarm in platform.all_alarms(region)
        for action in alarm["AlarmActions"]
        if ":sns:" in action
    }
    for arn in topics:
        attributes = platform.client("sns", region=region).get_topic_attributes(TopicArn=arn)
        statements = json.loads(attributes["Attributes"]["Policy"])["Statement"]
        allowed = [
            one
            for one in statements
            if one["Effect"] == "Allow"
            and one["Principal"].get("Service") == "cloudwatch.amazonaws.com"
        ]
        assert allowed, f"{arn}: {statements}"
        for one in allowed:
            assert "aws:SourceAccount" in json.dumps(one["Condition"]), one
