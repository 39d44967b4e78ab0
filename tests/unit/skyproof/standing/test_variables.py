"""Variables as the command line names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.errors import SkyproofError
from skyproof.standing.variables import variables_of


def test_values_are_json_and_words_are_themselves(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text('{"zones": ["a"], "count": 1}')
    given = ["count=3", "name=orders", 'text="7"', "path=a=b", "empty="]
    assert variables_of(given, [file]) == {
        "zones": ["a"],
        "count": 3,
        "name": "orders",
        "text": "7",
        "path": "a=b",
        "empty": "",
    }


@pytest.mark.parametrize("text", ["name", "=1", 'zones=["a"', "o={a: 1}", 't="x'])
def test_what_cannot_be_read_is_refused_by_name(text: str) -> None:
    with pytest.raises(SkyproofError, match="--var") as caught:
        variables_of([text], [])
    assert repr(text) in caught.value.what
    assert "as JSON" in caught.value.hint


@pytest.mark.parametrize("content", [None, "{", "[1]"])
def test_a_file_that_holds_no_variables_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "one.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SkyproofError, match=str(file)):
        variables_of([], [file])
