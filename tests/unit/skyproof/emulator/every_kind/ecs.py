"""Services, with the fields that a platform sets."""

from __future__ import annotations

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged
from tests.unit.skyproof.emulator.every_kind.packages import network


class EcsService(Tagged):
    service = "ecs"

    def prepare(self) -> None:
        insights = [{"name": "containerInsights", "value": "enhanced"}]
        self.client.create_cluster(clusterName="shop", settings=insights)
        self.tasks = [self.task() for _ in range(2)]
        self.subnets, self.groups = network(self.aws)

    def task(self) -> str:
        web = {"name": "web", "image": "web", "portMappings": [{"containerPort": 80}]}
        made = self.client.register_task_definition(
            family="web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[web],
        )
        arn: str = made["taskDefinition"]["taskDefinitionArn"]
        return arn

    def first(self) -> Fields:
        return {
            "taskDefinition": self.tasks[0],
            "desiredCount": 2,
            "capacityProviderStrategy": [
                {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
                {"capacityProvider": "FARGATE_SPOT", "weight": 4, "base": 0},
            ],
            "platformVersion": "1.4.0",
            "networkConfiguration": self.network("ENABLED"),
            "deploymentConfiguration": self.deployment(150),
            "deploymentController": {"type": "ECS"},
            "schedulingStrategy": "REPLICA",
            "loadBalancers": [self.balancer()],
            "serviceRegistries": [
                {"registryArn": self.aws.arn("servicediscovery", "service/srv-1")}
            ],
            "healthCheckGracePeriodSeconds": 30,
            "availabilityZoneRebalancing": "DISABLED",
            "propagateTags": "SERVICE",
            "enableECSManagedTags": True,
            "enableExecuteCommand": True,
        }

    def change(self) -> Fields:
        return {
            "taskDefinition": self.tasks[1],
            "desiredCount": 0,
            "networkConfiguration": self.network("DISABLED"),
            "deploymentConfiguration": self.deployment(200),
            "healthCheckGracePeriodSeconds": 60,
            "propagateTags": "TASK_DEFINITION",
            "enableExecuteCommand": False,
        }

    def network(self, public: str) -> Fields:
        ids = {"subnets": self.subnets, "securityGroups": self.groups}
        return {"awsvpcConfiguration": {**ids, "assignPublicIp": public}}

    def deployment(self, most: int) -> Fields:
        return {
            "maximumPercent": most,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "alarms": {"alarmNames": ["slow"], "enable": True, "rollback": True},
        }

    def balancer(self) -> Fields:
        target = self.aws.arn("elasticloadbalancing", "targetgroup/web/0123456789abcdef")
        return {"targetGroupArn": target, "containerName": "web", "containerPort": 80}

    def create(self, fields: Fields) -> None:
        made = self.client.create_service(cluster="shop", serviceName="web", **fields)
        self.made = made["service"]["serviceArn"]

    def update(self, change: Fields) -> None:
        self.client.update_service(cluster="shop", service="web", **change)

    def read(self) -> Fields | None:
        """A deleted service is told for some time yet, as INACTIVE."""
        answer = self.client.describe_services(cluster="shop", services=["web"])
        told: Fields = answer["services"][0]
        return None if told["status"] == "INACTIVE" else told

    def delete(self) -> None:
        self.client.delete_service(cluster="shop", service="web")


KINDS: tuple[type[Kind], ...] = (EcsService,)
