"""Requirement 2: Lambda functions for custom metric processing, configured per environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

FUNCTIONS = ["metric-processor", "alarm-processor"]


def configuration(platform: Platform, name: str) -> dict[str, Any]:
    got: dict[str, Any] = platform.client("lambda").get_function_configuration(
        FunctionName=platform.name(name)
    )
    return got


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_runs_on_graviton_and_is_traced(platform: Platform, name: str) -> None:
    got = configuration(platform, name)
    assert got["Architectures"] == ["arm64"]
    assert got["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_it_cannot_do_ends_in_a_dead_letter_queue(platform: Platform, name: str) -> None:
    target = configuration(platform, name)["DeadLetterConfig"]["TargetArn"]
    attributes = platform.queue_attributes(target)
    assert attributes["QueueArn"] == target
    assert attributes.get("KmsMasterKeyId"), f"{target} is not encrypted"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_asynchronous_calls_are_retried(platform: Platform, name: str) -> None:
    got = platform.client("lambda").get_function_event_invoke_config(
        FunctionName=platform.name(name)
    )
    assert got["MaximumRetryAttempts"] >= 1
    assert 60 <= got["MaximumEventAgeInSeconds"] <= 21_600


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_writes_to_a_log_group_that_terraform_keeps(platform: Platform, name: str) -> None:
    group = f"/aws/lambda/{platform.name(name)}"
    assert configuration(platform, name)["LoggingConfig"]["LogGroup"] == group
    found = platform.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [one["retentionInDays"] for one in found] == [platform.log_retention_days]


def test_no_two_functions_share_a_role(platform: Platform) -> None:
    roles = {name: configuration(platform, name)["Role"] for name in FUNCTIONS}
    assert len(set(roles.values())) == len(FUNCTIONS), roles


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_knows_its_environment(platform: Platform, name: str) -> None:
    variables = configuration(platform, name)["Environment"]["Variables"]
    assert variables["ENVIRONMENT"] == platform.environment


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_package_that_runs_is_a_zip_with_its_source(platform: Platform, name: str) -> None:
    got = configuration(platform, name)
    module = got["Handler"].partition(".")[0]
    assert f"{module}.py" in platform.function_package(platform.name(name))


def test_metric_processor_runs_on_a_schedule(platform: Platform) -> None:
    arn = configuration(platform, "metric-processor")["FunctionArn"]
    rules = platform.client("events").list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    schedules = [
        platform.client("events").describe_rule(Name=rule).get("ScheduleExpression")
        for rule in rules
    ]
    assert any(schedules), f"no schedule invokes {arn}: rules {rules}"


def test_alarm_processor_listens_on_the_topics_that_alarms_notify_and_no_other(
    platform: Platform,
) -> None:
    arn = configuration(platform, "alarm-processor")["FunctionArn"]
    listens = {
        one["TopicArn"]
        for region in platform.regions
        for one in platform.client("sns", region=region).list_subscriptions()["Subscriptions"]
        if one["Endpoint"] == arn
    }
    severity_topics = {platform.outputs[f"sns_{level}_topic_arn"] for level in platform.severities}
    assert listens, "nothing invokes alarm-processor"
    assert listens & severity_topics == set(), "it would answer its own messages for ever"
