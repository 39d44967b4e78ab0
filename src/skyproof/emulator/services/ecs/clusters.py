"""Clusters: listed while they are active, described as asked, deleted when empty.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result, operation, without_metadata
from skyproof.emulator.services.ecs.common import page, short_name
from skyproof.emulator.services.ecs.store import ACTIVE, INACTIVE, Store

EVERYTHING = ("SETTINGS", "CONFIGURATIONS", "TAGS")
KINDS = {"EC2": "EC2", "FARGATE": "Fargate", "EXTERNAL": "External"}


class Clusters:
    """Operations on clusters."""

    stores: Regional[Store]

    @operation("CreateCluster")
    def create_cluster(self, call: Call, params: Params) -> Result:
        """Making one that is active again gives the one there is (the base would make it anew)."""
        name = short_name(params.get("clusterName", "default"))
        there = _found(call, name)
        if there is None or there["status"] == INACTIVE:
            call.base().create_cluster(**params)
        return {"cluster": self._cluster(call, name)}

    @operation("UpdateCluster")
    def update_cluster(self, call: Call, params: Params) -> Result:
        name = active_cluster(call, params["cluster"])["clusterName"]
        call.base().update_cluster(**params)
        return {"cluster": self._cluster(call, name)}

    @operation("UpdateClusterSettings")
    def update_cluster_settings(self, call: Call, params: Params) -> Result:
        return self.update_cluster(call, params)

    @operation("PutClusterCapacityProviders")
    def put_cluster_capacity_providers(self, call: Call, params: Params) -> Result:
        name = active_cluster(call, params["cluster"])["clusterName"]
        call.base().put_cluster_capacity_providers(**params)
        return {"cluster": self._cluster(call, name)}

    @operation("ListClusters")
    def list_clusters(self, call: Call, params: Params) -> Result:
        arns = call.base().list_clusters()["clusterArns"]
        described = call.base().describe_clusters(clusters=arns)["clusters"] if arns else []
        active = sorted(c["clusterArn"] for c in described if c["status"] == ACTIVE)
        listed, token = page(active, params)
        return {"clusterArns": listed, **token}

    @operation("DescribeClusters")
    def describe_clusters(self, call: Call, params: Params) -> Result:
        answer = without_metadata(call.base().describe_clusters(**params))
        include = params.get("include", ())
        answer["clusters"] = [self._shown(call, c, include) for c in answer["clusters"]]
        return answer

    @operation("DeleteCluster")
    def delete_cluster(self, call: Call, params: Params) -> Result:
        cluster = self._cluster(call, cluster_of(call, params["cluster"])["clusterName"])
        for count, code, what in (
            (
                "registeredContainerInstancesCount",
                "ClusterContainsContainerInstancesException",
                "Container Instances are active or draining",
            ),
            ("activeServicesCount", "ClusterContainsServicesException", "Services are active"),
            ("runningTasksCount", "ClusterContainsTasksException", "Tasks are active"),
        ):
            if cluster[count]:
                raise AwsError(code, f"The Cluster cannot be deleted while {what}.")
        call.base().delete_cluster(**params)
        return {"cluster": cluster | {"status": INACTIVE}}

    def _cluster(self, call: Call, name: str) -> dict[str, Any]:
        described = call.base().describe_clusters(clusters=[name], include=["TAGS"])["clusters"]
        return self._shown(call, described[0], EVERYTHING)

    def _shown(self, call: Call, cluster: dict[str, Any], include: Any) -> dict[str, Any]:
        services = self.stores.of(call).active(cluster["clusterName"])
        counts, running = Counter[str](), Counter[str]()
        for service in services:
            counts[service.kind] += 1
            running[service.kind] += service.desired(cluster["registeredContainerInstancesCount"])
        shown = cluster | {
            "activeServicesCount": len(services),
            "runningTasksCount": running.total() + _tasks_alone(call, cluster["clusterName"]),
            "pendingTasksCount": 0,
            "statistics": _statistics(counts, running) if "STATISTICS" in include else [],
            "settings": cluster.get("settings", []) if "SETTINGS" in include else [],
            "capacityProviders": cluster.get("capacityProviders", []),
            "defaultCapacityProviderStrategy": cluster.get("defaultCapacityProviderStrategy", []),
            "tags": cluster.get("tags", []),
        }
        if "CONFIGURATIONS" not in include:
            shown.pop("configuration", None)
        return shown


def cluster_of(call: Call, name_or_arn: str) -> dict[str, Any]:
    """The base's cluster of that name, active or not.

    Raises:
        AwsError: ClusterNotFoundException.
    """
    found = _found(call, name_or_arn)
    if found is None:
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return found


def active_cluster(call: Call, name_or_arn: str) -> dict[str, Any]:
    """The base's cluster of that name.

    Raises:
        AwsError: ClusterNotFoundException; ClientException for one that was deleted.
    """
    found = cluster_of(call, name_or_arn)
    if found["status"] != ACTIVE:
        raise AwsError("ClientException", "The referenced cluster was inactive.")
    return found


def _found(call: Call, name_or_arn: str) -> dict[str, Any] | None:
    found = call.base().describe_clusters(clusters=[name_or_arn])["clusters"]
    return dict(found[0]) if found else None


def _tasks_alone(call: Call, cluster: str) -> int:
    """Running tasks that no service holds; the base lists those of like-named clusters too."""
    arns = call.base().list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    return sum(f":task/{cluster}/" in arn for arn in arns)


def _statistics(services: Counter[str], running: Counter[str]) -> list[dict[str, str]]:
    """Counts of what services hold, by launch type."""
    numbers: dict[str, int] = {}
    for kind, label in KINDS.items():
        numbers[f"running{label}TasksCount"] = running[kind]
        numbers[f"pending{label}TasksCount"] = 0
        numbers[f"active{label}ServiceCount"] = services[kind]
        numbers[f"draining{label}ServiceCount"] = 0
    return [{"name": name, "value": str(number)} for name, number in numbers.items()]
