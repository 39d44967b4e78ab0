"""The Lambda function and layer behind a canary, made in the canary's own account."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from skyproof.emulator.service import Call
from skyproof.emulator.services.synthetics.runtimes import RUNTIMES
from skyproof.emulator.services.synthetics.store import Canary, Engine


def provision(call: Call, canary: Canary) -> None:
    """Make the engine, or renew the one that is there.

    Raises:
        botocore.exceptions.ClientError: Lambda or EC2 refuses the role, the code or the subnets.
    """
    canary.vpc_id = _vpc_id(call, canary)
    layer = call.client("lambda").publish_layer_version(
        LayerName=canary.function_name, Content={"ZipFile": canary.code}
    )
    layer_arn = str(layer["LayerVersionArn"])
    function = _renewed if canary.engine else _created
    canary.engine = Engine(function(call, canary, layer_arn), layer_arn)


def is_current(canary: Canary, changed: Canary) -> bool:
    """Whether the engine of a canary also serves it as changed, so that none need be made anew."""
    return (
        canary.engine is not None
        and canary.code == changed.code
        and _configuration(canary) == _configuration(changed)
    )


def remove(call: Call, canary: Canary) -> None:
    """Delete the function and every version of the layer; what is gone already is no failure."""
    functions = call.client("lambda")
    name = canary.function_name
    with suppress(functions.exceptions.ResourceNotFoundException):
        functions.delete_function(FunctionName=name)
    for version in functions.list_layer_versions(LayerName=name)["LayerVersions"]:
        functions.delete_layer_version(LayerName=name, VersionNumber=version["Version"])


def _created(call: Call, canary: Canary, layer_arn: str) -> str:
    function = call.client("lambda").create_function(
        FunctionName=canary.function_name,
        Code={"ZipFile": canary.code},
        Tags=_replicated_tags(canary),
        Layers=[layer_arn],
        **_configuration(canary),
    )
    return _published(call, str(function["FunctionName"]))


def _renewed(call: Call, canary: Canary, layer_arn: str) -> str:
    functions = call.client("lambda")
    name = canary.function_name
    functions.update_function_code(FunctionName=name, ZipFile=canary.code)
    functions.update_function_configuration(
        FunctionName=name, Layers=[layer_arn], **_configuration(canary)
    )
    return _published(call, name)


def _published(call: Call, name: str) -> str:
    """The ARN of a new version of the function, which is what an EngineArn names."""
    version = call.client("lambda").publish_version(FunctionName=name)["Version"]
    return call.arn("lambda", f"function:{name}:{version}")


def _configuration(canary: Canary) -> dict[str, Any]:
    run = canary.settings["RunConfig"]
    vpc = canary.settings.get("VpcConfig", {})
    storage = run.get("EphemeralStorage")
    return {
        "Role": canary.settings["ExecutionRoleArn"],
        "Runtime": RUNTIMES[canary.settings["RuntimeVersion"]].engine,
        "Handler": canary.handler or "index.handler",
        "Timeout": run["TimeoutInSeconds"],
        "MemorySize": run["MemoryInMB"],
        "Environment": {"Variables": run.get("EnvironmentVariables", {})},
        "TracingConfig": {"Mode": "Active" if run["ActiveTracing"] else "PassThrough"},
        "VpcConfig": {
            "SubnetIds": vpc.get("SubnetIds", []),
            "SecurityGroupIds": vpc.get("SecurityGroupIds", []),
        },
        **({"EphemeralStorage": {"Size": storage}} if storage else {}),
    }


def _replicated_tags(canary: Canary) -> dict[str, str]:
    wanted = "lambda-function" in canary.settings.get("ResourcesToReplicateTags", [])
    return dict(canary.tags) if wanted else {}


def _vpc_id(call: Call, canary: Canary) -> str | None:
    subnets = canary.settings.get("VpcConfig", {}).get("SubnetIds")
    if not subnets:
        return None
    found = call.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    return str(found[0]["VpcId"])
