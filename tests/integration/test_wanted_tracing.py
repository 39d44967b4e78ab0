"""Wanted: X-Ray groups and sampling rules."""

from __future__ import annotations

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


def test_a_group_collects_what_went_wrong(platform: Platform) -> None:
    groups = platform.client("xray").get_groups()["Groups"]
    ours = [group for group in groups if group["GroupName"].startswith(platform.prefix)]
    assert ours, [group["GroupName"] for group in groups]
    assert any("fault" in group["FilterExpression"] for group in ours), ours
    insights = {g["GroupName"]: g["InsightsConfiguration"]["InsightsEnabled"] for g in ours}
    assert any(insights.values()), insights


def test_sampling_rules_bear_the_suffix_and_spare_only_health_checks(platform: Platform) -> None:
    records = platform.client("xray").get_sampling_rules()["SamplingRuleRecords"]
    rules = [r["SamplingRule"] for r in records if r["SamplingRule"]["RuleName"] != "Default"]
    ours = [rule for rule in rules if platform.suffix in rule["RuleName"]]
    assert ours, [rule["RuleName"] for rule in rules]
    for rule in ours:
        spared = rule["URLPath"].startswith("/health")
        assert rule["FixedRate"] == 0 if spared else 0 < rule["FixedRate"] <= 1, rule
        assert rule["Priority"] < 10_000, rule
