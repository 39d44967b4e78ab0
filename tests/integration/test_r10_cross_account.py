"""Requirement 10: metrics of two source accounts in the monitoring account, through OAM."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import MONITORING, SOURCES, Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def sink(platform: Platform) -> dict[str, Any]:
    got: dict[str, Any] = platform.client("oam").get_sink(
        Identifier=platform.outputs["oam_sink_arn"]
    )
    return got


def links(platform: Platform, account: str) -> list[dict[str, Any]]:
    oam = platform.client("oam", account=account)
    return [oam.get_link(Identifier=one["Arn"]) for one in oam.list_links()["Items"]]


def test_the_sink_stands_in_the_monitoring_account(
    sink: dict[str, Any], platform: Platform
) -> None:
    assert sink["Name"] == platform.name("sink")
    assert f":{MONITORING}:sink/" in sink["Arn"]


@pytest.mark.parametrize("account", SOURCES)
def test_each_source_account_links_to_it(
    platform: Platform, sink: dict[str, Any], account: str
) -> None:
    got = links(platform, account)
    assert [one["SinkArn"] for one in got] == [sink["Arn"]]
    assert "AWS::CloudWatch::Metric" in got[0]["ResourceTypes"]


def test_no_link_stands_in_the_sinks_own_account(platform: Platform) -> None:
    assert links(platform, MONITORING) == []


def test_the_sink_knows_both_links(platform: Platform, sink: dict[str, Any]) -> None:
    attached = platform.client("oam").list_attached_links(SinkIdentifier=sink["Arn"])["Items"]
    assert {one["LinkArn"].split(":")[4] for one in attached} == set(SOURCES)


def test_the_sinks_policy_names_the_source_accounts_and_nobody_else(
    platform: Platform, sink: dict[str, Any]
) -> None:
    got = platform.client("oam").get_sink_policy(SinkIdentifier=sink["Arn"])["Policy"]
    for statement in json.loads(got)["Statement"]:
        principals = statement["Principal"]["AWS"]
        principals = [principals] if isinstance(principals, str) else principals
        accounts = {p.split(":")[4] if p.startswith("arn:") else p for p in principals}
        assert accounts == set(SOURCES)
        assert "oam:ResourceTypes" in json.dumps(statement["Condition"]), statement


def test_the_reading_role_is_not_open_to_the_world(platform: Platform) -> None:
    role = platform.role(platform.outputs["cross_account_role_arn"])
    for statement in role["AssumeRolePolicyDocument"]["Statement"]:
        assert statement["Principal"] != "*"
        principals = statement["Principal"].get("AWS", [])
        assert principals != [], "an empty list of principals is refused by IAM"
        assert "*" not in ([principals] if isinstance(principals, str) else principals)
