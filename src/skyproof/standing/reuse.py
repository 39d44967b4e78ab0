"""A test run takes what stands: a copy of the world, and in it what has changed since."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from skyproof.backends.emulated import Emulated, Forked
from skyproof.backends.worlds import Worlds
from skyproof.errors import SkyproofError
from skyproof.run import SUFFIX_PLACEHOLDER
from skyproof.standing import fingerprint
from skyproof.standing.fingerprint import Difference
from skyproof.standing.record import Place, Record, place_of
from skyproof.standing.up import choose
from skyproof.terraform.discovery import Binary
from skyproof.terraform.workspace import Workspace

#: Beside the record, one for each copy that a run has: a lock that is free once the run is gone.
COPIES = "copies"


@dataclass
class Copied:
    """A copy of what stands, for one run.

    Attributes:
        world: served by a process of its own.
        workspace: with the state, the run's own.
        difference: what is yet to be applied to it.
        refresh: whether anything but Terraform may have changed the world.
    """

    world: Forked
    workspace: Workspace
    difference: Difference
    refresh: bool
    claim: FileLock

    def end(self) -> None:
        """End the copy and its claim."""
        with contextlib.suppress(SkyproofError):  # the standing world has ended, and this with it
            self.world.stop()
        self.let_go()

    def let_go(self) -> None:
        """Leave the copy as it is: what nobody claims is dropped by nobody."""
        self.claim.release()
        Path(self.claim.lock_file).unlink(missing_ok=True)


@dataclass
class Reuse:
    """What one run takes of what stands.

    Args:
        account, region: of the run; what stands in others is not its own.
        tell: takes the one line that says what was chosen, and why.
        ahead: called as soon as something is to be applied: begins what that needs.
    """

    home: Path
    account: str
    region: str
    tell: Callable[[str], None]
    ahead: Callable[[], None] = lambda: None

    def copy(
        self,
        source: Path,
        variables: Mapping[str, Any],
        terraform: Binary,
        prepare: Callable[[], Path],
    ) -> Copied | None:
        """A copy of what stands of a stack; ``None`` where it must be applied from nothing.

        Args:
            prepare: where its workspace is to be; called if there is to be one.

        Raises:
            SkyproofError: the world cannot be copied.
        """
        place = place_of(self.home, source)
        record = place.record()
        why = self._why_not(record, variables)
        if why or record is None:
            self.tell(f"skyproof: {source.name}: applied as always: {why}")
            return None
        with place.held():
            record = place.record()
            tools = fingerprint.tools_of(terraform, record.where() if record else None)
            choice = choose(record, fingerprint.of(source, variables, tools))
            self.tell(f"skyproof: {source.name}: {choice}")
            if choice.is_new or record is None:
                return None
            if choice.difference:
                self.ahead()
            return _copied(place, record, choice.difference, prepare())

    def _why_not(self, record: Record | None, variables: Mapping[str, Any]) -> str:
        if record is None:
            return "nothing stands; `skyproof up` lets it stand"
        if (record.account, record.region) != (self.account, self.region):
            return f"what stands is in account {record.account} and region {record.region}"
        if SUFFIX_PLACEHOLDER in repr(variables):
            return f"{SUFFIX_PLACEHOLDER} in its variables is another in each run"
        return ""


def _copied(place: Place, record: Record, difference: Difference, into: Path) -> Copied:
    _drop_orphans(place, record)
    standing = Emulated(record.account, record.region, record.endpoint)
    world = standing.fork()
    world.token = record.token
    claim = FileLock(_claim_file(place, world.pid))
    claim.acquire()
    try:
        if not record.is_open:
            # It stood still; what was due meanwhile is not made up for.
            world.clock().set(now=datetime.now(UTC), mode="real")
        workspace = record.where().fork(into)
    except BaseException:
        world.stop()
        claim.release()
        raise
    return Copied(world, workspace, difference, record.is_open, claim)


def _drop_orphans(place: Place, record: Record) -> None:
    """End the copies of runs that are gone: their claims are there, and nobody holds them."""
    for world in Worlds(record.endpoint).living():
        file = _claim_file(place, world.pid)
        if not file.exists():
            continue  # it was kept
        with contextlib.suppress(Timeout, SkyproofError), FileLock(file, timeout=0):
            world.drop()
            file.unlink(missing_ok=True)


def _claim_file(place: Place, pid: int | None) -> Path:
    folder = place.path / COPIES
    folder.mkdir(exist_ok=True)
    return folder / f"{pid}.lock"
