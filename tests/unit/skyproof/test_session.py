"""A session applies stacks, ends what it began, and undoes what failed."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from skyproof.backends import Backend
from skyproof.backends.embedded import Embedded
from skyproof.errors import EndedError, ExitCode, SkyproofError
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.standing.up import down
from skyproof.terraform.pool import Usage
from skyproof.terraform.progress import Display
from tests.unit.skyproof.conftest import ACCOUNT

pytestmark = pytest.mark.terraform

SOUND = """
variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 2
    error_message = "name needs three characters."
  }
}
resource "terraform_data" "first" { input = var.name }
resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
  input    = "${terraform_data.first.output}-${each.key}"
}
output "name" { value = terraform_data.first.output }
"""
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


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    session = Session(Settings(home=scratch), Display(io.StringIO()))
    yield session
    session.kept.clear()
    session.close()


def stack_of(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text(text)
    return folder


def left_over(tmp_path: Path) -> list[str]:
    return sorted(one.name for one in (tmp_path / "scratch").glob("runs/*/stacks/*"))


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


def test_names_are_made_unique_with_the_suffix_of_the_run(session: Session, tmp_path: Path) -> None:
    applied = session.apply(stack_of(tmp_path, SOUND), {"name": "orders-{skyproof_suffix}"})
    assert applied.outputs["name"] == f"orders-{session.run.suffix}"


def test_closing_destroys_what_is_open_and_stops_the_backend(
    session: Session, tmp_path: Path
) -> None:
    session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    backend: Any = session.backend
    session.close()
    assert left_over(tmp_path) == []
    assert backend.pid is None


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


@pytest.mark.parametrize(
    ("wanted", "is_local", "pooled"),
    [
        ("auto", True, True),
        ("auto", False, False),
        ("on", False, True),
        ("off", True, False),
    ],
)
def test_providers_are_kept_warm_where_settings_and_backend_want_it(
    wanted: str, is_local: bool, pooled: bool
) -> None:
    session = Session(Settings(provider_pool=wanted))
    session._backend = cast(Backend, SimpleNamespace(is_local=is_local, stop=lambda: None))
    assert (session.pool is not None) == pooled
    assert session.pool is session.pool, "one for all stacks"
    session.close()


def test_what_workers_took_adds_up() -> None:
    session = Session(Settings())
    worker = Session(Settings(), providers=Usage(3, 2, 400))
    for _ in range(2):
        session.absorb(json.loads(json.dumps(worker.report())))
    assert session.providers == Usage(6, 4, 400)


SANDBOX = Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,))


def test_a_run_holds_its_sandbox_until_it_is_closed(aws: Embedded) -> None:
    first, second, third = Session(SANDBOX), Session(SANDBOX), Session(SANDBOX)
    assert first.backend.account == ACCOUNT
    for _ in range(2):
        with pytest.raises(SkyproofError, match=f"Account {ACCOUNT} is held by run {first.run.id}"):
            _ = second.backend
    first.close()
    assert third.backend.account == ACCOUNT
    third.close()


def test_a_worker_relies_on_its_controllers_hold(aws: Embedded) -> None:
    controller, worker = Session(SANDBOX), Session(SANDBOX, leads=False)
    assert controller.backend.account == worker.backend.account
    worker.close()
    with pytest.raises(SkyproofError, match=f"is held by run {controller.run.id}"):
        _ = Session(SANDBOX).backend
    controller.close()


def test_nothing_is_applied_once_the_sandbox_may_be_anothers(
    aws: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(SANDBOX)
    _ = session.backend
    lock = session._lock
    assert lock is not None
    with monkeypatch.context() as late:
        late.setattr(lock, "_until", datetime(2026, 1, 5, tzinfo=UTC))
        with pytest.raises(SkyproofError, match="could not be renewed"):
            session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    session.close()


def test_a_backend_that_does_not_start_is_not_tried_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def start() -> None:
        tried.append("start")
        raise SkyproofError("There is no LocalStack.", exit_code=ExitCode.ENVIRONMENT)

    monkeypatch.setattr("skyproof.session.create", lambda *_: SimpleNamespace(start=start))
    for _ in range(2):
        with pytest.raises(SkyproofError, match="There is no LocalStack"):
            session.backend  # noqa: B018 (starts it)
    assert tried == ["start"]


def test_what_is_over_a_ceiling_is_refused_before_anything_is_made(
    aws: Embedded, tmp_path: Path
) -> None:
    session = Session(replace(SANDBOX, sandbox_ceiling={"terraform_data": 2}))
    with pytest.raises(SkyproofError, match="terraform_data: 3 planned, 2 allowed"):
        session.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    assert session.seconds("apply", "destroy") == 0
    assert list(Path(tempfile.gettempdir()).glob("skyproof-stack-*")) == []
    session.close()
