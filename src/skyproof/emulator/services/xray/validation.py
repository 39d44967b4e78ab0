"""``operation`` for X-Ray's handlers: parameters are checked against the model first."""

from __future__ import annotations

from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.errors import AwsError

operation = checked_operations("xray")


def refusal(message: str) -> AwsError:
    """X-Ray's one code for nearly everything: what is missing, too, is an invalid request."""
    return AwsError("InvalidRequestException", message)


def one_of(params: dict[str, str], name: str, arn: str) -> str:
    """The one reference given of two alternatives.

    Raises:
        AwsError: InvalidRequestException, when none or both are given.
    """
    given = [params[member] for member in (name, arn) if member in params]
    if len(given) != 1:
        raise refusal(f"Specify either {name} or {arn}, but not both")
    return given[0]
