"""A session applies stacks, ends what it began, and chooses the way of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skyproof.session import Session
from skyproof.session.reused import Reused
from skyproof.session.shared import Shared
from skyproof.session.staged import Staged
from skyproof.settings import Settings
from tests.unit.skyproof.session.conftest import SOUND, left_over, stack_of

pytestmark = pytest.mark.terraform


def test_an_applied_stack_answers_and_ends(session: Session, tmp_path: Path) -> None:
    source = stack_of(tmp_path, SOUND)
    applied = session.apply(source, {"name": "orders"})

    assert applied.outputs["name"] == "orders"
    assert applied.plan().is_empty
    assert sorted(applied.state.managed) == [
        'terraform_data.each["a"]',
        'terraform_data.each["b"]',
        "terraform_data.first",
    ]
    assert session.resources == 3
    assert [one.name for one in source.iterdir()] == ["main.tf"], "the user's tree was written to"

    session.destroy(applied.stack)
    session.destroy(applied.stack)
    assert left_over(tmp_path) == []
    assert all(session.seconds(what) > 0 for what in ("init", "apply", "destroy"))


def test_closing_destroys_what_is_open_and_stops_the_backend(
    session: Session, tmp_path: Path
) -> None:
    session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    backend: Any = session.backend
    session.close()
    assert left_over(tmp_path) == []
    assert backend.pid is None


@pytest.mark.parametrize(
    ("settings", "works_with_others", "ways"),
    [
        (Settings(), False, []),
        (Settings(), True, [Shared]),
        (Settings(reuse=True), False, [Reused]),
        (Settings(reuse=True), True, [Reused, Shared]),
        (Settings(stage="apply"), False, [Staged]),
        (Settings(stage="test", reuse=True), True, [Staged]),
    ],
)
def test_the_way_of_a_stack_is_chosen_by_the_settings(
    settings: Settings, works_with_others: bool, ways: list[type]
) -> None:
    session = Session(settings)
    if works_with_others:
        session.share({"port": 1, "key": "", "run": session.run.to_json()}, "gw0")
    assert [type(way) for way in session._ways()] == ways
