"""Task definitions: kept whole, with the defaults that ECS adds on registration.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result, operation, without_metadata
from skyproof.emulator.services.ecs.common import page, short_name
from skyproof.emulator.services.ecs.store import Store
from skyproof.emulator.world import World

#: What the base has no parameter for.
DROPPED = ("enableFaultInjection", "trustedExecutionConfiguration")
CONTAINER: dict[str, Any] = {
    "cpu": 0,
    "portMappings": [],
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "systemControls": [],
}
HEALTH_CHECK = {"interval": 30, "timeout": 5, "retries": 3}


class TaskDefinitions:
    """Operations on task definitions."""

    stores: Regional[Store]
    world: World

    @operation("RegisterTaskDefinition")
    def register_task_definition(self, call: Call, params: Params) -> Result:
        _check_fargate(params)
        for_base = params | {
            "containerDefinitions": [_sized(c) for c in params["containerDefinitions"]]
        }
        made = call.base().register_task_definition(**for_base)["taskDefinition"]
        mode = params.get("networkMode", "bridge")
        self.stores.of(call).task_definitions[made["taskDefinitionArn"]] = {
            "networkMode": mode,
            "compatibilities": _compatibilities(params, mode),
            "containerDefinitions": [_container(c, mode) for c in params["containerDefinitions"]],
            "volumes": [_volume(volume) for volume in params.get("volumes", [])],
            "registeredAt": self.world.clock.now(),
            "registeredBy": call.arn("iam", "root", region=""),
            **{name: params[name] for name in DROPPED if name in params},
        }
        return {
            "taskDefinition": _whole(self.stores.of(call), made),
            "tags": params.get("tags", []),
        }

    @operation("DescribeTaskDefinition")
    def describe_task_definition(self, call: Call, params: Params) -> Result:
        exact = params | {"taskDefinition": latest(call, params["taskDefinition"])}
        answer = without_metadata(call.base().describe_task_definition(**exact))
        return answer | {"taskDefinition": _whole(self.stores.of(call), answer["taskDefinition"])}

    @operation("DeregisterTaskDefinition")
    def deregister_task_definition(self, call: Call, params: Params) -> Result:
        gone = call.base().deregister_task_definition(**params)["taskDefinition"]
        kept = self.stores.of(call).task_definitions[gone["taskDefinitionArn"]]
        kept.setdefault("deregisteredAt", self.world.clock.now())
        return {"taskDefinition": _whole(self.stores.of(call), gone)}

    @operation("ListTaskDefinitions")
    def list_task_definitions(self, call: Call, params: Params) -> Result:
        asked = {name: params[name] for name in ("familyPrefix", "status") if name in params}
        arns = call.base().list_task_definitions(**asked)["taskDefinitionArns"]
        arns.sort(key=_family_and_revision, reverse=params.get("sort") == "DESC")
        listed, token = page(arns, params)
        return {"taskDefinitionArns": listed, **token}


def described(store: Store, call: Call, name: str) -> dict[str, Any]:
    """A task definition as DescribeTaskDefinition tells it.

    Raises:
        AwsError: ClientException, for a family without an active revision.
    """
    found = call.base().describe_task_definition(taskDefinition=latest(call, name))
    return _whole(store, found["taskDefinition"])


def _whole(store: Store, task_definition: dict[str, Any]) -> dict[str, Any]:
    return task_definition | store.task_definitions[task_definition["taskDefinitionArn"]]


def latest(call: Call, name: str) -> str:
    """The name of a revision; for a family its latest active one (the base takes the latest).

    Raises:
        AwsError: ClientException, for a family without an active revision.
    """
    if ":" in short_name(name):
        return name
    family = short_name(name)
    arns = call.base().list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    if not arns:
        raise AwsError("ClientException", "Unable to describe task definition.")
    return max((short_name(arn) for arn in arns), key=_family_and_revision)


def _family_and_revision(name_or_arn: str) -> tuple[str, int]:
    family, _, revision = short_name(name_or_arn).partition(":")
    return family, int(revision)


def _check_fargate(params: Params) -> None:
    if "FARGATE" not in params.get("requiresCompatibilities", []):
        return
    if params.get("networkMode") != "awsvpc":
        # ECS's own quotation marks.
        message = "Fargate only supports network mode \N{LEFT SINGLE QUOTATION MARK}awsvpc"
        raise AwsError("ClientException", f"{message}\N{RIGHT SINGLE QUOTATION MARK}.")
    for size in ("cpu", "memory"):
        if size not in params:
            message = f"Fargate requires that '{size}' be defined at the task level."
            raise AwsError("ClientException", message)


def _compatibilities(params: Params, mode: str) -> list[str]:
    """What the definition could run on, whatever it requires."""
    if mode != "awsvpc":
        return ["EXTERNAL", "EC2"]
    return ["EC2", "FARGATE"] if {"cpu", "memory"} <= params.keys() else ["EC2"]


def _sized(container: dict[str, Any]) -> dict[str, Any]:
    """The base fails to run a container that leaves its memory to the task."""
    has_size = {"memory", "memoryReservation"} & container.keys()
    return container if has_size else container | {"memory": 0}


def _container(container: dict[str, Any], mode: str) -> dict[str, Any]:
    whole = CONTAINER | container
    whole["portMappings"] = [_port(mapping, mode) for mapping in whole["portMappings"]]
    if "healthCheck" in whole:
        whole["healthCheck"] = HEALTH_CHECK | whole["healthCheck"]
    return whole


def _port(mapping: dict[str, Any], mode: str) -> dict[str, Any]:
    """Under bridge the instance picks the host port, otherwise it is the container's."""
    whole = {"protocol": "tcp"} | mapping
    if "containerPort" in whole:
        whole.setdefault("hostPort", 0 if mode == "bridge" else whole["containerPort"])
    return whole


def _volume(volume: dict[str, Any]) -> dict[str, Any]:
    if "efsVolumeConfiguration" in volume:
        return volume | {
            "efsVolumeConfiguration": {"rootDirectory": "/"} | volume["efsVolumeConfiguration"]
        }
    return volume if volume.keys() - {"name"} else volume | {"host": {}}
