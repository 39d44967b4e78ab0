"""What a run left behind, who made it, and the error that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import tagging
from skyproof.lifecycle.attribution import maker_of
from skyproof.lifecycle.inventory import ClientFactory, Inventory, Item
from skyproof.lifecycle.ownership import belonging_to
from skyproof.lifecycle.tagging import Tags

_CANNOT = "of a kind that skyproof cannot delete"


@dataclass(frozen=True)
class Leftover:
    """One thing that was left, and who made it.

    Attributes:
        made_by: as the end of a sentence; empty where nothing tells.
    """

    item: Item
    made_by: str = ""
    tags: Tags = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        notes = [self.made_by] if self.made_by else []
        if self.item.known_as is None:
            notes.append(_CANNOT)
        return ", ".join([str(self.item), *notes])


def leftovers(items: Iterable[Item], tags: Mapping[Item, Tags]) -> list[Leftover]:
    """The items with who made them."""
    return [Leftover(item, maker_of(item, of := tags.get(item, {})), of) for item in items]


def of_run(
    client: ClientFactory, run_id: str, after: Inventory, before: Inventory | None = None
) -> list[Leftover]:
    """What there is of one run, in accounts that others may work in.

    Args:
        before: what there was before the run, if somebody looked; saves reading its tags.

    Raises:
        botocore.exceptions.ClientError: a call was refused.
    """
    new = after.items if before is None else after.items - before.items
    tags = tagging.read(client, after, new)
    return leftovers(belonging_to(run_id, tags, before), tags)


def check(
    client: ClientFactory, before: Inventory, after: Inventory, run_id: str | None = None
) -> None:
    """Fail if something was left.

    Args:
        run_id: only what is this run's counts. Without, everything new does: nobody else works in
            these accounts.

    Raises:
        SkyproofError: it names everything that was left, one a line.
    """
    if run_id is None:
        left = leftovers(after - before, {})
        hint = "Something made it that Terraform did not destroy: give it to the stack to manage."
    else:
        left = of_run(client, run_id, after, before)
        hint = (
            f"`skyproof reap --run {run_id}` destroys what its state knows, "
            f"`skyproof sweep --run {run_id} --delete` removes the rest once it has expired."
        )
    if left:
        lines = "\n".join(f"  {one}" for one in left)
        raise SkyproofError(f"{_count(left)} left behind:\n{lines}", hint, ExitCode.FAILED)


def _count(left: list[Leftover]) -> str:
    return "1 thing was" if len(left) == 1 else f"{len(left)} things were"
