"""Requirement 1: composite alarms over at least three different metrics, with AND and OR."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

COMPOSITES = ["system-health", "performance-degradation"]
STATE = re.compile(r"""(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"[^"]*"|'[^']*'|[^()"']+)\s*\)""")


def composite(platform: Platform, name: str) -> dict[str, Any]:
    found = platform.client("cloudwatch").describe_alarms(
        AlarmNames=[platform.name(name)], AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    assert [one["AlarmName"] for one in found] == [platform.name(name)]
    alarm: dict[str, Any] = found[0]
    return alarm


def metrics_of(alarm: dict[str, Any]) -> set[tuple[str, str]]:
    """The metrics that a metric alarm reads, those inside its metric math included."""
    if "MetricName" in alarm:
        return {(alarm["Namespace"], alarm["MetricName"])}
    stats = [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    return {(metric["Namespace"], metric["MetricName"]) for metric in stats}


def operators_by_depth(rule: str) -> dict[tuple[int, ...], set[str]]:
    """AND and OR of a rule, grouped by the parenthesis that they stand in."""
    found: dict[tuple[int, ...], set[str]] = {}
    path, opened = [0], 0
    for token in re.findall(r"[()]|\bAND\b|\bOR\b", STATE.sub("STATE", rule)):
        if token == "(":
            opened += 1
            path.append(opened)
        elif token == ")":
            path.pop()
        else:
            found.setdefault(tuple(path), set()).add(token)
    return found


@pytest.mark.parametrize("name", COMPOSITES)
def test_the_children_reach_at_least_three_different_metrics(platform: Platform, name: str) -> None:
    children = platform.client("cloudwatch").describe_alarms(
        ChildrenOfAlarmName=platform.name(name)
    )
    metrics: set[tuple[str, str]] = set()
    for child in children["MetricAlarms"]:
        metrics |= metrics_of(platform.metric_alarm(child["AlarmName"]))
    assert len(metrics) >= 3, f"{platform.name(name)} watches {sorted(metrics)}"


@pytest.mark.parametrize("name", COMPOSITES)
def test_the_rule_combines_and_with_or(platform: Platform, name: str) -> None:
    rule = composite(platform, name)["AlarmRule"]
    operators = set().union(*operators_by_depth(rule).values())
    assert operators == {"AND", "OR"}, f"{platform.name(name)}: {rule}"


@pytest.mark.parametrize("name", COMPOSITES)
def test_no_reader_needs_to_know_that_and_binds_before_or(platform: Platform, name: str) -> None:
    rule = composite(platform, name)["AlarmRule"]
    mixed = {path for path, operators in operators_by_depth(rule).items() if len(operators) > 1}
    assert mixed == set(), f"AND and OR in one parenthesis: {rule}"


@pytest.mark.parametrize("name", COMPOSITES)
def test_every_child_exists_in_the_same_account_and_region(platform: Platform, name: str) -> None:
    rule = composite(platform, name)["AlarmRule"]
    named = set(re.findall(r"""["']([^"']+)["']""", rule))
    assert named, f"no child is named in {rule}"
    cloudwatch = platform.client("cloudwatch")
    found = cloudwatch.describe_alarms(
        AlarmNames=sorted(named), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = found["MetricAlarms"] + found["CompositeAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == named


@pytest.mark.parametrize("name", COMPOSITES)
def test_its_action_is_a_topic_of_its_own_region(platform: Platform, name: str) -> None:
    alarm = composite(platform, name)
    assert alarm["ActionsEnabled"] is True
    assert alarm["AlarmActions"], "nobody would hear of it"
    for action in alarm["AlarmActions"]:
        assert action.startswith("arn:aws:sns:us-east-1:"), action


def test_maintenance_mode_suppresses_both_outside_production(platform: Platform) -> None:
    suppressor = platform.metric_alarm(platform.name("maintenance-mode"))["AlarmArn"]
    for name in COMPOSITES:
        alarm = composite(platform, name)
        assert alarm["ActionsSuppressor"] in (suppressor, platform.name("maintenance-mode"))
        assert alarm["ActionsSuppressorWaitPeriod"] > 0
        assert alarm["ActionsSuppressorExtensionPeriod"] > 0
