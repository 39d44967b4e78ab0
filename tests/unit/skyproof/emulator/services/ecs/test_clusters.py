"""Clusters: what is put comes back, what is deleted is not listed."""

from __future__ import annotations

from typing import Any

import pytest

CONFIGURATION = {
    "executeCommandConfiguration": {
        "kmsKeyId": "alias/k",
        "logging": "OVERRIDE",
        "logConfiguration": {
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchLogGroupName": "/exec",
        },
    }
}
NAMESPACE = "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-1"
STRATEGY = [{"capacityProvider": "FARGATE", "weight": 1, "base": 2}]
ENHANCED = [{"name": "containerInsights", "value": "enhanced"}]


def make(ecs: Any) -> None:
    ecs.client.create_cluster(
        clusterName="full",
        settings=ENHANCED,
        configuration=CONFIGURATION,
        serviceConnectDefaults={"namespace": NAMESPACE},
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=STRATEGY,
        tags=[{"key": "team", "value": "core"}],
    )


def test_everything_put_comes_back_when_it_is_asked_for(ecs: Any) -> None:
    make(ecs)
    got = ecs.cluster("full", "SETTINGS", "CONFIGURATIONS", "TAGS")
    assert got["settings"] == ENHANCED
    assert got["configuration"] == CONFIGURATION
    assert got["tags"] == [{"key": "team", "value": "core"}]
    assert got["serviceConnectDefaults"] == {"namespace": NAMESPACE}
    assert got["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert got["defaultCapacityProviderStrategy"] == STRATEGY


def test_what_is_not_asked_for_is_left_out(ecs: Any) -> None:
    make(ecs)
    got = ecs.cluster("full")
    assert (got["settings"], got["tags"], got["statistics"]) == ([], [], [])
    assert "configuration" not in got


def test_a_cluster_without_capacity_providers_tells_empty_lists(ecs: Any) -> None:
    got = ecs.cluster()
    assert (got["capacityProviders"], got["defaultCapacityProviderStrategy"]) == ([], [])


def test_capacity_providers_are_put_as_a_whole(ecs: Any) -> None:
    make(ecs)
    ecs.client.put_cluster_capacity_providers(
        cluster="full", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    got = ecs.cluster("full")
    assert got["capacityProviders"] == ["FARGATE_SPOT"]
    assert got["defaultCapacityProviderStrategy"] == []


@pytest.mark.parametrize("operation", ["update_cluster", "update_cluster_settings"])
def test_settings_can_be_changed(ecs: Any, operation: str) -> None:
    getattr(ecs.client, operation)(cluster="c", settings=ENHANCED)
    assert ecs.cluster("c", "SETTINGS")["settings"] == ENHANCED


def test_making_a_cluster_again_changes_nothing(ecs: Any) -> None:
    make(ecs)
    again = ecs.client.create_cluster(clusterName="full")["cluster"]
    assert again["settings"] == ENHANCED
    assert ecs.cluster("full", "CONFIGURATIONS")["configuration"] == CONFIGURATION


def test_a_deleted_cluster_is_described_inactive_and_not_listed(ecs: Any) -> None:
    make(ecs)
    ecs.client.delete_cluster(cluster="full")
    assert ecs.cluster("full")["status"] == "INACTIVE"
    [listed] = ecs.client.list_clusters()["clusterArns"]
    assert listed.endswith(":cluster/c")


def test_a_deleted_cluster_can_be_made_anew(ecs: Any) -> None:
    make(ecs)
    ecs.client.delete_cluster(cluster="full")
    ecs.client.create_cluster(clusterName="full")
    got = ecs.cluster("full", "SETTINGS", "CONFIGURATIONS")
    assert got["status"] == "ACTIVE"
    assert got["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert "configuration" not in got


def test_clusters_are_listed_in_pages(ecs: Any) -> None:
    for name in ("a", "b"):
        ecs.client.create_cluster(clusterName=name)
    pages = ecs.client.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
    got = [[arn.rpartition("/")[2] for arn in page["clusterArns"]] for page in pages]
    assert [len(page) for page in got] == [2, 1]
    assert sorted(name for page in got for name in page) == ["a", "b", "c"]


def test_a_cluster_with_active_services_is_not_deleted(ecs: Any, refused: Any) -> None:
    ecs.create()
    assert refused(ecs.client.delete_cluster, cluster="c") == (
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
    )
    ecs.client.delete_service(cluster="c", service="web", force=True)
    assert ecs.client.delete_cluster(cluster="c")["cluster"]["status"] == "INACTIVE"


def test_a_cluster_with_running_tasks_is_not_deleted(ecs: Any, refused: Any) -> None:
    ecs.client.run_task(
        cluster="c",
        taskDefinition=ecs.task,
        launchType="FARGATE",
        networkConfiguration=ecs.network.configuration,
    )
    code, _ = refused(ecs.client.delete_cluster, cluster="c")
    assert code == "ClusterContainsTasksException"


def test_a_cluster_counts_its_services_and_their_tasks(ecs: Any) -> None:
    ecs.create(desiredCount=3)
    got = ecs.cluster("c", "STATISTICS")
    counts = ("activeServicesCount", "runningTasksCount", "pendingTasksCount")
    assert [got[name] for name in counts] == [1, 3, 0]
    statistics = {entry["name"]: entry["value"] for entry in got["statistics"]}
    assert statistics["runningFargateTasksCount"] == "3"
    assert statistics["activeFargateServiceCount"] == "1"
    assert statistics["activeEC2ServiceCount"] == "0"
    ecs.client.delete_service(cluster="c", service="web", force=True)
    assert [ecs.cluster()[name] for name in counts] == [0, 0, 0]


def test_an_inactive_cluster_takes_no_service(ecs: Any, refused: Any) -> None:
    ecs.client.delete_cluster(cluster="c")
    assert refused(ecs.create) == ("ClientException", "The referenced cluster was inactive.")


def test_tags_come_and_go(ecs: Any) -> None:
    make(ecs)
    arn = ecs.cluster("full")["clusterArn"]
    ecs.client.tag_resource(resourceArn=arn, tags=[{"key": "env", "value": "test"}])
    ecs.client.untag_resource(resourceArn=arn, tagKeys=["team"])
    expected = [{"key": "env", "value": "test"}]
    assert ecs.client.list_tags_for_resource(resourceArn=arn)["tags"] == expected
    assert ecs.cluster("full", "TAGS")["tags"] == expected
