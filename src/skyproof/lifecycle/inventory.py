"""What exists in some accounts and regions, by the services' own list calls.

The tagging API alone would miss what Terraform never knew and what carries no tag: log groups that
a function made, metric filters, alarm detectors, policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skyproof.lifecycle.kinds import KINDS, Kind, kind_of_item

ClientFactory = Callable[[str, str, str], Any]
"""``(service, region, account)`` → boto3 client."""

GLOBAL = "global"


@dataclass(frozen=True, order=True)
class Item:
    """One thing that exists: where, of which service and kind, and its name.

    Attributes:
        arn: its ARN, where it has one.
        title: what people call it, where its name is an id.
        found: what the list call told of it.
        seen_from: the region whose list call told it.
    """

    account: str
    region: str
    service: str
    kind: str
    name: str
    arn: str = field(default="", compare=False)
    title: str = field(default="", compare=False)
    found: Any = field(default=None, compare=False, repr=False)
    seen_from: str = field(default="", compare=False, repr=False)

    @property
    def known_as(self) -> Kind | None:
        """Its kind, if skyproof knows it."""
        return kind_of_item(self.service, self.kind)

    @property
    def context(self) -> Mapping[str, Any]:
        """What the expressions of its kind are read in."""
        found = self.found if isinstance(self.found, Mapping) else {}
        return {**found, "item": {"name": self.name, "arn": self.arn}}

    def __str__(self) -> str:
        title = f" ({self.title})" if self.title else ""
        return f"{self.account} {self.region} {self.service} {self.kind} {self.name}{title}"


@dataclass(frozen=True)
class Inventory:
    """Everything that the list calls saw, and where they looked."""

    items: frozenset[Item]
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def __sub__(self, earlier: Inventory) -> list[Item]:
        """What is here and was not there before, sorted."""
        return sorted(self.items - earlier.items)

    def __len__(self) -> int:
        return len(self.items)


def take(
    client: ClientFactory,
    accounts: Iterable[str],
    regions: Sequence[str],
    kinds: Iterable[Kind] = KINDS,
) -> Inventory:
    """List everything in the given accounts and regions.

    Raises:
        botocore.exceptions.ClientError: a list call was refused.
    """
    accounts, kinds = tuple(accounts), tuple(kinds)
    found = frozenset(
        item
        for account in accounts
        for region in regions
        for kind in kinds
        if kind.regional or region == regions[0]
        for item in items_of(client, kind, account, region)
    )
    return Inventory(found, accounts, tuple(regions))


def items_of(client: ClientFactory, kind: Kind, account: str, region: str) -> Iterator[Item]:
    """Everything of one kind that a region's list call tells."""
    for found in kind.listing.read(client(kind.service, region, account)):
        name = kind.name_of(found)
        yield Item(
            account,
            region if kind.regional else GLOBAL,
            kind.service,
            kind.what,
            name,
            arn=kind.arn_of(account, region, name),
            title=kind.title_of(found),
            found=found,
            seen_from=region,
        )
