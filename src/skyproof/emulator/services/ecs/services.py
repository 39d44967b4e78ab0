"""Services: every field kept, and each steady as soon as it is made or changed.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import uuid4

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result, operation, without_metadata
from skyproof.emulator.services.ecs import network
from skyproof.emulator.services.ecs.clusters import active_cluster, cluster_of
from skyproof.emulator.services.ecs.common import invalid, page, short_name
from skyproof.emulator.services.ecs.store import INACTIVE, Deployment, ServiceRecord, Store
from skyproof.emulator.services.ecs.task_definitions import described
from skyproof.emulator.world import World

#: Members that the answer tells as the request put them.
KEPT = (
    "availabilityZoneRebalancing",
    "deploymentController",
    "desiredCount",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "schedulingStrategy",
    "serviceRegistries",
)
#: Members that only the deployment tells.
DEPLOYED = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
#: Members whose change is a new deployment, as are those of DEPLOYED.
REDEPLOYING = (
    "taskDefinition",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
)
DEFAULTS: dict[str, Any] = {
    "availabilityZoneRebalancing": "ENABLED",
    "deploymentController": {"type": "ECS"},
    "desiredCount": 0,
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "loadBalancers": [],
    "placementConstraints": [],
    "placementStrategy": [],
    "propagateTags": "NONE",
    "schedulingStrategy": "REPLICA",
    "serviceRegistries": [],
}
#: Lower and upper bound of a deployment, in percent of the desired count.
BOUNDS = {"REPLICA": (100, 200), "DAEMON": (0, 100)}
CAPACITY = ("launchType", "capacityProviderStrategy")
SERVICE_LINKED_ROLE = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
#: What the platform version LATEST stands for.
LINUX_PLATFORM, WINDOWS_PLATFORM = "1.4.0", "1.0.0"
LISTED_BY_DEFAULT = 10
MOST_EVENTS = 100
FROM_BASE = ("serviceArn", "serviceName", "clusterArn", "taskSets", "tags")
FROM_BASE_EXTERNAL = (*FROM_BASE, "taskDefinition", "loadBalancers")


class Services:
    """Operations on services."""

    stores: Regional[Store]
    world: World

    @operation("CreateService")
    def create_service(self, call: Call, params: Params) -> Result:
        """A repetition gives the service there is."""
        cluster = active_cluster(call, params.get("cluster", "default"))
        request = {name: value for name, value in params.items() if name != "clientToken"}
        key = (cluster["clusterName"], params["serviceName"])
        services = self.stores.of(call).services
        there = services.get(key)
        if there is None or not there.is_active:
            services[key] = self._made(call, cluster, request)
        elif there.request != request:
            raise invalid("Creation of service was not idempotent.")
        return self._answer(call, services[key])

    @operation("UpdateService")
    def update_service(self, call: Call, params: Params) -> Result:
        record = self._record(call, params)
        if not record.is_active:
            raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
        before = _deployed_state(record)
        changed = self._changed(call, record, params)
        record.fields = changed
        record.deployed |= {name: params[name] for name in DEPLOYED if name in params}
        _complete(record)
        is_new = params.get("forceNewDeployment", False) or _deployed_state(record) != before
        self._deploy(record, is_new=is_new)
        # The base takes the share of a task set from its own count.
        call.base().update_service(
            cluster=record.cluster, service=record.name, desiredCount=changed["desiredCount"]
        )
        return self._answer(call, record)

    @operation("DescribeServices")
    def describe_services(self, call: Call, params: Params) -> Result:
        answer = without_metadata(call.base().describe_services(**params))
        services = self.stores.of(call).services
        answer["services"] = [
            self._told(call, services[short_name(s["clusterArn"]), s["serviceName"]], s)
            for s in answer["services"]
        ]
        return answer

    @operation("ListServices")
    def list_services(self, call: Call, params: Params) -> Result:
        cluster = cluster_of(call, params.get("cluster", "default"))["clusterName"]
        arns = [
            service.arn
            for service in self.stores.of(call).active(cluster)
            if params.get("launchType") in (None, service.fields.get("launchType"))
            and params.get("schedulingStrategy") in (None, service.fields["schedulingStrategy"])
            and params.get("resourceManagementType") in (None, "CUSTOMER")
        ]
        listed, token = page(arns, params, LISTED_BY_DEFAULT)
        return {"serviceArns": listed, **token}

    @operation("DeleteService")
    def delete_service(self, call: Call, params: Params) -> Result:
        """Draining takes no time, since there are no tasks to drain."""
        record = self._record(call, params)
        if not record.is_active:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        is_scaled = record.fields["desiredCount"] > 0 and not record.is_daemon
        if is_scaled and not params.get("force", False):
            raise invalid("The service cannot be stopped while it is scaled above 0.")
        call.base().delete_service(cluster=record.cluster, service=record.name, force=True)
        record.status = INACTIVE
        return self._answer(call, record)

    def _record(self, call: Call, params: Params) -> ServiceRecord:
        cluster = cluster_of(call, params.get("cluster", "default"))["clusterName"]
        record = self.stores.of(call).services.get((cluster, short_name(params["service"])))
        if record is None:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        return record

    def _made(self, call: Call, cluster: dict[str, Any], request: Params) -> ServiceRecord:
        fields = deepcopy(DEFAULTS) | _kept(request) | _capacity(request, cluster)
        lower, upper = BOUNDS[fields["schedulingStrategy"]]
        fields["deploymentConfiguration"] = {
            "maximumPercent": upper,
            "minimumHealthyPercent": lower,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False},
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        } | request.get("deploymentConfiguration", {})
        fields["roleArn"] = _role(call, request.get("role", SERVICE_LINKED_ROLE))
        family = self._run_as(call, fields, request)
        made = call.base().create_service(
            cluster=cluster["clusterName"],
            serviceName=request["serviceName"],
            desiredCount=fields["desiredCount"],
            deploymentController=fields["deploymentController"],
            tags=request.get("tags", []),
        )["service"]
        now = self.world.clock.now()
        record = ServiceRecord(
            arn=made["serviceArn"],
            cluster=cluster["clusterName"],
            name=request["serviceName"],
            created=now,
            request=request,
            fields=fields,
            deployed={name: request[name] for name in DEPLOYED if name in request},
            deployment=Deployment("", now, now),
            family=family,
        )
        _complete(record)
        self._deploy(record, is_new=True)
        return record

    def _changed(self, call: Call, record: ServiceRecord, params: Params) -> dict[str, Any]:
        """The fields of a service after a change."""
        fields = record.fields | _kept(params)
        if "deploymentConfiguration" in params:
            configuration = record.fields["deploymentConfiguration"]
            fields["deploymentConfiguration"] = configuration | params["deploymentConfiguration"]
        if "capacityProviderStrategy" in params:
            without = {name: fields[name] for name in fields if name not in CAPACITY}
            fields = without | _capacity(params, cluster_of(call, record.cluster))
        if {"taskDefinition", "networkConfiguration"} & params.keys():
            record.family = self._run_as(call, fields, params)
        return fields

    def _run_as(self, call: Call, fields: dict[str, Any], asked: Params) -> str:
        """Put task definition and network into the fields once they fit; tell the platform family.

        Task sets bring their own to a service whose deployments are controlled from outside.
        """
        if fields["deploymentController"]["type"] == "EXTERNAL":
            return "Linux"
        name = asked.get("taskDefinition") or fields.get("taskDefinition")
        if not name:
            raise invalid("TaskDefinition can not be blank.")
        task = described(self.stores.of(call), call, name)
        if "taskDefinition" in asked:
            _check_task(task, fields.get("launchType"))
        wanted = asked.get("networkConfiguration") or fields.get("networkConfiguration")
        if task["networkMode"] == "awsvpc" and not wanted:
            raise invalid(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            )
        if task["networkMode"] != "awsvpc" and wanted:
            raise invalid(
                "Network Configuration is not valid for the given networkMode of this task "
                "definition."
            )
        fields["taskDefinition"] = task["taskDefinitionArn"]
        if wanted:
            fields["networkConfiguration"] = network.checked(call, wanted)
        system = task.get("runtimePlatform", {}).get("operatingSystemFamily", "LINUX")
        return str(system.title())

    def _deploy(self, record: ServiceRecord, *, is_new: bool) -> None:
        """Complete at once what was asked for, in a new deployment or in the one there is."""
        now = self.world.clock.now()
        record.deployment.updated = now
        messages = []
        if is_new:
            record.deployment = Deployment(f"ecs-svc/{uuid4().int % 10**19:019}", now, now)
            if record.controller == "ECS":
                messages.append(f"(deployment {record.deployment.id}) deployment completed.")
        messages.append("has reached a steady state.")
        for message in messages:
            event = {"id": str(uuid4()), "createdAt": now}
            event["message"] = f"(service {record.name}) {message}"
            record.events.insert(0, event)
        del record.events[MOST_EVENTS:]

    def _answer(self, call: Call, record: ServiceRecord) -> Result:
        [service] = call.base().describe_services(
            cluster=record.cluster, services=[record.name], include=["TAGS"]
        )["services"]
        return {"service": self._told(call, record, service)}

    def _told(self, call: Call, record: ServiceRecord, base: dict[str, Any]) -> dict[str, Any]:
        taken = FROM_BASE_EXTERNAL if record.controller == "EXTERNAL" else FROM_BASE
        cluster = cluster_of(call, record.cluster)
        desired = record.desired(cluster["registeredContainerInstancesCount"])
        counts = {"desiredCount": desired, "runningCount": desired, "pendingCount": 0}
        told = {
            **record.fields,
            **{name: base[name] for name in taken if name in base},
            **counts,
            "status": record.status,
            "createdAt": record.created,
            "createdBy": call.arn("iam", "root", region=""),
            "events": list(record.events),
            "resourceManagementType": "CUSTOMER",
            "deployments": [],
        }
        if record.is_fargate:
            told["platformFamily"] = record.family
        if record.is_active and record.controller == "ECS":
            told["deployments"] = [_deployment(record, counts)]
        return told


def _kept(params: Params) -> dict[str, Any]:
    return {name: params[name] for name in KEPT if name in params}


def _capacity(params: Params, cluster: dict[str, Any]) -> dict[str, Any]:
    """Where the tasks go: a launch type, or a strategy, by default the cluster's own."""
    launch_type, strategy = params.get("launchType"), params.get("capacityProviderStrategy")
    if launch_type and strategy:
        raise invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. "
            "Remove one and try again."
        )
    if launch_type:
        return {"launchType": launch_type}
    strategy = strategy or cluster.get("defaultCapacityProviderStrategy")
    if not strategy:
        return {"launchType": "EC2"}
    return {
        "capacityProviderStrategy": [{"weight": 0, "base": 0} | provider for provider in strategy]
    }


