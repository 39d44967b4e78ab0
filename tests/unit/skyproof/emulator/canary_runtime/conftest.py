"""The library as a canary finds it: by a search path, in a folder of its own."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skyproof.emulator.services.synthetics.execution import FOLDER, LIBRARY


@dataclass(frozen=True)
class Library:
    """The modules that canaries import, and the folder that they write to."""

    common: Any
    webdriver: Any
    browser: Any
    results: Any
    folder: Path

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What the library has told the emulator so far, of one kind."""
        path = self.folder / "results.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [one for line in lines if (one := json.loads(line))["kind"] == kind]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Library]:
    """Imported anew, as each process of a canary does."""
    monkeypatch.syspath_prepend(str(LIBRARY))
    monkeypatch.setenv(FOLDER, str(tmp_path / "run"))
    yield Library(
        common=importlib.import_module("aws_synthetics.common"),
        webdriver=importlib.import_module("aws_synthetics.selenium.synthetics_webdriver"),
        browser=importlib.import_module("aws_synthetics.selenium.browser"),
        results=importlib.import_module("aws_synthetics.results"),
        folder=tmp_path / "run",
    )
    for name in [name for name in sys.modules if name.split(".")[0] == "aws_synthetics"]:
        del sys.modules[name]
