"""What a script may have left in its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyproof.emulator.services.synthetics import results
from skyproof.emulator.services.synthetics.results import Results, take

STEP: dict[str, Any] = {
    "kind": "step",
    "name": "ask",
    "result": "PASSED",
    "reason": None,
    "started": 1.5,
    "ended": 2.0,
    "continues": False,
    "duration_metric": True,
    "success_metric": True,
}


def write(folder: Path, *lines: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / results.LINES).write_text("\n".join(lines))


def test_nothing_was_left(tmp_path: Path) -> None:
    assert take(tmp_path / "none") == Results()


def test_a_folder_is_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write(folder, json.dumps(STEP))
    [step] = take(folder).steps
    assert (step.name, step.passed, step.milliseconds) == ("ask", True, 500)
    assert list(folder.iterdir()) == []
    assert take(folder) == Results()


@pytest.mark.parametrize(
    "line",
    [
        "junk",
        "[" * 100_000,
        "[1, 2]",
        json.dumps({"kind": "step"}),
        json.dumps(STEP | {"kind": "other"}),
        json.dumps(STEP | {"started": None}),
        json.dumps(STEP | {"started": float("nan")}),
        json.dumps(STEP | {"ended": float("inf")}),
        json.dumps(STEP | {"ended": 1e300}),
    ],
)
def test_what_the_library_would_not_write_is_passed_over(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "run"
    write(folder, line, json.dumps(STEP))
    assert [step.name for step in take(folder).steps] == ["ask"]


def test_links_and_folders_are_no_artifacts(tmp_path: Path) -> None:
    artifacts = tmp_path / "run" / results.ARTIFACTS
    (artifacts / "folder").mkdir(parents=True)
    (artifacts / "link").symlink_to(__file__)
    (artifacts / "file").write_bytes(b"content")
    assert take(tmp_path / "run").files == (("file", b"content"),)


def test_too_much_is_an_execution_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_BYTES", 10)
    artifacts = tmp_path / "run" / results.ARTIFACTS
    artifacts.mkdir(parents=True)
    (artifacts / "a").write_bytes(bytes(8))
    (artifacts / "b").write_bytes(bytes(8))
    (artifacts / "c").write_bytes(bytes(2))
    left = take(tmp_path / "run")
    assert [name for name, _ in left.files] == ["a", "c"]
    assert left.errors == ("b is too large: artifacts have more than 10 bytes",)
