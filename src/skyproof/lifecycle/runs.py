"""The folders of runs, and which of them still have somebody who works on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import journal

RUNS = "runs"
LOCK = "lock"


@dataclass(frozen=True)
class RunFolder:
    """One run's folder: its journal, its stacks, and the lock of whoever works on it.

    The lock is the system's: it is free as soon as its holder is gone, whatever ended it.
    """

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    def claim(self) -> FileLock:
        """Hold the run until the lock that this returns is released.

        Raises:
            SkyproofError: somebody else holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.path / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise SkyproofError(
                f"The run {self.id} is at work.",
                "Wait for its end, or end its process first; `skyproof status` names it.",
                ExitCode.FAILED,
            ) from None
        return lock

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the run inside. Raises SkyproofError when somebody else does."""
        lock = self.claim()
        try:
            yield
        finally:
            lock.release()

    @property
    def is_held(self) -> bool:
        """Whether somebody works on it at this moment."""
        try:
            self.claim().release()
        except SkyproofError:
            return True
        return False

    def story(self) -> journal.Story:
        """What its journal tells. Raises SkyproofError when there is none."""
        return journal.read(self.path)

    def remove(self) -> None:
        """Remove it: nothing is left of the run."""
        shutil.rmtree(self.path, ignore_errors=True)


def all_runs(home: Path) -> list[RunFolder]:
    """The runs that are not proved to have left nothing, the oldest first."""
    files = sorted((home / RUNS).glob(f"*/{journal.FILE}"))
    return [RunFolder(file.parent) for file in files]


def run_folder(home: Path, run_id: str) -> RunFolder:
    """A run's folder by its id, or by the beginning or the end of its id.

    Raises:
        SkyproofError: no run, or more than one, is called so.
    """
    found = [one for one in all_runs(home) if one.id.startswith(run_id) or one.id.endswith(run_id)]
    exact = [one for one in found if one.id == run_id]
    if len(exact or found) == 1:
        return (exact or found)[0]
    which = ", ".join(one.id for one in found) or "none"
    raise SkyproofError(
        f"{run_id!r} names no single run in {home / RUNS}: {which}.",
        "`skyproof status` lists the runs that are open.",
    )


def described(folder: RunFolder) -> list[str]:
    """A run and its stacks, a line each, and how to go on."""
    story = folder.story()
    at_work = folder.is_held
    who = f"at work, process {story.pid}" if at_work else "its process is gone"
    run = story.run
    lines = [f"{folder.id}  {story.backend or '?'}  {run.owner}  {who}"]
    lines += [f"  line {n} of the journal is damaged" for n in story.damaged]
    lines += [_stack_line(folder, one) for one in story.open]
    if not at_work:
        lines.append(f"  go on with: skyproof reap --run {folder.id}")
    return lines


def _stack_line(folder: RunFolder, entry: journal.StackEntry) -> str:
    source = entry.facts.get("source", "")
    reason = f": {entry.facts['reason'].splitlines()[0]}" if "reason" in entry.facts else ""
    return f"  {entry.name}  {entry.phase}{reason}  {source}  in {folder.path / journal.STACKS}"
