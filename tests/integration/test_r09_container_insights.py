"""Requirement 9: Container Insights for metrics of ECS tasks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def cluster(platform: Platform) -> dict[str, Any]:
    got = platform.client("ecs").describe_clusters(
        clusters=[platform.outputs["ecs_cluster_name"]],
        include=["SETTINGS", "CONFIGURATIONS", "TAGS"],
    )["clusters"]
    assert [one["clusterName"] for one in got] == [platform.name("cluster")]
    found: dict[str, Any] = got[0]
    return found


def test_the_cluster_has_container_insights(cluster: dict[str, Any]) -> None:
    settings = {one["name"]: one["value"] for one in cluster["settings"]}
    assert settings["containerInsights"] in ("enabled", "enhanced")


def test_commands_run_inside_it_are_logged_and_encrypted(
    platform: Platform, cluster: dict[str, Any]
) -> None:
    execute = cluster["configuration"]["executeCommandConfiguration"]
    assert execute["logging"] == "OVERRIDE"
    group = execute["logConfiguration"]["cloudWatchLogGroupName"]
    assert platform.prefix in group
    found = platform.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [one["retentionInDays"] for one in found] == [platform.log_retention_days]


def test_an_alarm_watches_a_metric_of_container_insights(platform: Platform) -> None:
    watched = {m for alarm in platform.metric_alarms() for m in platform.metrics_of(alarm)}
    assert "ECS/ContainerInsights" in {namespace for namespace, _ in watched}, sorted(watched)
