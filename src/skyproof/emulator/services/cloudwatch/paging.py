"""Pages of results, with CloudWatch's refusal of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from skyproof.emulator import paging

T = TypeVar("T")


def page(items: Sequence[T], size: int, token: str | None) -> tuple[list[T], dict[str, str]]:
    """One page of ``items`` and the ``NextToken`` member for the answer, empty on the last page.

    Raises:
        AwsError: InvalidNextToken, for a token that this emulator did not give out.
    """
    return paging.page(items, size, token, code="InvalidNextToken")
