"""Texts are told apart from documents."""

from __future__ import annotations

import pytest

from skyproof.emulator.documents import is_json


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("{}", True), ('"a"', True), ("[1, 2]", True), ("", False), ("{", False), ("a", False)],
)
def test_what_is_well_formed_is_json(text: str, is_one: bool) -> None:
    assert is_json(text) == is_one
