"""The Lambda function and layer behind a canary, made in the canary's own account."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call
from skyproof.emulator.services.synthetics.runtimes import RUNTIMES
from skyproof.emulator.services.synthetics.store import Canary, Engine, Status


def provision(call: Call, canary: Canary) -> None:
    """Make or renew the engine; a refusal of Lambda, EC2 or IAM ends in the canary's state ERROR.

    On AWS, too, CreateCanary succeeds and the state tells of the failure.
    """
    code = "CREATE_FAILED" if canary.engine is None else "UPDATE_FAILED"
    try:
        canary.vpc_id = _vpc_id(call, canary)
        canary.engine = _renewed(call, canary) if canary.engine else _created(call, canary)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        # The model knows no code for a failed update but that of its rollback.
        reason_code = "CREATE_FAILED" if code == "CREATE_FAILED" else "ROLLBACK_COMPLETE"
        canary.status = Status("ERROR", message, reason_code)


def remove(call: Call, canary: Canary) -> None:
    """Delete the function and every version of the layer; what is gone already is no failure."""
    functions = call.client("lambda")
    name = canary.function_name
    versions = functions.list_layer_versions(LayerName=name)["LayerVersions"]
    try:
        functions.delete_function(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return
    finally:
        for version in versions:
            functions.delete_layer_version(LayerName=name, VersionNumber=version["Version"])


def _created(call: Call, canary: Canary) -> Engine:
    layer_arn = _layer(call, canary)
    runtime = RUNTIMES[canary.settings["RuntimeVersion"]]
    function = call.client("lambda").create_function(
        FunctionName=canary.function_name,
        Code={"ZipFile": canary.code},
        Publish=True,
        Tags=_replicated_tags(canary),
        **_configuration(canary, layer_arn),
    )
    del runtime
    return Engine(_versioned(function), layer_arn)


def _renewed(call: Call, canary: Canary) -> Engine:
    layer_arn = _layer(call, canary)
    functions = call.client("lambda")
    name = canary.function_name
    functions.update_function_code(FunctionName=name, ZipFile=canary.code)
    functions.update_function_configuration(
        FunctionName=name, **_configuration(canary, layer_arn)
    )
    return Engine(_versioned(functions.publish_version(FunctionName=name)), layer_arn)
