"""What is kept of each function beside the base's own record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call

if TYPE_CHECKING:
    from skyproof.emulator.services.lambda_.polling import Poller

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

    def require_revision(self, revision: str | None) -> None:
        """Raise PreconditionFailedException when somebody changed it since that revision.

        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
        """
        if revision is not None and revision != self.versions[LATEST].fields["RevisionId"]:
            raise AwsError(
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the "
                "GetFunction/GetAlias API to retrieve the latest Revision Id",
            )


@dataclass
class SigningConfig:
    """A code signing configuration, as it is answered, and its tags."""

    config: dict[str, Any]
    tags: dict[str, str]


@dataclass
class Store:
    """One account's functions and code signing configurations in one region.

    Attributes:
        invocations: how many there have been.
        pollers: those of event source mappings, by UUID.
        mappings: how many event source mappings there have been.
        layers: the keys of layers' packages, by the ARN of the version.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    code_signing: dict[str, SigningConfig] = field(default_factory=dict)
    invocations: int = 0
    pollers: dict[str, Poller] = field(default_factory=dict)
    mappings: int = 0
    layers: dict[str, str] = field(default_factory=dict)

    def signing_config(self, arn: str) -> SigningConfig:
        """A code signing configuration. Raises ResourceNotFoundException."""
        if arn not in self.code_signing:
            said = f"The Lambda code signing configuration {arn} can not be found."
            raise AwsError("ResourceNotFoundException", said, status=404)
        return self.code_signing[arn]

    def require_signing_config(self, arn: str) -> None:
        """Raise CodeSigningConfigNotFoundException: what a function refers to is not there."""
        if arn not in self.code_signing:
            raise AwsError(
                "CodeSigningConfigNotFoundException",
                "The code signing configuration cannot be found. Check that the provided "
                f"configuration is not deleted: {arn}.",
                status=404,
            )

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


def stamp(call: Call) -> str:
    """The present moment as Lambda writes it: ``2026-01-05T00:00:00.000+0000``."""
    return call.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "+0000"
