"""What lets others finish a run, from its own side: folder, journal, lock and watcher."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from skyproof.backends import Backend
from skyproof.lifecycle.journal import STACKS, Journal, Phase
from skyproof.lifecycle.runs import RUNS, RunFolder
from skyproof.lifecycle.watching import Watcher
from skyproof.run import Run
from skyproof.settings import Settings, as_text
from skyproof.terraform.workspace import Workspace


class Chronicle:
    """What a run has begun, on the disk before it begins it.

    The folder is made, and the watcher started, by :meth:`open`, at the latest when the first stack
    is prepared. The folder is removed by :meth:`close` when every stack is destroyed.
    """

    def __init__(self, settings: Settings, run: Run, backend: Backend) -> None:
        self.folder = RunFolder(settings.home / RUNS / run.id)
        self._settings = settings
        self._run = run
        self._backend = backend
        self._opening = threading.Lock()
        self._journal: Journal | None = None
        self._watcher: Watcher | None = None
        self._claim: FileLock | None = None
        self._names: Counter[str] = Counter()
        self._phases: dict[str, Phase] = {}

    def prepare(self, source: Path, variables: Mapping[str, Any]) -> Path:
        """The folder that a copy of a stack shall be made in; nothing is there yet.

        Raises:
            SkyproofError: the journal cannot be written, and then nothing may be begun.
        """
        self.open()
        with self._opening:
            self._names[source.name] += 1
            name = f"{source.resolve().name}-{self._names[source.name]}"
        self._tell(name, Phase.PREPARING, source=str(source), variables=sorted(variables))
        return self.folder.path / STACKS / name

    def comes_to(self, phase: Phase, workspace: Workspace, **facts: Any) -> None:
        """A stack comes to a phase: told before what belongs to the phase is begun."""
        where = workspace.to_json()
        del where["top"]  # the folder may be finished where it was copied to
        self._tell(workspace.top.name, phase, workspace=where, **facts)

    def drop(self, top: Path) -> None:
        """Nothing of a stack stands any more, or ever did."""
        self._tell(top.name, Phase.DESTROYED)

    @property
    def open_stacks(self) -> list[str]:
        """Stacks of which something may still stand; one that was never applied made nothing."""
        closed = (Phase.DESTROYED, Phase.PREPARING)
        return [name for name, phase in self._phases.items() if phase not in closed]

    def close(self) -> None:
        """The run ends by itself. Its folder stays while something may be left of it."""
        if self._journal is None or self._claim is None or self._watcher is None:
            return
        self._journal.close()
        if not self.open_stacks:
            self.folder.remove()
        self._claim.release()
        self._watcher.done()
        self._journal = self._claim = self._watcher = None

    def open(self) -> None:
        """Begin the journal, and have the run's end watched; harmless when that is done.

        Raises:
            SkyproofError: the journal cannot be written, and then nothing may be begun.
        """
        with self._opening:
            if self._journal is None:
                self._open()

    def _open(self) -> None:
        journal = Journal(self.folder.path)
        self._claim = self.folder.claim()
        reference = self._backend.reference()
        journal.begun(self._run, self._backend.name, reference, as_text(self._settings))
        grace = 0 if self._backend.is_local else self._settings.reap_after
        self._watcher = Watcher(self.folder.path, grace, reference)
        self._journal = journal

    def _tell(self, name: str, phase: Phase, **facts: Any) -> None:
        assert self._journal is not None, "the run's folder is open from the first stack on"
        self._phases[name] = phase
        self._journal.stack(name, phase, **facts)
