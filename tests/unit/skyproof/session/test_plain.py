"""A stack is copied, initialised and applied; what cannot be makes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.errors import ExitCode, SkyproofError
from skyproof.session import Session
from tests.unit.skyproof.session.conftest import SANDBOX, SOUND, left_over, stack_of

pytestmark = pytest.mark.terraform


def test_names_are_made_unique_with_the_suffix_of_the_run(session: Session, tmp_path: Path) -> None:
    applied = session.apply(stack_of(tmp_path, SOUND), {"name": "orders-{skyproof_suffix}"})
    assert applied.outputs["name"] == f"orders-{session.run.suffix}"


def test_a_variable_that_fails_its_validation_makes_nothing(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(SkyproofError) as caught:
        session.apply(stack_of(tmp_path, SOUND), {"name": "ab"})
    assert "name needs three characters." in caught.value.what
    assert "main.tf:4" in caught.value.what
    assert left_over(tmp_path) == []
    assert session.resources == 0


@pytest.mark.parametrize("what", ["missing", "empty"])
def test_a_folder_that_is_no_stack_starts_nothing(
    session: Session, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / what
    if what == "empty":
        folder.mkdir()
    with pytest.raises(SkyproofError, match=str(folder)) as caught:
        session.apply(folder)
    assert caught.value.exit_code == ExitCode.USAGE
    assert left_over(tmp_path) == []


def test_nothing_is_applied_once_the_sandbox_may_be_anothers(
    aws: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(SANDBOX)
    _ = session.backend
    lock = session._site._lock
    assert lock is not None
    with monkeypatch.context() as late:
        late.setattr(lock, "_until", datetime(2026, 1, 5, tzinfo=UTC))
        with pytest.raises(SkyproofError, match="could not be renewed"):
            session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    session.close()
