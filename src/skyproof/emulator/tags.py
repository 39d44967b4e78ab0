"""Tags: how most services spell them, and what all of them refuse.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Tags = dict[str, str]
#: On one resource.
MAX_TAGS = 50


def as_dict(pairs: Iterable[Mapping[str, str]] | None) -> Tags:
    """``[{"Key": k, "Value": v}]`` as a dict."""
    return {pair["Key"]: pair["Value"] for pair in pairs or []}


def as_pairs(tags: Tags) -> list[dict[str, str]]:
    """The other way round."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def reserved(keys: Iterable[str]) -> str | None:
    """The first key that AWS keeps for itself, if there is one."""
    return next((key for key in keys if key.lower().startswith("aws:")), None)
