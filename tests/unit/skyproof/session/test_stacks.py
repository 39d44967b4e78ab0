"""What failed is undone, what cannot be undone is kept, and what is kept stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from skyproof.backends.embedded import Embedded
from skyproof.errors import EndedError, SkyproofError
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.standing.up import down
from tests.unit.skyproof.session.conftest import SANDBOX, SOUND, left_over, stack_of

pytestmark = pytest.mark.terraform

FAILS_LATE = """
resource "terraform_data" "made" { input = "made" }
resource "terraform_data" "broken" {
  input = terraform_data.made.output
  provisioner "local-exec" { command = "echo no >&2; exit 7" }
}
"""
CANNOT_BE_UNDONE = """
resource "terraform_data" "made" {
  provisioner "local-exec" {
    when    = destroy
    command = "exit 9"
  }
}
resource "terraform_data" "broken" {
  input = terraform_data.made.id
  provisioner "local-exec" { command = "exit 7" }
}
"""


def test_a_failed_apply_is_undone(session: Session, tmp_path: Path) -> None:
    with pytest.raises(SkyproofError, match="terraform apply failed with code 1") as caught:
        session.apply(stack_of(tmp_path, FAILS_LATE))
    assert "terraform_data.broken" in caught.value.what
    assert left_over(tmp_path) == []


def test_what_cannot_be_undone_is_kept_and_both_failures_told(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(SkyproofError) as caught:
        session.apply(stack_of(tmp_path, CANNOT_BE_UNDONE))
    said = str(caught.value)
    assert said.index("terraform apply failed") < said.index("could not be destroyed")
    [kept] = session.kept
    assert caught.value.hint == f"State, copy and log are kept: terraform -chdir={kept} destroy"
    assert (Path(kept) / "terraform.tfstate").is_file()


def test_a_stack_whose_backend_died_is_gone_with_it(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend: Any = session.backend
    # Alive when the apply begins, and dead when it has failed.
    gone = EndedError("LocalStack was killed by SIGKILL:\nReady.", "Run again.")
    told = iter([None, gone])
    monkeypatch.setattr(backend, "failure", lambda: next(told))
    with pytest.raises(EndedError, match=r"^LocalStack was killed by SIGKILL:\nReady") as caught:
        session.apply(stack_of(tmp_path, FAILS_LATE))
    assert "\n\nMeanwhile:\nterraform apply failed" in caught.value.what
    assert "exit status 7" in caught.value.what
    assert caught.value.hint == "Run again."
    assert (session.kept, left_over(tmp_path)) == ([], [])
    assert session.seconds("destroy") == 0


def test_a_backend_that_does_not_answer_is_not_asked_to_destroy(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend: Any = session.backend
    told = iter([None, SkyproofError("LocalStack at http://127.0.0.1:1 does not answer any more.")])
    monkeypatch.setattr(backend, "failure", lambda: next(told))
    with pytest.raises(SkyproofError) as caught:
        session.apply(stack_of(tmp_path, FAILS_LATE))
    assert "exit status 7" in caught.value.what
    assert "What it had made could not be destroyed:\nLocalStack at" in caught.value.what
    assert [Path(folder).exists() for folder in session.kept] == [True]
    assert session.seconds("destroy") == 0


def test_nothing_is_applied_to_a_backend_that_died(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend: Any = session.backend
    monkeypatch.setattr(backend, "failure", lambda: EndedError("The emulator ended by itself."))
    with pytest.raises(EndedError, match="The emulator ended by itself"):
        session.apply(stack_of(tmp_path, SOUND))
    assert (left_over(tmp_path), session.seconds("init", "apply")) == ([], 0)


def test_kept_stacks_stay_with_their_backend(tmp_path: Path) -> None:
    session = Session(Settings(keep=True, home=tmp_path / "home"))
    applied = session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    session.close()
    try:
        assert session.kept == [str(applied.stack.workspace.folder)]
        assert applied.outputs["name"] == "orders"
        assert applied.client("sts").get_caller_identity()["Account"] == "123456789012"
    finally:
        (place,) = down(tmp_path / "home", None)
    assert not place.path.exists()
    assert not applied.stack.workspace.folder.exists(), "the copy goes, too"
    with pytest.raises(EndpointConnectionError):
        applied.client("sts").get_caller_identity()


def test_what_is_over_a_ceiling_is_refused_before_anything_is_made(
    aws: Embedded, tmp_path: Path
) -> None:
    ceiling = {"terraform_data": 2}
    session = Session(replace(SANDBOX, sandbox_ceiling=ceiling, home=tmp_path / "scratch"))
    with pytest.raises(SkyproofError, match="terraform_data: 3 planned, 2 allowed"):
        session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    assert session.seconds("apply", "destroy") == 0
    assert left_over(tmp_path) == []
    session.close()
