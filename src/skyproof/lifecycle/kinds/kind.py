"""What has to be known of one kind of resource to find it, to tell whose it is, to remove it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import botocore.session

from skyproof.lifecycle.calls import Listing, Step, search


@dataclass(frozen=True)
class Kind:
    """One kind of resource. Expressions are JMESPath over what the listing found of it.

    The context of ``tags`` and ``delete`` is what was found, and ``item.name`` and ``item.arn``.

    Attributes:
        what: what it is called, such as ``metric alarm``.
        listing: finds all that an account has in a region, without what AWS made and keeps itself.
        name: what tells it from others of its kind in its region; may be its ARN.
        delete: the calls that remove it, what is in its way first. Empty: it goes with another.
        arn: a template for ARNs, also to know one by; empty where there are none.
        title: what people call it, where ``name`` is an id; a string or a list of strings.
        tags: where its tags are: in what was found, or behind a call.
        regional: false for services that answer the same in every region.
    """

    service: str
    what: str
    listing: Listing
    name: str
    delete: tuple[Step, ...]
    arn: str = ""
    title: str = ""
    tags: str | Listing = ""
    regional: bool = field(default=True, kw_only=True)

    def name_of(self, found: Any) -> str:
        """The name of one thing that the listing found."""
        return str(search(self.name, found))

    def title_of(self, found: Any) -> str:
        """What people call it, or nothing."""
        if not self.title:
            return ""
        said = search(self.title, found)
        return " ".join(part for part in (said if isinstance(said, list) else [said]) if part)

    def arn_of(self, account: str, region: str, name: str) -> str:
        """The ARN of what has that name, or nothing."""
        if name.startswith("arn:"):
            return name
        return self.arn.format(
            partition=partition(region),
            region=region,
            account=account,
            name=name.rpartition("/")[2] if "://" in name else name,
        )

    def owns(self, arn: str) -> bool:
        """Whether an ARN is of this kind."""
        return bool(self.arn) and self._pattern.fullmatch(arn) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        fields = {"partition": "[^:]*", "region": "[^:]*", "account": "[^:]*", "name": ".+"}
        return re.compile(self.arn.format(**fields))


def as_tags(given: Any) -> dict[str, str]:
    """Tags as a mapping, whichever way a service spells them."""
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    tags = {}
    for pair in given or ():
        lower = {key.lower().removeprefix("tag"): value for key, value in pair.items()}
        tags[str(lower["key"])] = str(lower.get("value", ""))
    return tags


@cache
def partition(region: str) -> str:
    """``aws``, ``aws-cn`` or ``aws-us-gov``: the partition of a region."""
    return str(botocore.session.get_session().get_partition_for_region(region))
