"""What a run did to the world, written down before it does it, so that anybody can finish it.

A run's folder holds all that another machine needs: ``journal.jsonl``, one entry a line and each on
the disk before the run goes on, and under ``stacks/`` the copies that Terraform works in, with
their states. The folder is removed when it is proved that nothing is left.

An entry that a crash cut short, or that a disk damaged, is passed over and told; the stacks are
found by their folders as well, so that no entry is the only witness of anything.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from skyproof.errors import ExitCode, SkyproofError
from skyproof.run import Run

FILE = "journal.jsonl"
STACKS = "stacks"


class Phase(StrEnum):
    """How far a stack has come. Only of a ``destroyed`` one is it proved that nothing is left."""

    PREPARING = "preparing"
    APPLYING = "applying"
    APPLIED = "applied"
    DESTROYING = "destroying"
    FAILED = "failed"
    KEPT = "kept"
    DESTROYED = "destroyed"


class Journal:
    """Writes one run's journal.

    Args:
        folder: the run's folder; made if need be, for its owner alone.

    Raises:
        SkyproofError: the folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / FILE
        try:
            (folder / STACKS).mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _cannot_write(self.file, error) from error
        self._descriptor = descriptor
        self._writing = threading.Lock()
        self._is_torn = not _ends_with_a_line(self.file)
        _sync_folder(folder)

    def begun(
        self, run: Run, backend: str, reference: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        """Whose run it is, and how its AWS is reached again; no secret is among it.

        Args:
            reference: environment variables, as :meth:`Backend.reference` gives them.
            settings: option name → value, as plain data.
        """
        self._write(
            "run",
            **run.to_json(),
            pid=os.getpid(),
            backend=backend,
            reference=dict(reference),
            settings=dict(settings),
        )

    def stack(self, name: str, phase: Phase, **facts: Any) -> None:
        """A stack comes to a phase: told before what belongs to the phase is begun."""
        self._write("stack", name=name, phase=phase, **facts)

    def close(self) -> None:
        """Write no more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, kind: str, **facts: Any) -> None:
        entry = {"at": datetime.now(UTC).isoformat(), "kind": kind, **facts}
        line = f"{json.dumps(entry, default=str)}\n".encode()
        with self._writing:
            try:
                # What was cut short stays a line of its own, and this one is whole.
                _write_all(self._descriptor, b"\n" + line if self._is_torn else line)
                os.fsync(self._descriptor)
            except OSError as error:
                self._is_torn = True
                raise _cannot_write(self.file, error) from error
            self._is_torn = False


@dataclass
class StackEntry:
    """What a journal knows of one stack.

    Attributes:
        name: the name of its folder under ``stacks/``.
        facts: all that its entries told; later ones win.
    """

    name: str
    phase: Phase = Phase.PREPARING
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether something of it may still stand."""
        return self.phase is not Phase.DESTROYED


@dataclass
class Story:
    """A journal as it reads.

    Attributes:
        run: whose it is; made up from the folder's name where the first line is lost.
        stacks: by name, in the order in which they began.
        damaged: numbers of the lines that could not be read.
    """

    folder: Path
    run: Run
    pid: int = 0
    backend: str = ""
    reference: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    stacks: dict[str, StackEntry] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list)

    @property
    def open(self) -> list[StackEntry]:
        """Stacks of which something may still stand, the newest first."""
        return [one for one in reversed(self.stacks.values()) if one.is_open]


def read(folder: Path) -> Story:
    """Read a run's journal.

    Raises:
        SkyproofError: there is none.
    """
    try:
        text = (folder / FILE).read_bytes().decode(errors="replace")
    except OSError as error:
        raise SkyproofError(
            f"{folder} holds no journal that can be read: {error.strerror}.",
            "Name the folder of a run; `skyproof status` lists them.",
            ExitCode.ENVIRONMENT,
        ) from error
    story = Story(folder, _made_up_run(folder))
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line:
                _take(story, json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            story.damaged.append(number)
    # A folder without an entry: the entry was damaged, or the run died between the two.
    for stack in sorted((folder / STACKS).glob("*/")):
        story.stacks.setdefault(stack.name, StackEntry(stack.name))
    return story


def _take(story: Story, entry: dict[str, Any]) -> None:
    match entry["kind"]:
        case "run":
            story.run = Run.from_json(entry)
            story.pid = int(entry["pid"])
            story.backend = str(entry["backend"])
            story.reference = dict(entry["reference"])
            story.settings = dict(entry["settings"])
        case "stack":
            phase = Phase(entry["phase"])
            known = story.stacks.setdefault(entry["name"], StackEntry(entry["name"]))
            known.phase = phase
            known.facts |= entry


def _made_up_run(folder: Path) -> Run:
    now = datetime.now(UTC)
    return Run(folder.name, "unknown", now, now)


def _ends_with_a_line(file: Path) -> bool:
    with file.open("rb") as journal:
        size = journal.seek(0, os.SEEK_END)
        journal.seek(max(size - 1, 0))
        return journal.read(1) in (b"", b"\n")


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    """A new file is only kept by a crash of the machine once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(file: Path, error: OSError) -> SkyproofError:
    return SkyproofError(
        f"The journal {file} cannot be written: {error.strerror}. Nothing is applied without it.",
        "Make room or name another folder with --skyproof-home.",
        ExitCode.ENVIRONMENT,
    )
