"""Task definitions: registered fields come back, with the defaults that ECS adds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

CONTAINER = {"name": "app", "image": "app:1"}
FULL = {
    "family": "full",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "1024",
    "memory": "2048",
    "taskRoleArn": "arn:aws:iam::123456789012:role/task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "pidMode": "task",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGiB": 50},
    "enableFaultInjection": True,
    "proxyConfiguration": {
        "type": "APPMESH",
        "containerName": "app",
        "properties": [{"name": "AppPorts", "value": "8080"}],
    },
    "volumes": [
        {
            "name": "files",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-1",
                "rootDirectory": "/data",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
            },
        },
        {"name": "ebs", "configuredAtLaunch": True},
    ],
}


def register(ecs: Any, **params: Any) -> dict[str, Any]:
    defaults = {"family": "x", "memory": "512", "containerDefinitions": [CONTAINER]}
    made: dict[str, Any] = ecs.client.register_task_definition(**defaults | params)
    return made


def describe(ecs: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ecs.client.describe_task_definition(taskDefinition=name)[
        "taskDefinition"
    ]
    return found


@pytest.mark.parametrize("name", sorted(FULL))
def test_every_field_comes_back(ecs: Any, name: str) -> None:
    register(ecs, **FULL)
    assert describe(ecs, "full")[name] == FULL[name]


def test_the_ipc_mode_comes_back(ecs: Any) -> None:
    register(ecs, ipcMode="task")
    assert describe(ecs, "x")["ipcMode"] == "task"


def test_external_tasks_keep_their_network_mode(ecs: Any) -> None:
    register(ecs, requiresCompatibilities=["EXTERNAL"], networkMode="bridge")
    got = describe(ecs, "x")
    assert (got["networkMode"], got["compatibilities"]) == ("bridge", ["EXTERNAL", "EC2"])


def test_a_container_has_the_defaults_of_ecs(ecs: Any) -> None:
    register(ecs)
    [container] = describe(ecs, "x")["containerDefinitions"]
    assert container == CONTAINER | {
        "cpu": 0,
        "portMappings": [],
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
    }


@pytest.mark.parametrize(
    ("mode", "port"),
    [
        ({"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256"}, 80),
        ({}, 0),
    ],
)
def test_a_port_has_a_host_port_and_a_protocol(ecs: Any, mode: dict[str, Any], port: int) -> None:
    register(
        ecs, containerDefinitions=[CONTAINER | {"portMappings": [{"containerPort": 80}]}], **mode
    )
    [container] = describe(ecs, "x")["containerDefinitions"]
    assert container["portMappings"] == [{"containerPort": 80, "hostPort": port, "protocol": "tcp"}]


def test_a_health_check_has_its_intervals(ecs: Any) -> None:
    check = {"command": ["CMD", "true"], "retries": 5}
    register(ecs, containerDefinitions=[CONTAINER | {"healthCheck": check}])
    [container] = describe(ecs, "x")["containerDefinitions"]
    assert container["healthCheck"] == check | {"interval": 30, "timeout": 5}


def test_volumes_have_their_defaults(ecs: Any) -> None:
    volumes = [{"name": "a", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "b"}]
    register(ecs, volumes=volumes)
    assert describe(ecs, "x")["volumes"] == [
        {"name": "a", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "rootDirectory": "/"}},
        {"name": "b", "host": {}},
    ]


def test_a_deregistered_revision_is_inactive_and_not_listed(ecs: Any) -> None:
    kept = register(ecs)["taskDefinition"]["taskDefinitionArn"]
    gone = register(ecs)["taskDefinition"]["taskDefinitionArn"]
    answer = ecs.client.deregister_task_definition(taskDefinition=gone)["taskDefinition"]
    assert answer["status"] == "INACTIVE"
    assert isinstance(describe(ecs, gone)["deregisteredAt"], datetime)
    listed = ecs.client.list_task_definitions
    assert listed(familyPrefix="x")["taskDefinitionArns"] == [kept]
    assert listed(familyPrefix="x", status="INACTIVE")["taskDefinitionArns"] == [gone]


def test_a_family_stands_for_its_latest_active_revision(ecs: Any, refused: Any) -> None:
    for _ in range(2):
        register(ecs)
    assert describe(ecs, "x")["revision"] == 2
    ecs.client.deregister_task_definition(taskDefinition="x:2")
    assert describe(ecs, "x")["revision"] == 1
    ecs.client.deregister_task_definition(taskDefinition="x:1")
    expected = ("ClientException", "Unable to describe task definition.")
    assert refused(describe, ecs, "x") == expected


def test_revisions_are_listed_latest_first_on_demand(ecs: Any) -> None:
    for _ in range(10):
        register(ecs)
    page = ecs.client.list_task_definitions(familyPrefix="x", sort="DESC", maxResults=2)
    assert [arn.rpartition(":")[2] for arn in page["taskDefinitionArns"]] == ["10", "9"]


def test_tags_are_told_at_registration_and_on_demand(ecs: Any) -> None:
    tags = [{"key": "team", "value": "core"}]
    assert register(ecs, tags=tags)["tags"] == tags
    assert "tags" not in ecs.client.describe_task_definition(taskDefinition="x")
    asked = ecs.client.describe_task_definition(taskDefinition="x", include=["TAGS"])
    assert asked["tags"] == tags


def test_fargate_asks_for_awsvpc(ecs: Any, refused: Any) -> None:
    params = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "networkMode": "bridge"}
    code, message = refused(register, ecs, **params)
    assert code == "ClientException"
    assert message.startswith("Fargate only supports network mode")
