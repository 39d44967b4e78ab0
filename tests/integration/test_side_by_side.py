"""Two suffixes live in one account, and each environment has its own settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import REGIONS, Platform

pytestmark = ON_THE_PLATFORM


def settings(platform: Platform, name: str) -> dict[str, str]:
    got: dict[str, str] = platform.client("lambda").get_function_configuration(
        FunctionName=platform.name(name)
    )["Environment"]["Variables"]
    return got


def test_both_exist_under_their_own_names(platform: Platform, twin: Platform) -> None:
    for one in (platform, twin):
        dashboards = one.client("cloudwatch").list_dashboards(DashboardNamePrefix=one.prefix)
        assert [d["DashboardName"] for d in dashboards["DashboardEntries"]] == [one.name("main")]
        assert one.metric_alarms()


def test_they_share_the_one_sink_that_an_account_has(platform: Platform, twin: Platform) -> None:
    sinks = {item["Name"]: item["Arn"] for item in platform.client("oam").list_sinks()["Items"]}
    assert [*sinks] == [platform.name("sink")]
    used = [one.outputs["oam_sink_arn"] for one in (platform, twin)]
    assert used == [sinks[platform.name("sink")]] * 2


def test_neither_knows_the_other(platform: Platform, twin: Platform) -> None:
    for one, other in ((platform, twin), (twin, platform)):
        for region in REGIONS:
            for alarm in one.all_alarms(region):
                assert other.prefix not in json.dumps(alarm, default=str), alarm["AlarmName"]


@pytest.mark.parametrize("name", ["metric-processor", "alarm-processor"])
def test_the_functions_are_configured_for_their_environment(
    platform: Platform, twin: Platform, name: str
) -> None:
    staging, production = settings(platform, name), settings(twin, name)
    assert staging.keys() == production.keys()
    differing = {key for key in staging if staging[key] != production[key]}
    assert "ENVIRONMENT" in differing
    logging = [
        one.client("lambda").get_function_configuration(FunctionName=one.name(name))[
            "LoggingConfig"
        ]["ApplicationLogLevel"]
        for one in (platform, twin)
    ]
    assert logging == ["DEBUG", "INFO"]


def test_production_suppresses_no_alarm(twin: Platform) -> None:
    composites: list[dict[str, Any]] = [
        alarm for alarm in twin.all_alarms() if "AlarmRule" in alarm
    ]
    assert len(composites) >= 2
    assert {alarm["AlarmName"]: alarm.get("ActionsSuppressor") for alarm in composites} == {
        alarm["AlarmName"]: None for alarm in composites
    }
