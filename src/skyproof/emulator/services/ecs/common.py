"""What the parts of ECS share: names, pages and the base's answers."""

from __future__ import annotations

from collections.abc import Sequence

from skyproof.emulator import paging
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Params

MOST_RESULTS = 100


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def short_name(name_or_arn: str) -> str:
    """The name at the end of an ARN, or the name itself."""
    return name_or_arn.rpartition("/")[2]


def page(
    arns: Sequence[str], params: Params, default: int = MOST_RESULTS
) -> tuple[list[str], dict[str, str]]:
    """One page of a list, and the member of the answer that leads to the next.

    Raises:
        AwsError: InvalidParameterException, for a size or a token that ECS would not take.
    """
    size = params.get("maxResults", default)
    if not 1 <= size <= MOST_RESULTS:
        raise invalid(f"maxResults must be between 1 and {MOST_RESULTS}.")
    token = params.get("nextToken")
    return paging.page(arns, size, token, code="InvalidParameterException", member="nextToken")
