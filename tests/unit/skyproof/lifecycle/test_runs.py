"""Runs are found by their folders; the one who works on a run is known while it lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from skyproof.errors import SkyproofError
from skyproof.lifecycle.journal import Journal, Phase
from skyproof.lifecycle.runs import RUNS, RunFolder, all_runs, described, run_folder

HOLDS = """
import sys
from pathlib import Path
from skyproof.lifecycle.runs import RunFolder
lock = RunFolder(Path(sys.argv[1])).claim()
print("held", flush=True)
sys.stdin.read()
"""


def made(home: Path, run_id: str) -> RunFolder:
    path = home / RUNS / run_id
    Journal(path).stack("queue-1", Phase.APPLIED, source="/modules/queue")
    return RunFolder(path)


def test_runs_are_listed_oldest_first(tmp_path: Path) -> None:
    made(tmp_path, "20260106T000000-bbbbbb")
    made(tmp_path, "20260105T000000-aaaaaa")
    assert [one.id[-6:] for one in all_runs(tmp_path)] == ["aaaaaa", "bbbbbb"]
    assert all_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["20260105T000000-aaaaaa", "aaaaaa", "20260105"])
def test_a_run_is_called_by_its_id_or_a_part(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path, "20260105T000000-aaaaaa")
    made(tmp_path, "20260106T000000-bbbbbb")
    assert run_folder(tmp_path, name) == folder


@pytest.mark.parametrize("name", ["2026", "zzzzzz"])
def test_a_name_for_several_or_none_is_refused(tmp_path: Path, name: str) -> None:
    made(tmp_path, "20260105T000000-aaaaaa")
    made(tmp_path, "20260106T000000-bbbbbb")
    with pytest.raises(SkyproofError, match="names no single run"):
        run_folder(tmp_path, name)


def test_a_run_is_held_until_its_holder_is_killed(tmp_path: Path) -> None:
    folder = made(tmp_path, "20260105T000000-aaaaaa")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert folder.is_held
        assert "at work" in described(folder)[0]
        with pytest.raises(SkyproofError, match="is at work"):
            folder.claim()
        holder.kill()
    assert not folder.is_held


def test_a_run_is_described_with_its_way_out(tmp_path: Path) -> None:
    lines = described(made(tmp_path, "20260105T000000-aaaaaa"))
    assert "its process is gone" in lines[0]
    assert "queue-1  applied  /modules/queue" in lines[1]
    assert lines[-1] == "  go on with: skyproof reap --run 20260105T000000-aaaaaa"
