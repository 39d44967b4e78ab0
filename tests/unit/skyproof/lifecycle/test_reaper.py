"""A run whose process is gone is finished from its folder alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.errors import SkyproofError
from skyproof.lifecycle import journal
from skyproof.lifecycle.journal import Phase
from skyproof.lifecycle.reaper import main, reap
from skyproof.lifecycle.runs import RunFolder
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.terraform.progress import Display
from tests.unit.skyproof.conftest import ACCOUNT

pytestmark = pytest.mark.terraform

STACK = 'resource "terraform_data" "made" { input = "made" }\n'
STUBBORN = """
resource "terraform_data" "made" {
  provisioner "local-exec" {
    when    = destroy
    command = "exit 9"
  }
}
"""


def dead_run(tmp_path: Path, settings: Settings, text: str = STACK) -> RunFolder:
    """A run that applied a stack, and then was no more."""
    source = tmp_path / "stack"
    source.mkdir()
    (source / "main.tf").write_text(text)
    session = Session(settings, Display(io.StringIO()))
    session.apply(source)
    chronicle = session._site._chronicle
    assert chronicle is not None
    assert chronicle._watcher is not None
    assert chronicle._claim is not None
    chronicle._watcher.done()
    chronicle._claim.release()
    session.close_pool()
    session.backend.stop()
    return chronicle.folder


@pytest.fixture
def sandbox(tmp_path: Path, aws: Embedded) -> Iterator[Settings]:
    yield Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,), home=tmp_path / "home")
    ssm = aws.client("ssm")
    held = ssm.get_parameters_by_path(Path="/skyproof/lock")["Parameters"]
    ssm.delete_parameters(Names=[one["Name"] for one in held])


def said_by(folder: RunFolder, *, kept_too: bool = False) -> str:
    said = io.StringIO()
    reap(folder, Display(said), kept_too=kept_too)
    return said.getvalue()


def test_what_ended_with_the_run_leaves_only_its_folder(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, Settings(home=tmp_path / "home"))
    assert [one.phase for one in folder.story().open] == [Phase.APPLIED]
    assert reap(folder, Display(io.StringIO())).destroyed == ["stack-1"]
    assert not folder.path.exists()


def test_a_dead_run_is_destroyed_and_what_no_state_knew_removed(
    tmp_path: Path, aws: Embedded, sandbox: Settings
) -> None:
    folder = dead_run(tmp_path, sandbox)
    sqs = aws.client("sqs")
    made = sqs.create_queue(QueueName="late", tags={"skyproof:run": folder.id})["QueueUrl"]
    by_name = sqs.create_queue(QueueName=f"late-{folder.story().run.suffix}")["QueueUrl"]
    others = sqs.create_queue(QueueName="late-of-others")["QueueUrl"]

    reaped = reap(folder, Display(io.StringIO()))

    assert reaped.failures == []
    assert reaped.destroyed == ["stack-1"]
    assert len(reaped.removed) == 2
    urls = sqs.list_queues()["QueueUrls"]
    assert (made in urls, by_name in urls, others in urls) == (False, False, True)
    assert not folder.path.exists()
    sqs.delete_queue(QueueUrl=others)


def test_the_account_is_free_again(tmp_path: Path, aws: Embedded, sandbox: Settings) -> None:
    folder = dead_run(tmp_path, sandbox)
    [held] = aws.client("ssm").get_parameters_by_path(Path="/skyproof/lock")["Parameters"]
    assert json.loads(held["Value"])["run"] == folder.id
    reap(folder, Display(io.StringIO()))
    [held] = aws.client("ssm").get_parameters_by_path(Path="/skyproof/lock")["Parameters"]
    assert json.loads(held["Value"])["until"].startswith("0001-01-01")


def test_what_cannot_be_destroyed_is_kept_and_told(
    tmp_path: Path, aws: Embedded, sandbox: Settings
) -> None:
    folder = dead_run(tmp_path, sandbox, STUBBORN)
    reaped = reap(folder, Display(io.StringIO()))
    assert reaped.destroyed == []
    assert "terraform destroy failed with code 1" in reaped.failures[0]
    [entry] = folder.story().open
    assert entry.phase is Phase.FAILED
    assert main([str(folder.path)]) == 1


def test_a_stack_that_was_to_be_kept_stays_until_it_is_asked_for(
    tmp_path: Path, aws: Embedded, sandbox: Settings
) -> None:
    folder = dead_run(tmp_path, sandbox)
    journal.Journal(folder.path).stack("stack-1", Phase.KEPT)
    assert reap(folder, Display(io.StringIO())).destroyed == []
    assert folder.path.exists()
    assert reap(folder, Display(io.StringIO()), kept_too=True).destroyed == ["stack-1"]


def test_a_run_that_is_at_work_is_left_alone(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, Settings(home=tmp_path / "home"))
    with folder.claimed(), pytest.raises(SkyproofError, match="is at work"):
        reap(folder, Display(io.StringIO()))
    assert folder.path.exists()


def test_where_nobody_knows_the_account_nothing_is_taken_for_gone(
    tmp_path: Path, aws: Embedded, sandbox: Settings
) -> None:
    folder = dead_run(tmp_path, sandbox)
    file = folder.path / journal.FILE
    file.write_text("\n".join(["{torn", *file.read_text().splitlines()[1:], ""]))
    with pytest.raises(SkyproofError, match="does not tell any more where") as caught:
        reap(folder, Display(io.StringIO()))
    assert f"terraform -chdir={folder.path}/stacks/stack-1/stack destroy" in caught.value.hint
    assert [one.name for one in folder.story().open] == ["stack-1"]


def test_a_damaged_line_is_told(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, Settings(home=tmp_path / "home"))
    with (folder.path / journal.FILE).open("a") as file:
        file.write("{torn\n")
    assert "line 5 of its journal is damaged" in said_by(folder)


def test_a_run_that_ended_well_in_between_is_no_failure(tmp_path: Path) -> None:
    assert main([str(tmp_path / "runs" / "gone")]) == 0


def test_another_machine_finishes_it_where_the_folder_was_copied_to(
    tmp_path: Path, aws: Embedded, sandbox: Settings
) -> None:
    folder = dead_run(tmp_path, sandbox)
    moved = RunFolder(tmp_path / "elsewhere" / folder.id)
    moved.path.parent.mkdir()
    folder.path.rename(moved.path)
    reaped = reap(moved, Display(io.StringIO()))
    assert (reaped.destroyed, reaped.failures) == (["stack-1"], [])


def test_two_runs_of_one_name_never_share_a_folder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    source = tmp_path / "stack"
    source.mkdir()
    (source / "main.tf").write_text(STACK)
    first, second = Session(settings), Session(settings)
    second._work_as(first.run)
    first.apply(source)
    with pytest.raises(SkyproofError, match=f"The run {first.run.id} is at work"):
        second.apply(source)
    second.backend.stop()
    first.close()
