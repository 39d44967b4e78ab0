"""The newest state is used, and none that is damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyproof.errors import SkyproofError
from skyproof.terraform import statefile
from skyproof.terraform.statefile import Version, dumped, put_newest_in_place, rescue


def state(serial: int, lineage: str = "a", resources: int = 1) -> dict[str, Any]:
    return {"version": 4, "serial": serial, "lineage": lineage, "resources": [{}] * resources}


def write(folder: Path, **files: dict[str, Any] | str | None) -> None:
    names = {
        "now": statefile.STATE,
        "errored": statefile.ERRORED,
        "backup": statefile.BACKUP,
    }
    for name, content in files.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / names[name]).write_text(text)


def serial(folder: Path) -> int:
    return Version.of(folder / statefile.STATE).serial


@pytest.mark.parametrize("now", [state(3), "", None, '{"version": 4, "seri'])
def test_what_could_not_be_saved_takes_its_place(
    tmp_path: Path, now: dict[str, Any] | str | None
) -> None:
    write(tmp_path, now=now, errored=state(4))
    put_newest_in_place(tmp_path)
    assert serial(tmp_path) == 4
    assert not (tmp_path / statefile.ERRORED).exists()
    assert (tmp_path / statefile.REPLACED).exists() == (now is not None), "nothing is lost"


@pytest.mark.parametrize("old", [3, 4])
def test_what_is_older_stays_where_it_is(tmp_path: Path, old: int) -> None:
    write(tmp_path, now=state(4), errored=state(old))
    put_newest_in_place(tmp_path)
    assert serial(tmp_path) == 4
    assert not (tmp_path / statefile.REPLACED).exists()


@pytest.mark.parametrize(
    ("now", "errored", "said"),
    [
        (state(3), state(4, lineage="b"), "is of another stack"),
        (state(3), '{"version": 4, "ser', "is damaged"),
    ],
)
def test_what_may_be_wrong_is_not_used(
    tmp_path: Path, now: dict[str, Any], errored: Any, said: str
) -> None:
    write(tmp_path, now=now, errored=errored)
    with pytest.raises(SkyproofError, match=said) as caught:
        put_newest_in_place(tmp_path)
    assert str(tmp_path / statefile.STATE) in caught.value.hint
    assert serial(tmp_path) == 3
    assert (tmp_path / statefile.ERRORED).exists()


@pytest.mark.parametrize(
    ("now", "backup", "said", "way_out"),
    [
        ('{"version": 4, "ser', state(2), "is damaged", "copy it over"),
        ('{"version": 4, "ser', None, "is damaged", "There is no backup"),
        ("[]", None, "is damaged", "There is no backup"),
        ("", state(2), "is empty, and was not", "copy it over"),
    ],
)
def test_a_damaged_state_is_refused(
    tmp_path: Path, now: str, backup: dict[str, Any] | None, said: str, way_out: str
) -> None:
    write(tmp_path, now=now, backup=backup)
    with pytest.raises(SkyproofError, match=said) as caught:
        put_newest_in_place(tmp_path)
    assert way_out in caught.value.hint


@pytest.mark.parametrize("now", [None, "", state(1), state(9, resources=0)])
@pytest.mark.parametrize("backup", [None, state(8, resources=0)])
def test_a_sound_state_is_left_alone(
    tmp_path: Path, now: dict[str, Any] | str | None, backup: dict[str, Any] | None
) -> None:
    write(tmp_path, now=now, backup=backup)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    put_newest_in_place(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_printed_state_is_written_where_the_next_command_finds_it(tmp_path: Path) -> None:
    write(tmp_path, now='{"version": 4', errored='{"version"')
    printed = dumped(iter([{"type": "x"}, {"@message": "Emergency state dump", "state": state(5)}]))
    assert printed == state(5)
    saved = rescue(state(5), tmp_path)
    assert saved == tmp_path / statefile.ERRORED
    assert saved.stat().st_mode & 0o777 == 0o600
    put_newest_in_place(tmp_path)
    assert serial(tmp_path) == 5
    assert dumped(iter([{"type": "x"}])) is None


def test_a_printed_state_goes_elsewhere_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    no_folder = tmp_path / "file"
    no_folder.mkdir()
    (no_folder / f"{statefile.ERRORED}.part").mkdir()  # in the place of what would be written
    saved = rescue(state(5), no_folder)
    assert saved is not None
    assert saved.parent == tmp_path
    assert Version.of(saved) == Version("a", 5, 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(statefile, "MEMORY", tmp_path / "gone")
    assert rescue(state(5), no_folder) is None
