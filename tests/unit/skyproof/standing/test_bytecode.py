"""Byte code that stays between runs where Python is told to write none."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.standing.bytecode import ELSEWHERE, NONE, kept


def test_where_none_may_be_written_it_goes_into_the_users_cache(tmp_path: Path) -> None:
    given = {NONE: "1", "XDG_CACHE_HOME": str(tmp_path), "LANG": "C"}
    assert kept(given) == {
        ELSEWHERE: str(tmp_path / "skyproof" / "bytecode"),
        "XDG_CACHE_HOME": str(tmp_path),
        "LANG": "C",
    }


def test_the_cache_is_in_the_home_folder_unless_it_is_named() -> None:
    expected = Path.home() / ".cache" / "skyproof" / "bytecode"
    assert kept({NONE: "1", "XDG_CACHE_HOME": ""}) == {
        ELSEWHERE: str(expected),
        "XDG_CACHE_HOME": "",
    }


@pytest.mark.parametrize(
    "given", [{}, {NONE: ""}, {NONE: "1", ELSEWHERE: "/elsewhere"}], ids=["unset", "empty", "named"]
)
def test_what_python_was_told_is_left_as_it_is(given: dict[str, str]) -> None:
    assert kept(given) == given
