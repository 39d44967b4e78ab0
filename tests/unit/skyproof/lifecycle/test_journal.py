"""A journal says what may still stand, whatever befell the file."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.errors import SkyproofError
from skyproof.lifecycle import journal
from skyproof.lifecycle.journal import Journal, Phase
from skyproof.run import Run

BEGUN = datetime(2026, 1, 5, tzinfo=UTC)
RUN = Run("20260105T000000-k3x9qd", "me@here", BEGUN, BEGUN + timedelta(hours=4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs" / RUN.id


def phases(folder: Path) -> dict[str, Phase]:
    return {name: one.phase for name, one in journal.read(folder).stacks.items()}


def test_what_was_written_is_read(folder: Path) -> None:
    written = Journal(folder)
    written.begun(RUN, "sandbox", {"AWS_PROFILE": "tests"}, {"region": "eu-west-1"})
    written.stack("queue-1", Phase.APPLYING, source="/modules/queue")
    written.stack("queue-1", Phase.APPLIED)
    written.close()

    story = journal.read(folder)
    assert story.run == RUN
    assert (story.pid, story.backend) == (os.getpid(), "sandbox")
    assert story.reference == {"AWS_PROFILE": "tests"}
    assert story.settings == {"region": "eu-west-1"}
    [entry] = story.open
    assert (entry.name, entry.phase) == ("queue-1", Phase.APPLIED)
    assert entry.facts["source"] == "/modules/queue"


def test_a_destroyed_stack_is_not_open_and_the_newest_comes_first(folder: Path) -> None:
    written = Journal(folder)
    for name in ("a-1", "b-1", "c-1"):
        written.stack(name, Phase.APPLIED)
    written.stack("b-1", Phase.DESTROYED)
    assert [one.name for one in journal.read(folder).open] == ["c-1", "a-1"]


def test_only_its_owner_may_look(folder: Path) -> None:
    Journal(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / journal.FILE).stat().st_mode & 0o777 == 0o600


@given(
    cut=st.integers(min_value=1, max_value=200),
    garbage=st.binary(max_size=20).filter(lambda raw: b"\n" not in raw),
)
def test_after_a_torn_line_the_next_entry_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int, garbage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("run")
    first = Journal(folder)
    first.stack("kept-1", Phase.APPLIED)
    first.stack("torn-1", Phase.APPLYING)
    first.close()
    file = folder / journal.FILE
    lines = file.read_bytes().splitlines(keepends=True)
    torn = lines[1][: min(cut, len(lines[1]) - 2)] + garbage
    file.write_bytes(lines[0] + torn)

    second = Journal(folder)
    second.stack("after-1", Phase.APPLIED)
    story = journal.read(folder)
    assert story.damaged == [2]
    assert phases(folder) == {"kept-1": Phase.APPLIED, "after-1": Phase.APPLIED}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        "null",
        "{}",
        '{"kind": "stack"}',
        '{"kind": "stack", "name": "x", "phase": "?"}',
    ],
)
def test_a_damaged_line_is_told_and_costs_no_other(folder: Path, line: str) -> None:
    written = Journal(folder)
    written.stack("a-1", Phase.APPLIED)
    with written.file.open("a") as file:
        file.write(f"{line}\n")
    written.stack("b-1", Phase.APPLIED)
    assert journal.read(folder).damaged == [2]
    assert phases(folder) == {"a-1": Phase.APPLIED, "b-1": Phase.APPLIED}


def test_a_folder_whose_entry_is_lost_counts_as_open(folder: Path) -> None:
    Journal(folder)
    (folder / journal.STACKS / "lost-1").mkdir()
    assert phases(folder) == {"lost-1": Phase.PREPARING}


def test_a_run_whose_first_line_is_lost_is_named_by_its_folder(folder: Path) -> None:
    Journal(folder).stack("a-1", Phase.APPLIED)
    assert journal.read(folder).run.id == RUN.id


def test_each_entry_is_on_the_disk_when_it_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    written = Journal(folder)
    before = len(synced)
    written.stack("a-1", Phase.APPLYING)
    assert len(synced) == before + 1
    assert json.loads(written.file.read_text())["name"] == "a-1"


def test_without_a_journal_nothing_may_begin(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(SkyproofError, match="Nothing is applied without it") as caught:
        Journal(tmp_path / "runs" / "x")
    assert "--skyproof-home" in caught.value.hint


def test_a_disk_that_fills_up_stops_the_run_and_spoils_no_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Journal(folder)
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", fails)
        return real(descriptor, data[:5])

    def fails(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(SkyproofError, match="No space left on device"):
        written.stack("a-1", Phase.APPLYING)
    monkeypatch.setattr(os, "write", real)
    written.stack("b-1", Phase.APPLIED)
    assert phases(folder) == {"b-1": Phase.APPLIED}


def test_a_clock_that_jumps_back_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the lines counts, not what the machine's clock said."""
    written = Journal(folder)
    written.stack("a-1", Phase.APPLIED)

    class Past(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(journal, "datetime", Past)
    written.stack("a-1", Phase.DESTROYED)
    assert phases(folder) == {"a-1": Phase.DESTROYED}


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(SkyproofError, match=str(tmp_path)):
        journal.read(tmp_path)
