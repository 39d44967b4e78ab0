"""From a function's configuration to what runs: its package, variables and limits.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.functions import Definition
from skyproof.emulator.gate import INSIDERS
from skyproof.emulator.service import Call
from skyproof.emulator.services.lambda_ import packages

#: The runtimes that the emulator's own interpreter stands in for.
PYTHON = "python3."


@dataclass(frozen=True)
class Runnable:
    """A version of a function, as far as an invocation needs to know it.

    Attributes:
        key: names function, version and revision: another revision runs in another environment.
        role: the ARN of its execution role.
        dead_letters: the ARN of a queue or topic, or empty.
        reserved: how many may run at once; ``None`` leaves it open.
        json_logs: whether the service's own lines are JSON.
    """

    definition: Definition
    key: str
    role: str
    dead_letters: str
    reserved: int | None
    json_logs: bool

    @property
    def name(self) -> str:
        return self.definition.name


def runnable(
    call: Call, configuration: dict[str, Any], package: str | None, layers: tuple[bytes, ...]
) -> Runnable:
    """What to run for a configuration, as GetFunctionConfiguration answers it.

    Args:
        package: the key of the function's package; None for an image.
        layers: the packages of its layers.

    Raises:
        OperationNotImplementedError: a runtime other than Python's, or an image.
    """
    runtime = configuration.get("Runtime", "an image")
    if package is None or not runtime.startswith(PYTHON):
        raise OperationNotImplementedError("lambda", "Invoke", f"functions of {runtime} do not run")
    name, version = configuration["FunctionName"], configuration["Version"]
    logging = configuration.get("LoggingConfig", {})
    group = logging.get("LogGroup") or f"/aws/lambda/{name}"
    arn = ":".join(configuration["FunctionArn"].split(":")[:7])
    key = f"{arn}:{version}:{configuration['CodeSha256']}:{configuration['LastModified']}"
    definition = Definition(
        name=name,
        arn=f"{arn}:{version}" if version != "$LATEST" else arn,
        version=version,
        handler=configuration["Handler"],
        package=packages.read(call, package),
        variables=_variables(call, configuration),
        timeout=float(configuration["Timeout"]),
        memory=int(configuration["MemorySize"]),
        log_group=group,
        log_stream=_stream(call, version, key),
        layers=layers,
        runtime=runtime,
    )
    concurrency = call.client("lambda").get_function_concurrency(FunctionName=name)
    return Runnable(
        definition=definition,
        key=key,
        role=configuration["Role"],
        dead_letters=configuration.get("DeadLetterConfig", {}).get("TargetArn", ""),
        reserved=concurrency.get("ReservedConcurrentExecutions"),
        json_logs=logging.get("LogFormat") == "JSON",
    )


def variables_of(call: Call, role: str) -> dict[str, str]:
    """What every function is told: where it is, and by which keys it is known here."""
    endpoint = call.world.endpoint
    return {
        "AWS_REGION": call.region,
        "AWS_DEFAULT_REGION": call.region,
        **call.world.keys_of(call.account, role),
        "AWS_EC2_METADATA_DISABLED": "true",
        **INSIDERS,
        **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
    }


def _variables(call: Call, configuration: dict[str, Any]) -> dict[str, str]:
    own: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return {**own, **variables_of(call, configuration["Role"])}


def _stream(call: Call, version: str, key: str) -> str:
    """``2026/01/05/[$LATEST]…``; the same in every run of the same world."""
    number = uuid.uuid5(uuid.NAMESPACE_URL, key.rpartition(":")[0]).hex
    return f"{call.world.clock.now():%Y/%m/%d}/[{version}]{number}"
