"""Whose a thing is: a run's by its tag, or by its name where it carries none.

The provider tags some kinds of resources after it made them, so that what a killed Terraform left
may carry no tag. Nothing but these two rules makes a thing a run's: what is not, is never removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from skyproof.lifecycle.inventory import Inventory, Item
from skyproof.lifecycle.tagging import Tags
from skyproof.run import ALPHABET, RUN_TAG, SUFFIX_LENGTH

_ID = re.compile(rf"\d{{8}}T\d{{6}}-([{ALPHABET}]{{{SUFFIX_LENGTH}}})")


def suffix_of(run_id: str) -> str:
    """The suffix of a run's id; empty for what is no id, so that no name can carry it."""
    found = _ID.fullmatch(run_id)
    return found[1] if found else ""


def has_token(name: str, suffix: str) -> bool:
    """Whether a name has the suffix as a whole word, between ends, signs and spaces."""
    return bool(suffix) and suffix in re.split(r"[^A-Za-z0-9]+", name)


def is_of(run_id: str, item: Item, tags: Tags, before: Inventory | None = None) -> bool:
    """Whether an item is that run's.

    Args:
        before: what there was before the run, if somebody looked.
    """
    if RUN_TAG in tags:
        return tags[RUN_TAG] == run_id
    if before is not None and item in before.items:
        return False
    suffix = suffix_of(run_id)
    return has_token(item.name, suffix) or has_token(item.title, suffix)


def belonging_to(
    run_id: str, tagged: Mapping[Item, Tags], before: Inventory | None = None
) -> list[Item]:
    """Those of the items that are that run's, sorted."""
    return sorted(item for item, tags in tagged.items() if is_of(run_id, item, tags, before))
