"""What is kept of each function beside the base's own record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call

LATEST = "$LATEST"


@dataclass
class Version:
    """One version, or ``$LATEST``.

    Attributes:
        fields: the members of its configuration that the base forgets.
        package: the key of its package in the service's own bucket; None for an image.
        runtime: when its runtime is updated, if that was set.
    """

    fields: dict[str, Any]
    package: str | None
    runtime: dict[str, Any] | None = None


@dataclass
class Function:
    """One function: its versions, and what belongs to no version.

    Attributes:
        invocation: qualifier → how it is invoked asynchronously.
    """

    versions: dict[str, Version]
    recursive_loop: str = "Terminate"
    code_signing: str = ""
    invocation: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Store:
    """One account's functions and code signing configurations in one region."""

    functions: dict[str, Function] = field(default_factory=dict)
    code_signing: dict[str, dict[str, Any]] = field(default_factory=dict)

    def function(self, call: Call, reference: str) -> Function:
        """A function by name or ARN. Raises ResourceNotFoundException."""
        name, _ = split(reference)
        if name not in self.functions:
            raise not_found(call, name)
        return self.functions[name]


def split(reference: str, qualifier: str | None = None) -> tuple[str, str]:
    """The name and the qualifier that a FunctionName stands for, be it a name or an ARN.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_RequestSyntax
    """
    resource = reference.rpartition(":function:")[2] if ":function:" in reference else reference
    name, _, own = resource.rpartition("/")[2].partition(":")
    return name, qualifier or own or LATEST


def not_found(call: Call, name: str) -> AwsError:
    """As AWS words it."""
    arn = call.arn("lambda", f"function:{name}")
    return AwsError("ResourceNotFoundException", f"Function not found: {arn}", status=404)