def _role(call: Call, name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    resource = name_or_arn.removeprefix("role/").removeprefix("/")
    return call.arn("iam", f"role/{resource}", region="")


def _check_task(task: dict[str, Any], launch_type: str | None) -> None:
    if task["status"] != "ACTIVE":
        raise AwsError("ClientException", "TaskDefinition is inactive")
    if launch_type == "FARGATE" and "FARGATE" not in task["compatibilities"]:
        raise invalid(f"Task definition does not support launch_type {launch_type}.")


def _complete(record: ServiceRecord) -> None:
    """Defaults that hang on other fields."""
    if record.is_fargate:
        record.fields.setdefault("platformVersion", "LATEST")
    if record.fields["loadBalancers"]:
        record.fields.setdefault("healthCheckGracePeriodSeconds", 0)


def _deployed_state(record: ServiceRecord) -> dict[str, Any]:
    fields = {name: record.fields.get(name) for name in REDEPLOYING}
    return fields | record.deployed


def _deployment(record: ServiceRecord, counts: dict[str, int]) -> dict[str, Any]:
    fields, deployment = record.fields, record.deployment
    taken = ("taskDefinition", "networkConfiguration", *CAPACITY)
    told = {name: fields[name] for name in taken if name in fields}
    if record.is_fargate:
        version = fields["platformVersion"]
        latest = LINUX_PLATFORM if record.family == "Linux" else WINDOWS_PLATFORM
        told["platformVersion"] = latest if version == "LATEST" else version
        told["platformFamily"] = record.family
    return {
        **told,
        **record.deployed,
        **counts,
        "id": deployment.id,
        "status": "PRIMARY",
        "failedTasks": 0,
        "createdAt": deployment.created,
        "updatedAt": deployment.updated,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": f"ECS deployment {deployment.id} completed.",
    }
