"""Texts become values; what cannot is refused in the tests of the settings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from skyproof import readers


def test_paths_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert readers.path("~/bin/terraform", "") == Path("/home/ada/bin/terraform")


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", True), ("1", True), ("TRUE", True), ("no", False), ("0", False)]
)
def test_a_flag_is_yes_or_no(text: str, expected: bool) -> None:
    assert readers.flag(text, "") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90m", timedelta(minutes=90)), ("4h", timedelta(hours=4)), ("1d", timedelta(days=1))],
)
def test_a_length_of_time_is_in_minutes_hours_or_days(text: str, expected: timedelta) -> None:
    assert readers.length_of_time(text, "") == expected


def test_lists_are_comma_separated() -> None:
    accounts = readers.several(readers.account)
    assert accounts("111122223333,", "") == ("111122223333",)
    roles = "arn:aws:iam::111122223333:role/a, arn:aws-us-gov:iam::444455556666:role/team/b"
    assert readers.several(readers.role)(roles, "") == tuple(roles.split(", "))
