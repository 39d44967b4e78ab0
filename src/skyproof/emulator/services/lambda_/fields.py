"""The members of a function's configuration that the base forgets, with AWS's defaults.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.service import Params

# Members whose value comes back as it was put, absent when it was not.
_VERBATIM = ("KMSKeyArn", "TracingConfig", "EphemeralStorage")


def of(name: str, params: Params, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The kept fields of a function after a request; what the request omits stays as it was."""
    kept = dict(before) if before else {"LoggingConfig": _logging(name, {})}
    kept |= {member: params[member] for member in _VERBATIM if member in params}
    if "LoggingConfig" in params:
        kept["LoggingConfig"] = _logging(name, params["LoggingConfig"])
    if "SnapStart" in params:
        kept["SnapStart"] = {**params["SnapStart"], "OptimizationStatus": "Off"}
    if "ImageConfig" in params:
        kept["ImageConfigResponse"] = {"ImageConfig": params["ImageConfig"]}
    _put_or_clear(kept, "DeadLetterConfig", params, bool(_target(params)))
    _put_or_clear(kept, "FileSystemConfigs", params, bool(params.get("FileSystemConfigs")))
    return kept


def overlaid(configuration: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The base's configuration with the kept fields over it."""
    modified = configuration["LastModified"]
    # AWS gives milliseconds and an offset: 2026-01-05T00:00:00.000+0000
    return configuration | kept | {"LastModified": f"{modified[:23]}+0000"}


def _target(params: Params) -> str:
    return str(params.get("DeadLetterConfig", {}).get("TargetArn", ""))


def _put_or_clear(kept: dict[str, Any], member: str, params: Params, present: bool) -> None:
    if member in params:
        kept.pop(member, None)
        if present:
            kept[member] = params[member]


def _logging(name: str, asked: dict[str, str]) -> dict[str, str]:
    """Levels belong to JSON alone, where both begin at INFO.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """
    given = {member: value for member, value in asked.items() if value}
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    defaults = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    return defaults | (levels if given.get("LogFormat") == "JSON" else {}) | given
