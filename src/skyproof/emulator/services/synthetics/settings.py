"""What a canary is told beside its code: defaults, and what contradicts itself.

https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateCanary.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.services.synthetics import schedule
from skyproof.emulator.services.synthetics.runtimes import RUNTIMES
from skyproof.emulator.services.synthetics.validation import invalid

MAX_TIMEOUT = 840
MAX_ENVIRONMENT_BYTES = 4096
#: Lambda's own; https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED_VARIABLES = frozenset(
    """_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV
    AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION
    AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME
    AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR""".split()
)

_KEPT = (
    "ArtifactS3Location",
    "ExecutionRoleArn",
    "RuntimeVersion",
    "SuccessRetentionPeriodInDays",
    "FailureRetentionPeriodInDays",
    "VpcConfig",
    "ArtifactConfig",
    "ProvisionedResourceCleanup",
    "ResourcesToReplicateTags",
    "BrowserConfigs",
    "VisualReference",
    "VisualReferences",
    "KmsKeyArn",
)
_DEFAULTS: dict[str, Any] = {
    "SuccessRetentionPeriodInDays": 31,
    "FailureRetentionPeriodInDays": 31,
    "ProvisionedResourceCleanup": "AUTOMATIC",
    "Schedule": {},
    "RunConfig": {},
}


def merged(
    operation: str, present: dict[str, Any], change: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The settings after a change; what the change does not mention stays as it was.

    Raises:
        AwsError: ValidationException, or 501 for a canary in several locations.
    """
    if change.get("AddReplicaLocations") or change.get("RemoveReplicaLocations"):
        raise OperationNotImplementedError("synthetics", operation, "with replica locations")
    settings = _DEFAULTS | present
    settings |= {name: change[name] for name in _KEPT if name in change}
    settings["ArtifactS3Location"] = settings["ArtifactS3Location"].removeprefix("s3://")
    settings["Schedule"] = _schedule(settings["Schedule"], change.get("Schedule", {}))
    settings["RunConfig"] = _run_config(
        settings["RunConfig"], change.get("RunConfig", {}), settings["Schedule"]["Expression"]
    )
    if "RuntimeVersion" in change:
        _check_runtime(change["RuntimeVersion"], now)
    _check_vpc(settings.get("VpcConfig", {}))
    _check_artifacts(settings.get("ArtifactConfig", {}))
    return settings


def _schedule(present: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = {"DurationInSeconds": 0, **present, **change}
    try:
        merged["Expression"] = schedule.normalised(merged["Expression"])
    except schedule.ScheduleError as error:
        raise invalid(
            f"The schedule expression {merged['Expression']} is invalid: {error}."
        ) from error
    return merged


def _run_config(present: dict[str, Any], change: dict[str, Any], expression: str) -> dict[str, Any]:
    longest = _longest_run(expression)
    # 1000 MB is what a canary gets that asks for nothing (recorded), though no multiple of 64.
    defaults = {"TimeoutInSeconds": longest, "MemoryInMB": 1000, "ActiveTracing": False}
    merged: dict[str, Any] = defaults | present | change
    if change.get("MemoryInMB", 0) % 64:
        raise invalid("MemoryInMB must be a multiple of 64.")
    if "TimeoutInSeconds" not in change:
        merged["TimeoutInSeconds"] = min(merged["TimeoutInSeconds"], longest)
    elif merged["TimeoutInSeconds"] > longest:
        raise invalid(
            f"TimeoutInSeconds must not be longer than the {longest} seconds between two runs."
        )
    _check_environment(merged.get("EnvironmentVariables", {}))
    return merged


def _longest_run(expression: str) -> int:
    """The frequency of the canary, "up to a maximum of 14 minutes"; a timeout's default too."""
    parsed = schedule.parse(expression)
    every = parsed.seconds if isinstance(parsed, schedule.Rate) else 0
    return min(every or MAX_TIMEOUT, MAX_TIMEOUT)


def _check_environment(variables: dict[str, str]) -> None:
    reserved = sorted(RESERVED_VARIABLES & variables.keys())
    if reserved:
        raise invalid(f"Environment variables reserved by Lambda: {', '.join(reserved)}.")
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > MAX_ENVIRONMENT_BYTES:
        raise invalid(
            f"Environment variables have {size} bytes, at most {MAX_ENVIRONMENT_BYTES} are allowed."
        )


def _check_runtime(name: str, now: datetime) -> None:
    runtime = RUNTIMES.get(name)
    if runtime is None:
        raise invalid(f"Invalid runtime version specified: {name}.")
    if runtime.is_deprecated(now):
        # Recorded.
        raise invalid("Deprecated runtime version specified.")


def _check_vpc(vpc: dict[str, Any]) -> None:
    if bool(vpc.get("SubnetIds")) != bool(vpc.get("SecurityGroupIds")):
        raise invalid("VpcConfig needs both SubnetIds and SecurityGroupIds.")


def _check_artifacts(config: dict[str, Any]) -> None:
    encryption = config.get("S3Encryption", {})
    if "KmsKeyArn" in encryption and encryption.get("EncryptionMode") != "SSE_KMS":
        raise invalid("KmsKeyArn needs EncryptionMode SSE_KMS.")
