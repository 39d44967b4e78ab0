"""The copy of a stack holds what it reaches, and the user's tree stays as it was."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform.workspace import VARIABLES_FILE, Workspace, check_stack, make


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A stack that reaches a module and a file outside its own folder."""
    tree = tmp_path / "tree"
    for name, text in {
        "stacks/shop/main.tf": 'module "q" { source = "../../modules/queue" }',
        "stacks/shop/.terraform.lock.hcl": "# locked",
        "stacks/shop/terraform.tfstate": "{}",
        "stacks/shop/terraform.tfstate.backup": "{}",
        "stacks/shop/.terraform/providers/x": "",
        "stacks/shop/node_modules/x": "",
        "stacks/shop/shared.json": "{}",
        "modules/queue/main.tf": 'provider "aws" { profile = "p" }',
        "modules/queue/src/handler.py": "",
    }.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tree / "stacks" / "shop"


@pytest.fixture
def workspace(source: Path, tmp_path: Path) -> Workspace:
    return make(source, tmp_path / "copy")


def files(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def test_it_holds_what_the_stack_reaches_and_no_leavings(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert workspace.folder == tmp_path / "copy" / "tree" / "stacks" / "shop"
    assert files(workspace.top) == {
        "tree/stacks/shop/main.tf",
        "tree/stacks/shop/.terraform.lock.hcl",
        "tree/stacks/shop/shared.json",
        "tree/modules/queue/main.tf",
        "tree/modules/queue/src/handler.py",
        "tree/modules/queue/zz_skyproof_override.tf",
    }


def test_the_users_tree_stays_as_it_was(source: Path, tmp_path: Path) -> None:
    before = files(tmp_path / "tree")
    make(source, tmp_path / "copy").set_variables({"name": "x"})
    assert files(tmp_path / "tree") == before


def test_nothing_is_overridden_where_that_is_not_wanted(source: Path, tmp_path: Path) -> None:
    plain = make(source, tmp_path / "copy", override=False)
    assert not [name for name in files(plain.top) if "override" in name]


def test_a_stack_without_modules_is_copied_alone(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "main.tf").touch()
    (tmp_path / "beside.tf").touch()
    assert files(make(alone, tmp_path / "copy").top) == {"alone/main.tf"}


def test_variables_are_for_this_user_alone(workspace: Workspace) -> None:
    workspace.set_variables({"password": "secret", "path": Path("/x")})
    file = workspace.folder / VARIABLES_FILE
    assert json.loads(file.read_text()) == {"password": "secret", "path": "/x"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    workspace.set_variables({})
    assert json.loads(file.read_text()) == {}


def test_a_fork_has_the_state_and_goes_its_own_way(workspace: Workspace, tmp_path: Path) -> None:
    workspace.state.write_text('{"serial": 1}')
    fork = workspace.fork(tmp_path / "fork")
    fork.state.write_text('{"serial": 2}')
    assert workspace.state.read_text() == '{"serial": 1}'
    assert fork.folder == tmp_path / "fork" / "tree" / "stacks" / "shop"
    assert fork.log.parent == tmp_path / "fork"


def test_a_fork_has_the_same_providers_without_a_copy(workspace: Workspace, tmp_path: Path) -> None:
    program = workspace.folder / ".terraform" / "providers" / "aws" / "provider"
    program.parent.mkdir(parents=True)
    program.write_text("large")
    modules = workspace.folder / ".terraform" / "modules.json"
    modules.write_text("{}")
    fork = workspace.fork(tmp_path / "fork")
    there = fork.folder / ".terraform" / "providers" / "aws" / "provider"
    assert there.samefile(program)
    assert not (fork.folder / ".terraform" / "modules.json").samefile(modules)


def test_a_link_stays_a_link(source: Path, tmp_path: Path) -> None:
    (source / "link.json").symlink_to("shared.json")
    copy = make(source, tmp_path / "copy")
    assert (copy.folder / "link.json").readlink() == Path("shared.json")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("missing", "There is no stack at {path}: the folder does not exist."),
        ("file", "{path} is a file."),
        ("empty", "{path} holds no .tf file."),
    ],
)
def test_what_is_no_stack_is_refused(tmp_path: Path, what: str, said: str) -> None:
    path = tmp_path / what
    if what == "file":
        path.touch()
    if what == "empty":
        path.mkdir()
    with pytest.raises(SkyproofError) as caught:
        check_stack(path)
    assert caught.value.what == said.format(path=path)
    assert caught.value.exit_code == ExitCode.USAGE


def test_json_alone_is_a_stack_too(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text("{}")
    check_stack(tmp_path)
