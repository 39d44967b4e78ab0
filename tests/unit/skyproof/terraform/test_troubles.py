"""A real Terraform whose state is locked, damaged, or finds no room: one message, nothing lost."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform import Stack, TerraformError
from skyproof.terraform.discovery import Binary, find_terraform
from skyproof.terraform.progress import Display
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.workspace import VARIABLES_FILE, Workspace
from tests.unit.skyproof.terraform.conftest import MakeProgram

pytestmark = pytest.mark.terraform

# Each resource is some 5 kB of state.
CONFIGURATION = """
variable "size" { default = 1000 }
resource "terraform_data" "big" {
  count = 3
  input = join("", [for n in range(var.size) : "xxxxx"])
}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    source = tmp_path / "shop"
    source.mkdir()
    (source / "main.tf").write_text(CONFIGURATION)
    made = Stack.copy_of(
        source,
        Toolchain(find_terraform()),
        {},
        into=tmp_path / "copy",
        display=Display(io.StringIO()),
    )
    made.init()
    return made


def with_room_for(stack: Stack, program: MakeProgram, blocks: str) -> Stack:
    """The same stack, in processes that can write no file above so many blocks of 512 bytes."""
    script = f"ulimit -f {blocks}; trap '' XFSZ; exec {stack.toolchain.binary.path} \"$@\""
    binary = Binary(program(script), stack.toolchain.binary.version)
    return Stack(stack.workspace, Toolchain(binary), {}, {})


def test_a_full_disk_loses_no_state(
    stack: Stack, program: MakeProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errored = stack.workspace.folder / "errored.tfstate"
    with pytest.raises(TerraformError) as caught:
        with_room_for(stack, program, "8").apply()
    assert caught.value.what == (
        f"Terraform could not save the state in {stack.workspace.folder}: file too large."
    )
    assert str(errored) in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert stat.S_IMODE(errored.stat().st_mode) == 0o600
    assert "Emergency state dump" not in stack.workspace.log.read_text()
    assert stack.destroy().removed == 3
    assert len(stack.state) == 0


def test_a_state_that_grew_too_large_is_taken_up_again(stack: Stack, program: MakeProgram) -> None:
    stack.workspace.set_variables({"size": 1})
    stack.apply()
    stack.workspace.set_variables({"size": 1000})
    with pytest.raises(TerraformError, match="could not save the state"):
        with_room_for(stack, program, "8").apply()
    assert stack.has_changes() is False, "the newest state is in place"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Lock a file as Terraform does, from another process."""
    script = (
        "import fcntl, sys\n"
        f"with open({str(file)!r}, 'r+') as file:\n"
        "    fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield
        holder.communicate(timeout=30)


def test_a_locked_state_names_who_and_the_way_out(stack: Stack) -> None:
    stack.apply()
    lock = {
        "ID": "1234-5678",
        "Operation": "OperationTypeApply",
        "Who": "ann@desk",
        "Created": "2026-01-05T00:00:00Z",
    }
    folder = stack.workspace.folder
    (folder / ".terraform.tfstate.lock.info").write_text(json.dumps(lock))
    with locked(stack.workspace.state), pytest.raises(TerraformError) as caught:
        stack.destroy()
    assert caught.value.what == (
        f"The state in {folder} is locked by ann@desk since 2026-01-05 00:00:00 +0000 UTC (apply)."
    )
    assert f"terraform -chdir={folder} force-unlock 1234-5678" in caught.value.hint
    assert stack.destroy().removed == 3


@pytest.mark.parametrize(("left", "said"), [(100, "is damaged"), (0, "is empty, and was not")])
def test_a_damaged_state_is_not_taken_for_an_empty_stack(
    stack: Stack, left: int, said: str
) -> None:
    stack.apply()
    stack.workspace.set_variables({"size": 1})
    stack.apply()
    os.truncate(stack.workspace.state, left)
    with pytest.raises(SkyproofError, match=said):
        stack.destroy()
    backup = stack.workspace.folder / "terraform.tfstate.backup"
    backup.replace(stack.workspace.state)
    assert stack.destroy().removed == 3


def test_a_log_that_cannot_be_written_stops_before_anything_runs(stack: Stack) -> None:
    stack.workspace.log.unlink()
    stack.workspace.log.mkdir()
    with pytest.raises(SkyproofError, match=r"The log cannot be written to .*: Is a directory"):
        stack.apply()
    assert not stack.workspace.state.exists()


def test_a_stack_is_destroyed_from_what_was_noted_of_it(stack: Stack) -> None:
    stack.workspace.set_variables({"size": 7})
    stack.apply()
    noted = json.loads(json.dumps(stack.workspace.to_json()))
    again = Stack.reopen(Workspace.from_json(noted), stack.toolchain, stack.environment)
    assert again.variables == {"size": 7}
    assert again.name == "shop"
    assert again.plan().is_empty
    assert again.destroy().removed == 3


def test_a_workspace_that_is_gone_says_so(stack: Stack) -> None:
    (stack.workspace.folder / VARIABLES_FILE).unlink()
    with pytest.raises(SkyproofError, match="There is no copy of the stack"):
        Stack.reopen(stack.workspace, stack.toolchain, {})
