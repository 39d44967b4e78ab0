"""Wanted: EventBridge rules for automation driven by metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def alarm_rules(platform: Platform) -> list[dict[str, Any]]:
    rules = platform.client("events").list_rules(NamePrefix=platform.prefix)["Rules"]
    return [
        rule for rule in rules if "CloudWatch Alarm State Change" in rule.get("EventPattern", "")
    ]


def test_an_alarms_change_of_state_triggers_a_response(
    platform: Platform, alarm_rules: list[dict[str, Any]]
) -> None:
    assert alarm_rules, "no rule listens to alarms"
    for rule in alarm_rules:
        pattern = json.loads(rule["EventPattern"])
        assert pattern["source"] == ["aws.cloudwatch"]
        assert rule["State"] == "ENABLED"
        targets = platform.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert targets, f"{rule['Name']} has no target"


def test_every_target_retries_and_keeps_what_it_could_not_deliver(platform: Platform) -> None:
    events = platform.client("events")
    rules = events.list_rules(NamePrefix=platform.prefix)["Rules"]
    assert rules
    for rule in rules:
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            where = f"{rule['Name']} → {target['Arn']}"
            assert 60 <= target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 86_400, where
            assert 1 <= target["RetryPolicy"]["MaximumRetryAttempts"] <= 185, where
            queue = platform.queue_attributes(target["DeadLetterConfig"]["Arn"])
            assert "events.amazonaws.com" in queue["Policy"], f"{where}: {queue['Policy']}"
