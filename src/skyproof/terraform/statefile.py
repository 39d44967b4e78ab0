"""State files after a failure: the newest is put in place, and none that is damaged is used.

Terraform 1.11 writes the state in place. On a full disk it leaves a part of it, or nothing, and
takes an empty file for a stack without resources: a destroy then succeeds and has done nothing
(measured). It writes what it could not save to ``errored.tfstate``, or prints it.
https://developer.hashicorp.com/terraform/cli/commands/state/push
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.errors import ExitCode, SkyproofError

STATE = "terraform.tfstate"
BACKUP = "terraform.tfstate.backup"
ERRORED = "errored.tfstate"
# What the newest state took the place of.
REPLACED = "terraform.tfstate.replaced"
# How Terraform's stream names a state that it prints.
DUMP = "Emergency state dump"
# A file system in memory, where the disks are full.
MEMORY = Path("/dev/shm")  # noqa: S108 (the file's name is unique and its mode 0600)


@dataclass(frozen=True)
class Version:
    """Which state a file holds, and whether it is one at all.

    Attributes:
        sound: false for what is no state; an absent or empty file holds none and is sound.
        resources: how many the state has.
    """

    lineage: str = ""
    serial: int = -1
    resources: int = 0
    sound: bool = True

    @classmethod
    def of(cls, file: Path) -> Version:
        if not file.is_file() or not file.stat().st_size:
            return cls()
        try:
            raw = json.loads(file.read_bytes())
            return cls(raw["lineage"], int(raw["serial"]), len(raw.get("resources", ())))
        except (ValueError, KeyError, TypeError):
            return cls(sound=False)


def put_newest_in_place(folder: Path) -> None:
    """Before a command: use the state that Terraform could not save the last time.

    Raises:
        SkyproofError: no file holds the newest state for sure; all are left as they are.
    """
    state, errored = folder / STATE, folder / ERRORED
    now, unsaved = Version.of(state), Version.of(errored)
    if not errored.is_file():
        _check_sound(folder, now)
        return
    if not unsaved.sound or (now.lineage and now.lineage != unsaved.lineage):
        why = "is of another stack" if unsaved.sound else "is damaged"
        raise SkyproofError(
            f"{errored} should hold the newest state and {why}.",
            f"Compare it with {state}; remove the one that is wrong.",
            ExitCode.FAILED,
        )
    if unsaved.serial > now.serial:
        # Renames: they need no space, and whoever dies between them has lost nothing.
        if state.exists():
            state.replace(folder / REPLACED)
        errored.replace(state)


def _check_sound(folder: Path, now: Version) -> None:
    before = Version.of(folder / BACKUP)
    is_lost = not now.lineage and (folder / STATE).is_file() and before.resources > 0
    if now.sound and not is_lost:
        return
    was = "empty, and was not" if now.sound else "damaged"
    way_out = (
        f"{folder / BACKUP} holds the state before the last command: copy it over, then destroy; "
        "what that command made must be looked for."
        if before.resources
        else "There is no backup of it: what the stack made must be looked for."
    )
    raise SkyproofError(f"The state {folder / STATE} is {was}.", way_out, ExitCode.FAILED)


def dumped(events: Iterator[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The state that Terraform printed because it could write it nowhere."""
    for event in events:
        if event.get("@message") == DUMP:
            state: Mapping[str, Any] = event["state"]
            return state
    return None


def rescue(state: Mapping[str, Any], folder: Path) -> Path | None:
    """Write a state that Terraform printed: where the next command finds it, or at least somewhere.

    Returns:
        The file, or ``None`` if it could be written nowhere.
    """
    (folder / ERRORED).unlink(missing_ok=True)  # a part of it: Terraform printed it for no room
    unique = f"{uuid.uuid4()}.tfstate"
    for file in (folder / ERRORED, Path(tempfile.gettempdir()) / unique, MEMORY / unique):
        part = file.with_name(f"{file.name}.part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as out:
                json.dump(state, out)
            part.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            continue
        return file
    return None
