"""CloudWatch's ways to say no."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError


def validation(message: str) -> AwsError:
    """``ValidationError``, of the alarm operations and of GetMetricData."""
    return AwsError("ValidationError", message)


def invalid(message: str) -> AwsError:
    """``InvalidParameterValue``, of all others."""
    return AwsError("InvalidParameterValue", message)


def combination(message: str) -> AwsError:
    """``InvalidParameterCombination``."""
    return AwsError("InvalidParameterCombination", message)


def exclusive(one: str, other: str) -> AwsError:
    """``InvalidParameterCombination`` of two parameters, in AWS's words."""
    return combination(
        f"The parameters {one} and {other} are mutually exclusive and you have specified both."
    )


def missing(parameter: str) -> AwsError:
    """``MissingParameter``, in AWS's words."""
    return AwsError("MissingParameter", f"The parameter {parameter} is required.")
