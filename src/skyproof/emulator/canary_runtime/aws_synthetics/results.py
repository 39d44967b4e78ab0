"""What a run tells the emulator: steps and errors as lines of JSON, and files for its artifacts.

They lie in one folder, which the emulator reads and empties after each run. Where the environment
names none, as when a script is tried by hand, nothing is kept.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = "SKYPROOF_CANARY_FOLDER"
LINES = "results.jsonl"
ARTIFACTS = "artifacts"


def add(kind: str, **members: Any) -> None:
    """Tell one thing; ``members`` are JSON values."""
    folder = _folder()
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LINES).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"kind": kind, **members}) + "\n")


def artifact(name: str) -> Path:
    """Where to write a file that goes to the artifacts; only the last part of a path counts."""
    folder = _folder() or Path.cwd()
    artifacts = folder / ARTIFACTS
    artifacts.mkdir(parents=True, exist_ok=True)
    return artifacts / Path(name).name


def is_first(what: str) -> bool:
    """Whether this is asked for the first time in a run."""
    folder = _folder()
    if folder is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    try:
        (folder / f"{what}.once").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _folder() -> Path | None:
    name = os.environ.get(FOLDER)
    return Path(name) if name else None
