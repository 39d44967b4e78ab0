"""The tags of what exists: from the tagging API, and from the services that it does not know.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html tells
whatever carries a tag, also of kinds that skyproof cannot list; it knows no IAM roles and users,
and may still tell what is deleted. So it adds tags, and things of kinds that no list call covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from skyproof.lifecycle import errors
from skyproof.lifecycle.calls import Listing, search
from skyproof.lifecycle.inventory import ClientFactory, Inventory, Item
from skyproof.lifecycle.kinds import as_tags, is_covered
from skyproof.run import RUN_TAG

Tags = Mapping[str, str]

UNREADABLE: Tags = MappingProxyType({})
"""The tags of what does not let them be read, such as a bucket with a strict policy."""

UNLISTED = "thing"
"""The kind of what only the tagging API told of."""


def read(client: ClientFactory, inventory: Inventory, items: Iterable[Item]) -> dict[Item, Tags]:
    """The tags of some items of an inventory, and all else that carries a tag of skyproof's there.

    Raises:
        botocore.exceptions.ClientError: a call was refused.
    """
    told = {item.arn: (item, tags) for item, tags in _tagged(client, inventory)}
    known = {item.arn: item for item in inventory.items if item.arn}
    tags = {
        known.get(arn, item): of_it
        for arn, (item, of_it) in told.items()
        # Covered by a list, and not in it: deleted.
        if arn in known or not is_covered(arn)
    }
    for item in items:
        if item not in tags:
            tags[item] = of_item(client, item)
    return tags


def of_item(client: ClientFactory, item: Item) -> Tags:
    """The tags that an item's own service tells: none, if it has none; or UNREADABLE."""
    kind = item.known_as
    if kind is None or not kind.tags:
        return {}
    if isinstance(kind.tags, str):
        return as_tags(search(kind.tags, item.found))
    return _asked(client(item.service, item.seen_from, item.account), kind.tags, item)


def _asked(client: Any, listing: Listing, item: Item) -> Tags:
    tags: dict[str, str] = {}
    try:
        for answer in listing.answers(client, item.context):
            tags.update(as_tags(answer))
    except ClientError as error:
        if errors.is_denied(error):
            return UNREADABLE
        if not errors.is_gone(error):  # S3 says NoSuchTagSet
            raise
    return tags


_RESOURCES = Listing(
    "get_resources",
    "ResourceTagMappingList",
    {"TagFilters": f"[{{Key: '{RUN_TAG}'}}]"},
)


def _tagged(client: ClientFactory, inventory: Inventory) -> Iterator[tuple[Item, Tags]]:
    for account in inventory.accounts:
        for region in inventory.regions:
            api = client("resourcegroupstaggingapi", region, account)
            for told in _RESOURCES.read(api):
                arn = told["ResourceARN"].removesuffix(":*")
                service = arn.split(":")[2]
                item = Item(account, region, service, UNLISTED, arn, arn=arn, seen_from=region)
                yield item, as_tags(told["Tags"])
