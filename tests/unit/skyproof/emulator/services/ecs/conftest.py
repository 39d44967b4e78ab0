"""A cluster, a task definition and a network to put services into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError


@dataclass
class Network:
    """A subnet and a security group that exist."""

    subnet: str
    group: str

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "awsvpcConfiguration": {
                "subnets": [self.subnet],
                "securityGroups": [self.group],
                "assignPublicIp": "DISABLED",
            }
        }


@dataclass
class Ecs:
    """boto3's client with what most tests start from: cluster ``c``, task ``web:1``, network."""

    client: Any
    network: Network
    task: str

    def create(self, name: str = "web", **params: Any) -> dict[str, Any]:
        """A Fargate service in cluster ``c``, unless the parameters say otherwise."""
        defaults = {
            "cluster": "c",
            "serviceName": name,
            "taskDefinition": self.task,
            "desiredCount": 2,
            "networkConfiguration": self.network.configuration,
        }
        if "capacityProviderStrategy" not in params:
            defaults["launchType"] = "FARGATE"
        made: dict[str, Any] = self.client.create_service(**defaults | params)["service"]
        return made

    def describe(self, name: str = "web", **params: Any) -> dict[str, Any]:
        [service] = self.client.describe_services(cluster="c", services=[name], **params)[
            "services"
        ]
        found: dict[str, Any] = service
        return found

    def cluster(self, name: str = "c", *include: str) -> dict[str, Any]:
        [cluster] = self.client.describe_clusters(clusters=[name], include=[*include])["clusters"]
        found: dict[str, Any] = cluster
        return found


Refused = Callable[..., tuple[str, str]]


@pytest.fixture
def refused() -> Refused:
    """``refused(call, **params)``: the code and the message of the refusal."""

    def of(call: Any, *arguments: Any, **params: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            call(*arguments, **params)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return of


@pytest.fixture
def ecs(client: Any) -> Ecs:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    # Without it the base fails to run a task in the VPC.
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    network = Network(
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"],
        ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"],
    )
    made = client("ecs")
    made.create_cluster(clusterName="c")
    task = made.register_task_definition(
        family="web",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "app:1"}],
    )["taskDefinition"]["taskDefinitionArn"]
    return Ecs(made, network, task)
