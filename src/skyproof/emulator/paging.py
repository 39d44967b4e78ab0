"""Pages of results and the tokens that lead from one to the next, for every service here."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

from skyproof.emulator.errors import AwsError

T = TypeVar("T")


def page(
    items: Sequence[T], size: int, token: str | None, *, code: str, member: str = "NextToken"
) -> tuple[list[T], dict[str, str]]:
    """One page of ``items`` and the token's member for the answer, empty on the last page.

    Raises:
        AwsError: ``code``, for a token that this emulator did not give out.
    """
    start = _position(token, code)
    end = start + size
    return list(items[start:end]), {member: _token(end)} if end < len(items) else {}


def _token(position: int) -> str:
    return urlsafe_b64encode(f"from:{position}".encode()).decode().rstrip("=")


def _position(token: str | None, code: str) -> int:
    if not token:
        return 0
    try:
        decoded = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        decoded = ""
    label, _, position = decoded.partition(":")
    if label != "from" or not position.isdecimal():
        raise AwsError(code, "The next token is invalid.")
    return int(position)
