"""What real runs found: a small JSON file for each backend, under version control."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError


@dataclass(frozen=True)
class Found:
    """What came of one test on one backend.

    Attributes:
        outcome: ``passed``, ``failed`` or ``skipped: <why>``.
        version: of the backend.
        date: of the run, as ``2026-01-05``.
    """

    outcome: str
    version: str
    date: str


def read(folder: Path) -> dict[str, dict[str, Found]]:
    """Backend → test → what was found, from all files of a folder.

    Raises:
        SkyproofError: there is no file, or one cannot be read.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise SkyproofError(
            f"{folder} holds no record of a run.",
            f"Make one: pytest tests/integration --skyproof-record-parity={folder}",
        )
    return {file.stem: _read(file) for file in files}


def write(folder: Path, backend: str, about: str, found: Mapping[str, Found]) -> Path:
    """Add to a backend's file what a run found; tests that it did not run keep what they had."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{backend}.json"
    merged = {**(_read(file) if file.exists() else {}), **found}
    tests = {test: vars(merged[test]) for test in sorted(merged)}
    whole = {"backend": backend, "about": about, "tests": tests}
    file.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return file


def _read(file: Path) -> dict[str, Found]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return {test: Found(**one) for test, one in told["tests"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SkyproofError(
            f"{file} is no record of a run: {error}.", "Restore it, or record a run anew."
        ) from None
