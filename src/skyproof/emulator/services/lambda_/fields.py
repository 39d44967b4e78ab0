"""The members of a function's configuration that the base forgets, with AWS's defaults.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

import uuid
from typing import Any

from skyproof.emulator.service import Call, Params
from skyproof.emulator.services.lambda_.store import stamp

# Members whose value comes back as it was put.
_VERBATIM = (
    "AcceleratorConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "KMSKeyArn",
    "RuntimeConfig",
    "TenancyConfig",
    "TracingConfig",
    "VpcConfig",
)
# Members of the base's that it does not change in an update, or knows wrongly.
_OURS_ALONE = ("ImageConfigResponse", "KMSKeyArn", "VpcConfig")


def changed(call: Call) -> dict[str, Any]:
    """What every change of a function gives it anew."""
    return {"LastModified": stamp(call), **revision()}


def revision() -> dict[str, Any]:
    """By which an update finds out that somebody was faster."""
    return {"RevisionId": str(uuid.uuid4())}


def of(name: str, params: Params, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The kept fields of a function after a request; what the request omits stays as it was.

    An empty value clears a field.
    """
    kept = dict(before) if before else {"LoggingConfig": _logging(name, {})}
    kept |= {member: params[member] for member in _VERBATIM if member in params}
    if "LoggingConfig" in params:
        kept["LoggingConfig"] = _logging(name, params["LoggingConfig"])
    if "SnapStart" in params:
        kept["SnapStart"] = {"ApplyOn": "None", **params["SnapStart"], "OptimizationStatus": "Off"}
    if "ImageConfig" in params:
        image = params["ImageConfig"]
        kept["ImageConfigResponse"] = {"ImageConfig": image} if any(image.values()) else {}
    if "DeadLetterConfig" in params:
        target = params["DeadLetterConfig"].get("TargetArn")
        kept["DeadLetterConfig"] = {"TargetArn": target} if target else {}
    return {member: value for member, value in kept.items() if value}


def overlaid(configuration: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The base's configuration with the kept fields over it."""
    known = {name: value for name, value in configuration.items() if name not in _OURS_ALONE}
    if not known.get("Layers"):
        known.pop("Layers", None)  # AWS has no empty list of them
    return known | kept


def _logging(name: str, asked: dict[str, str]) -> dict[str, str]:
    """Levels belong to JSON alone, where both begin at INFO.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    given = {member: value for member, value in asked.items() if value}
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    defaults = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    return defaults | (levels if given.get("LogFormat") == "JSON" else {}) | given
