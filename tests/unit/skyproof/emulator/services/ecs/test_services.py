"""Services: every field comes back, and each is steady as soon as it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import boto3
import pytest

from skyproof.emulator import Emulator

TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/t/1"
REGISTRY = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"
BREAKER = {"enable": True, "rollback": True}
ALARMS = {"alarmNames": ["errors"], "enable": True, "rollback": True}
FIELDS: dict[str, Any] = {
    "availabilityZoneRebalancing": "DISABLED",
    "deploymentConfiguration": {
        "maximumPercent": 150,
        "minimumHealthyPercent": 50,
        "deploymentCircuitBreaker": BREAKER,
        "alarms": ALARMS,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    },
    "enableECSManagedTags": True,
    "enableExecuteCommand": True,
    "healthCheckGracePeriodSeconds": 30,
    "loadBalancers": [
        {"targetGroupArn": TARGET_GROUP, "containerName": "app", "containerPort": 80}
    ],
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:x == y"}],
    "placementStrategy": [{"type": "spread", "field": "attribute:ecs.availability-zone"}],
    "platformVersion": "1.4.0",
    "propagateTags": "SERVICE",
    "serviceRegistries": [{"registryArn": REGISTRY, "port": 80}],
}
IN_DEPLOYMENTS: dict[str, Any] = {
    "serviceConnectConfiguration": {"enabled": True, "namespace": "ns"},
    "volumeConfigurations": [
        {"name": "v", "managedEBSVolume": {"roleArn": "arn:aws:iam::123456789012:role/r"}}
    ],
}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_field_comes_back_after_creation(ecs: Any, name: str) -> None:
    assert ecs.create(**{name: FIELDS[name]})[name] == FIELDS[name]
    assert ecs.describe()[name] == FIELDS[name]


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_field_comes_back_after_a_change(ecs: Any, name: str) -> None:
    ecs.create()
    ecs.client.update_service(cluster="c", service="web", **{name: FIELDS[name]})
    assert ecs.describe()[name] == FIELDS[name]


@pytest.mark.parametrize("name", sorted(IN_DEPLOYMENTS))
def test_a_field_comes_back_in_the_deployment(ecs: Any, name: str) -> None:
    ecs.create(**{name: IN_DEPLOYMENTS[name]})
    [deployment] = ecs.describe()["deployments"]
    assert deployment[name] == IN_DEPLOYMENTS[name]


def test_defaults_are_those_of_ecs(ecs: Any) -> None:
    ecs.create()
    got = ecs.describe()
    expected = {
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "availabilityZoneRebalancing": "ENABLED",
        "enableECSManagedTags": False,
        "enableExecuteCommand": False,
        "propagateTags": "NONE",
        "loadBalancers": [],
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
        "createdBy": "arn:aws:iam::123456789012:root",
        "networkConfiguration": ecs.network.configuration,
    }
    assert {name: got.get(name) for name in expected} == expected
    deployment = got["deploymentConfiguration"]
    assert deployment["maximumPercent"] == 200
    assert deployment["minimumHealthyPercent"] == 100
    assert deployment["deploymentCircuitBreaker"] == {"enable": False, "rollback": False}
    assert "healthCheckGracePeriodSeconds" not in got
    assert "capacityProviderStrategy" not in got
    assert isinstance(got["createdAt"], datetime)


def test_the_grace_period_of_a_service_with_load_balancers_starts_at_zero(ecs: Any) -> None:
    ecs.create(loadBalancers=FIELDS["loadBalancers"])
    assert ecs.describe()["healthCheckGracePeriodSeconds"] == 0


def test_a_daemon_has_its_own_defaults_and_no_count(ecs: Any) -> None:
    task = ecs.client.register_task_definition(
        family="agent", memory="64", containerDefinitions=[{"name": "a", "image": "a"}]
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.client.create_service(
        cluster="c", serviceName="agent", taskDefinition=task, schedulingStrategy="DAEMON"
    )
    got = ecs.describe("agent")
    assert (got["launchType"], got["desiredCount"]) == ("EC2", 0)
    assert got["deploymentConfiguration"]["maximumPercent"] == 100
    assert got["deploymentConfiguration"]["minimumHealthyPercent"] == 0
    assert "platformVersion" not in got
    ecs.client.delete_service(cluster="c", service="agent")
    assert ecs.describe("agent")["status"] == "INACTIVE"


def test_a_service_is_steady_at_once(ecs: Any) -> None:
    ecs.create(desiredCount=2)
    got = ecs.describe()
    [deployment] = got["deployments"]
    assert (got["desiredCount"], got["runningCount"], got["pendingCount"]) == (2, 2, 0)
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "COMPLETED")
    assert (deployment["runningCount"], deployment["pendingCount"]) == (2, 0)
    assert deployment["platformVersion"] == "1.4.0"
    assert got["events"][0]["message"] == "(service web) has reached a steady state."
    ecs.client.get_waiter("services_stable").wait(
        cluster="c", services=["web"], WaiterConfig={"MaxAttempts": 1}
    )


def test_scaling_is_no_new_deployment(ecs: Any) -> None:
    before = ecs.create(desiredCount=1)["deployments"][0]
    ecs.client.update_service(cluster="c", service="web", desiredCount=4)
    got = ecs.describe()
    [deployment] = got["deployments"]
    assert (got["runningCount"], deployment["runningCount"]) == (4, 4)
    assert deployment["id"] == before["id"]


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        ({"forceNewDeployment": True}, True),
        ({"platformVersion": "1.4.0"}, True),
        ({"loadBalancers": FIELDS["loadBalancers"]}, True),
        ({"enableExecuteCommand": True}, False),
        ({"deploymentConfiguration": {"maximumPercent": 120}}, False),
        ({"platformVersion": "LATEST"}, False),
    ],
)
def test_some_changes_are_new_deployments(ecs: Any, change: dict[str, Any], is_new: bool) -> None:
    before = ecs.create()["deployments"][0]["id"]
    ecs.client.update_service(cluster="c", service="web", **change)
    [after] = ecs.describe()["deployments"]
    assert (after["id"] != before) is is_new
    assert after["rolloutState"] == "COMPLETED"


def test_a_new_revision_is_a_new_deployment(ecs: Any) -> None:
    ecs.create()
    described = ecs.client.describe_task_definition(taskDefinition="web")["taskDefinition"]
    taken = ("family", "requiresCompatibilities", "networkMode", "cpu", "memory")
    second = ecs.client.register_task_definition(
        containerDefinitions=[{"name": "app", "image": "app:2"}],
        **{name: described[name] for name in taken},
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.client.update_service(cluster="c", service="web", taskDefinition="web")
    got = ecs.describe()
    assert got["taskDefinition"] == second
    assert got["deployments"][0]["taskDefinition"] == second


def test_a_change_of_the_deployment_configuration_keeps_the_rest_of_it(ecs: Any) -> None:
    ecs.create(deploymentConfiguration=FIELDS["deploymentConfiguration"])
    change = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    ecs.client.update_service(cluster="c", service="web", deploymentConfiguration=change)
    expected = FIELDS["deploymentConfiguration"] | change
    assert ecs.describe()["deploymentConfiguration"] == expected


def test_a_strategy_takes_the_place_of_the_launch_type(ecs: Any) -> None:
    strategy = [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]
    ecs.create(capacityProviderStrategy=strategy)
    got = ecs.describe()
    assert got["capacityProviderStrategy"] == strategy
    assert "launchType" not in got
    assert got["platformVersion"] == "LATEST"


def test_the_strategy_of_the_cluster_is_the_default(ecs: Any) -> None:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    ecs.client.put_cluster_capacity_providers(
        cluster="c", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=strategy
    )
    ecs.client.create_service(
        cluster="c",
        serviceName="web",
        taskDefinition=ecs.task,
        desiredCount=1,
        networkConfiguration=ecs.network.configuration,
    )
    assert ecs.describe()["capacityProviderStrategy"] == strategy


def test_launch_type_and_strategy_exclude_each_other(ecs: Any, refused: Any) -> None:
    code, message = refused(
        ecs.create, launchType="FARGATE", capacityProviderStrategy=[{"capacityProvider": "FARGATE"}]
    )
    assert code == "InvalidParameterException"
    assert message.startswith("Specifying both a launch type and capacity provider strategy")


def test_making_the_same_service_again_gives_the_first(ecs: Any, refused: Any) -> None:
    first = ecs.create(clientToken="a")
    assert ecs.create(clientToken="b")["createdAt"] == first["createdAt"]
    assert refused(ecs.create, desiredCount=7) == (
        "InvalidParameterException",
        "Creation of service was not idempotent.",
    )


@pytest.mark.parametrize("identifier", ["name", "arn"])
def test_a_service_above_zero_is_only_deleted_by_force(
    ecs: Any, refused: Any, identifier: str
) -> None:
    made = ecs.create()
    service = {"name": "web", "arn": made["serviceArn"]}[identifier]
    assert refused(ecs.client.delete_service, cluster="c", service=service) == (
        "InvalidParameterException",
        "The service cannot be stopped while it is scaled above 0.",
    )
    ecs.client.delete_service(cluster="c", service=service, force=True)
    got = ecs.describe(service)
    assert (got["status"], got["desiredCount"], got["runningCount"]) == ("INACTIVE", 0, 0)


def test_a_deleted_service_is_not_listed_and_takes_no_change(ecs: Any, refused: Any) -> None:
    ecs.create(desiredCount=0)
    ecs.client.delete_service(cluster="c", service="web")
    assert ecs.client.list_services(cluster="c")["serviceArns"] == []
    assert refused(ecs.client.update_service, cluster="c", service="web", desiredCount=1) == (
        "ServiceNotActiveException",
        "Service was not ACTIVE.",
    )
    code, _ = refused(ecs.client.delete_service, cluster="c", service="web")
    assert code == "ServiceNotFoundException"


def test_a_deleted_service_can_be_made_anew(ecs: Any) -> None:
    ecs.create(enableExecuteCommand=True)
    ecs.client.delete_service(cluster="c", service="web", force=True)
    ecs.create()
    got = ecs.describe()
    assert (got["status"], got["enableExecuteCommand"]) == ("ACTIVE", False)


def test_a_service_that_never_was_is_missing(ecs: Any, refused: Any) -> None:
    assert refused(ecs.client.update_service, cluster="c", service="no", desiredCount=1)[0] == (
        "ServiceNotFoundException"
    )
    got = ecs.client.describe_services(cluster="c", services=["no"])
    assert got["services"] == []
    assert [failure["reason"] for failure in got["failures"]] == ["MISSING"]


def test_services_are_listed_by_cluster_and_kind_in_pages_of_ten(ecs: Any) -> None:
    ecs.client.create_cluster(clusterName="cc")
    ecs.create("other", cluster="cc")
    for number in range(11):
        ecs.create(f"web-{number:02}")
    first = ecs.client.list_services(cluster="c")
    rest = ecs.client.list_services(cluster="c", nextToken=first["nextToken"])
    assert [len(first["serviceArns"]), len(rest["serviceArns"])] == [10, 1]
    assert "nextToken" not in rest
    assert len(ecs.client.list_services(cluster="cc")["serviceArns"]) == 1
    assert ecs.client.list_services(cluster="c", launchType="EC2")["serviceArns"] == []
    daemons = ecs.client.list_services(cluster="c", schedulingStrategy="DAEMON")
    assert daemons["serviceArns"] == []


def test_tags_are_told_on_demand_and_can_be_changed(ecs: Any) -> None:
    arn = ecs.create(tags=[{"key": "team", "value": "core"}])["serviceArn"]
    assert "tags" not in ecs.describe()
    ecs.client.tag_resource(resourceArn=arn, tags=[{"key": "env", "value": "test"}])
    ecs.client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert ecs.describe(include=["TAGS"])["tags"] == [{"key": "env", "value": "test"}]
    ecs.client.update_service(cluster="c", service="web", desiredCount=1)
    assert ecs.describe(include=["TAGS"])["tags"] == [{"key": "env", "value": "test"}]


def test_security_groups_may_be_left_out(ecs: Any) -> None:
    network = {"awsvpcConfiguration": {"subnets": [ecs.network.subnet]}}
    ecs.create(networkConfiguration=network)
    assert ecs.describe()["networkConfiguration"]["awsvpcConfiguration"] == {
        "subnets": [ecs.network.subnet],
        "securityGroups": [],
        "assignPublicIp": "DISABLED",
    }


@pytest.mark.parametrize("field", ["subnets", "securityGroups"])
def test_a_network_that_does_not_exist_is_refused(ecs: Any, refused: Any, field: str) -> None:
    ecs.create()
    network = ecs.network.configuration
    network["awsvpcConfiguration"][field] = ["sg-0" if field == "securityGroups" else "subnet-0"]
    for call in (
        lambda: ecs.create("other", networkConfiguration=network),
        lambda: ecs.client.update_service(cluster="c", service="web", networkConfiguration=network),
    ):
        assert refused(call)[0] == "InvalidParameterException"


def test_an_awsvpc_task_asks_for_a_network(ecs: Any, refused: Any) -> None:
    call = ecs.client.create_service
    params = {"cluster": "c", "serviceName": "web", "taskDefinition": ecs.task, "desiredCount": 1}
    assert refused(call, launchType="FARGATE", **params) == (
        "InvalidParameterException",
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    )


def test_an_ec2_task_definition_does_not_go_to_fargate(ecs: Any, refused: Any) -> None:
    task = ecs.client.register_task_definition(
        family="ec2", memory="64", containerDefinitions=[{"name": "a", "image": "a"}]
    )["taskDefinition"]["taskDefinitionArn"]
    code, message = refused(ecs.create, taskDefinition=task)
    assert code == "InvalidParameterException"
    assert message == "Task definition does not support launch_type FARGATE."


def test_an_inactive_task_definition_makes_no_service(ecs: Any, refused: Any) -> None:
    ecs.client.deregister_task_definition(taskDefinition=ecs.task)
    assert refused(ecs.create) == ("ClientException", "TaskDefinition is inactive")


def test_an_external_service_has_task_sets_in_place_of_deployments(ecs: Any) -> None:
    made = ecs.client.create_service(
        cluster="c",
        serviceName="web",
        desiredCount=1,
        deploymentController={"type": "EXTERNAL"},
    )["service"]
    ecs.client.create_task_set(
        cluster="c",
        service=made["serviceArn"],
        taskDefinition=ecs.task,
        networkConfiguration=ecs.network.configuration,
        launchType="FARGATE",
    )
    got = ecs.describe()
    assert got["deployments"] == []
    assert [task_set["taskDefinition"] for task_set in got["taskSets"]] == [ecs.task]


def test_a_role_is_told_by_its_arn(ecs: Any) -> None:
    ecs.create("linked")
    ecs.create("named", role="/team/r")
    linked = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    roles = [ecs.describe(name)["roleArn"] for name in ("linked", "named")]
    assert roles == [f"arn:aws:iam::123456789012:role/{role}" for role in (linked, "team/r")]


def test_a_windows_service_tells_its_platform(ecs: Any) -> None:
    task = ecs.client.register_task_definition(
        family="windows",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="1024",
        memory="2048",
        runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
        containerDefinitions=[{"name": "a", "image": "a"}],
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create(taskDefinition=task)
    got = ecs.describe()
    assert got["platformFamily"] == "Windows_Server_2022_Core"
    assert got["deployments"][0]["platformVersion"] == "1.0.0"


def test_accounts_and_regions_do_not_see_each_other(ecs: Any, client: Any) -> None:
    ecs.create()
    other = client("ecs", region="us-west-2")
    other.create_cluster(clusterName="c")
    assert other.list_services(cluster="c")["serviceArns"] == []


def test_it_speaks_json_over_a_socket() -> None:
    with Emulator() as emulator:
        ecs = boto3.client(
            "ecs",
            endpoint_url=emulator.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(
            family="t", memory="64", containerDefinitions=[{"name": "a", "image": "a"}]
        )
        ecs.create_service(cluster="c", serviceName="s", taskDefinition="t", desiredCount=1)
        [got] = ecs.describe_services(cluster="c", services=["s"])["services"]
        assert (got["runningCount"], got["launchType"]) == (1, "EC2")
