"""What runs left that are past their time to live, for anybody to remove."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Column, Table

from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import tagging
from skyproof.lifecycle.inventory import ClientFactory, Inventory, Item, take
from skyproof.lifecycle.leaks import Leftover, leftovers, of_run
from skyproof.lifecycle.ownership import belonging_to, suffix_of
from skyproof.lifecycle.removal import LIMIT_SECONDS, Removed, remove
from skyproof.lifecycle.tagging import Tags
from skyproof.run import EXPIRES_TAG, OWNER_TAG, RUN_TAG


@dataclass(frozen=True)
class ExpiredRun:
    """A run that is past its time to live, and what there is of it.

    Attributes:
        owner: empty, if no tag tells.
        since: since when; ``None``, if no tag tells.
    """

    id: str
    owner: str
    since: datetime | None
    leftovers: tuple[Leftover, ...]


@dataclass(frozen=True)
class Sweep:
    """The expired runs of an account, and everything that was seen when they were looked for.

    Attributes:
        unreadable: things whose tags may not be read, so that only their names tell whose they are.
    """

    runs: tuple[ExpiredRun, ...]
    seen: Inventory
    unreadable: tuple[Item, ...] = ()

    def __len__(self) -> int:
        return sum(len(run.leftovers) for run in self.runs)

    def summary(self) -> str:
        """How much there is, and the way to remove it."""
        if not len(self):
            return "Nothing to remove." + self._unsure()
        things = "1 thing" if len(self) == 1 else f"{len(self)} things"
        runs = "1 expired run" if len(self.runs) == 1 else f"{len(self.runs)} expired runs"
        return f"{things} of {runs}; --delete removes {'it' if len(self) == 1 else 'them'}." + (
            self._unsure()
        )

    def _unsure(self) -> str:
        if not self.unreadable:
            return ""
        names = ", ".join(str(item) for item in self.unreadable)
        return f"\nTold by their names alone, for their tags may not be read: {names}"

    def table(self) -> Table:
        """What would be removed, one a line."""
        table = Table(
            Column("thing", overflow="fold"),
            Column("run", no_wrap=True),
            Column("owner", overflow="fold"),
            "expired since",
        )
        for run in self.runs:
            since = f"{run.since:%Y-%m-%d %H:%M} UTC" if run.since else "unknown"
            for one in run.leftovers:
                table.add_row(str(one), run.id, run.owner or "unknown", since)
        return table

    def delete(
        self,
        client: ClientFactory,
        limit_seconds: float = LIMIT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Removed:
        """Remove it all, and what its last writers made meanwhile."""
        found = [one for run in self.runs for one in run.leftovers]
        first = remove(client, found, limit_seconds, sleep)
        late = remove(client, self._made_since(client, found), limit_seconds, sleep)
        return Removed(first.done + late.done, first.failed + late.failed)

    def _made_since(self, client: ClientFactory, found: list[Leftover]) -> list[Leftover]:
        now = take(client, self.seen.accounts, self.seen.regions)
        there = [one for run in self.runs for one in of_run(client, run.id, now, self.seen)]
        return [one for one in there if one not in found]


def find(
    client: ClientFactory,
    account: str,
    regions: Sequence[str],
    now: datetime | None = None,
    run_id: str | None = None,
) -> Sweep:
    """What expired runs left in an account.

    Args:
        now: the time; the machine's, if it is not given.
        run_id: only this run, also when no tag tells when it expires.

    Raises:
        SkyproofError: the run that was asked for lives, or is no run's id; or a call was refused.
    """
    if run_id is not None and not suffix_of(run_id):
        raise SkyproofError(
            f"{run_id!r} is no run's id.", "An id reads as in 20260105T000000-k3x9qd."
        )
    try:
        seen = take(client, [account], regions)
        tags = tagging.read(client, seen, seen.items)
    except (ClientError, BotoCoreError) as error:
        raise SkyproofError(
            f"What is in account {account} cannot be seen: {error}",
            "Let the role that skyproof uses there list and describe everything.",
            ExitCode.ENVIRONMENT,
        ) from error
    ends = _ends(tags.values())
    now = now or datetime.now(UTC)
    if run_id is None:
        ids = sorted(one for one, end in ends.items() if end <= now)
    elif run_id in ends and ends[run_id] > now:
        raise SkyproofError(
            f"Run {run_id} lives until {ends[run_id].isoformat()}; nothing of it is swept before.",
            f"If it has ended, `skyproof reap --run {run_id}` destroys what it made.",
        )
    else:
        ids = [run_id]
    runs = (_expired(one, ends.get(one), tags) for one in ids)
    unreadable = sorted(item for item, of_it in tags.items() if of_it is tagging.UNREADABLE)
    return Sweep(tuple(run for run in runs if run.leftovers), seen, tuple(unreadable))


def _expired(run_id: str, since: datetime | None, tags: Mapping[Item, Tags]) -> ExpiredRun:
    its = belonging_to(run_id, tags)
    owners = (tags[item].get(OWNER_TAG, "") for item in its)
    owner = next((one for one in owners if one), "")
    return ExpiredRun(run_id, owner, since, tuple(leftovers(its, tags)))


def _ends(tags: Iterable[Tags]) -> dict[str, datetime]:
    """Run → when the last of its things expires. Who wrote another time there keeps his thing."""
    ends: dict[str, datetime] = {}
    for one in tags:
        if RUN_TAG in one and EXPIRES_TAG in one:
            end = _time(one[EXPIRES_TAG])
            ends[one[RUN_TAG]] = max(end, ends.get(one[RUN_TAG], end))
    return ends


def _time(text: str) -> datetime:
    """A time as tags have it; what is none never comes."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
