"""What a canary's script left in its folder: steps, errors and files.

The library in ``canary_runtime/aws_synthetics`` writes it. The script itself may have written
there, too, so that nothing in it is taken for granted.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LINES = "results.jsonl"
ARTIFACTS = "artifacts"
#: Lambda's own storage has 10 GB at most; more than this would fill the emulator's memory.
MAX_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        started, ended: by the script's clock.
        continues: the script went on though the step failed.
        duration_metric, success_metric: whether the script lets these be published.
    """

    name: str
    passed: bool
    reason: str | None
    started: datetime
    ended: datetime
    continues: bool
    duration_metric: bool
    success_metric: bool

    @property
    def milliseconds(self) -> float:
        return (self.ended - self.started).total_seconds() * 1000


@dataclass(frozen=True)
class Results:
    """What one run left behind.

    Attributes:
        errors: of the run, not of the script: pictures that could not be taken.
        files: content by name.
    """

    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()


def take(folder: Path) -> Results:
    """Read a folder and empty it."""
    if not folder.is_dir():
        return Results()
    lines = [one for text in _lines(folder / LINES) if isinstance(one := _json(text), dict)]
    files, errors = _files(folder / ARTIFACTS)
    for entry in list(folder.iterdir()):
        _remove(entry)
    told = [str(one.get("message")) for one in lines if one.get("kind") == "execution error"]
    return Results(
        tuple(step for one in lines if (step := _step(one)) is not None),
        (*told, *errors),
        tuple(files),
    )


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _lines(path: Path) -> list[str]:
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return []
    return path.read_text("utf-8", errors="replace").splitlines()


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _step(told: dict[str, Any]) -> Step | None:
    if told.get("kind") != "step":
        return None
    try:
        return Step(
            name=str(told["name"]),
            passed=told["result"] == "PASSED",
            reason=told["reason"] and str(told["reason"]),
            started=_moment(told["started"]),
            ended=_moment(told["ended"]),
            continues=bool(told["continues"]),
            duration_metric=bool(told["duration_metric"]),
            success_metric=bool(told["success_metric"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _files(folder: Path) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Regular files, by name, as far as there is room; and what there was none for."""
    found: list[tuple[str, bytes]] = []
    errors = []
    room = MAX_BYTES
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        if size > room:
            errors.append(f"{path.name} is too large: artifacts have more than {MAX_BYTES} bytes")
            continue
        room -= size
        found.append((path.name, path.read_bytes()))
    return found, errors
