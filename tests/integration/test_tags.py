"""Everything that can be tagged is tagged CostCenter, Environment and DataClassification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import REGIONS, Platform

pytestmark = ON_THE_PLATFORM

REQUIRED = {"CostCenter", "Environment", "DataClassification"}

Tags = Iterator[tuple[str, set[str]]]


def keys(tags: list[dict[str, Any]]) -> set[str]:
    return {tag["Key"] for tag in tags}


def test_every_taggable_resource_in_the_state_is_tagged(platform: Platform) -> None:
    taggable = {
        address: values["tags_all"] or {}
        for address, values in platform.state_values.items()
        if "tags_all" in values
    }
    assert len(taggable) > 40, f"only {len(taggable)} resources take tags"
    untagged = {
        a: sorted(REQUIRED - set(tags)) for a, tags in taggable.items() if REQUIRED - set(tags)
    }
    assert untagged == {}


def alarms(platform: Platform, region: str) -> Tags:
    cloudwatch = platform.client("cloudwatch", region)
    for alarm in platform.all_alarms(region):
        arn = alarm["AlarmArn"]
        yield arn, keys(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"])


def topics(platform: Platform, region: str) -> Tags:
    sns = platform.client("sns", region)
    for topic in sns.list_topics()["Topics"]:
        arn = topic["TopicArn"]
        if platform.prefix in arn:
            yield arn, keys(sns.list_tags_for_resource(ResourceArn=arn)["Tags"])


def queues(platform: Platform, region: str) -> Tags:
    sqs = platform.client("sqs", region)
    for url in sqs.list_queues(QueueNamePrefix=platform.prefix).get("QueueUrls", ()):
        yield url, set(sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))


def functions(platform: Platform, region: str) -> Tags:
    lambda_ = platform.client("lambda", region)
    for function in lambda_.list_functions()["Functions"]:
        if function["FunctionName"].startswith(platform.prefix):
            arn = function["FunctionArn"]
            yield arn, set(lambda_.list_tags(Resource=arn)["Tags"])


def canaries(platform: Platform, region: str) -> Tags:
    for canary in platform.client("synthetics", region).describe_canaries()["Canaries"]:
        if canary["Name"].startswith(platform.prefix):
            yield canary["Name"], set(canary.get("Tags", {}))


def log_groups(platform: Platform, region: str) -> Tags:
    logs = platform.client("logs", region)
    for group in logs.describe_log_groups()["logGroups"]:
        # Those of canaries are made by Synthetics, without tags: only Terraform's are asked for.
        made_by_canary = group["logGroupName"].startswith("/aws/lambda/cwsyn-")
        if platform.prefix in group["logGroupName"] and not made_by_canary:
            arn = group["arn"].removesuffix(":*")
            yield arn, set(logs.list_tags_for_resource(resourceArn=arn)["tags"])


@pytest.mark.parametrize("read", [alarms, topics, queues, functions, canaries, log_groups])
def test_the_service_itself_gives_the_tags_back(
    platform: Platform, read: Callable[[Platform, str], Tags]
) -> None:
    got = {name: tags for region in REGIONS for name, tags in read(platform, region)}
    assert got, "nothing was found to look at"
    untagged = {name: sorted(REQUIRED - tags) for name, tags in got.items() if REQUIRED - tags}
    assert untagged == {}
