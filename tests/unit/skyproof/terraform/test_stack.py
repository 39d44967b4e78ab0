"""Terraform's commands upon one stack, and what they are told."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.redaction import Redactor
from skyproof.terraform import Stack, TerraformError
from skyproof.terraform.discovery import Binary, find_terraform
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.workspace import Workspace
from tests.unit.skyproof.terraform.conftest import MakeProgram

CONFIGURATION = """
variable "names" { type = set(string) }
resource "terraform_data" "each" {
  for_each = var.names
  input    = each.key
}
resource "terraform_data" "other" { input = "o" }
output "count" { value = length(var.names) }
output "secret" {
  value     = "hidden"
  sensitive = true
}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    return folder


@pytest.fixture
def stack(source: Path, tmp_path: Path) -> Stack:
    toolchain = Toolchain(find_terraform())
    made = Stack.copy_of(source, toolchain, {}, {"names": ["a", "b"]}, into=tmp_path / "copy")
    made.init()
    return made


@pytest.mark.terraform
def test_a_stack_goes_from_plan_to_destroy(stack: Stack) -> None:
    stack.validate()
    assert sorted(stack.plan().changes) == [
        'terraform_data.each["a"]',
        'terraform_data.each["b"]',
        "terraform_data.other",
    ]
    applied = stack.apply()
    assert (applied.added, applied.changed, applied.removed) == (3, 0, 0)
    assert stack.has_changes() is False
    assert dict(stack.outputs) == {"count": 2, "secret": "hidden"}
    assert "hidden" not in repr(stack.outputs)
    assert len(stack.state) == 3
    destroyed = stack.destroy()
    assert (destroyed.added, destroyed.changed, destroyed.removed) == (0, 0, 3)
    assert len(stack.state) == 0
    assert [span.what for span in stack.spans] == [
        *("init", "validate", "plan", "apply", "plan", "destroy")
    ]


@pytest.mark.terraform
def test_a_plan_may_be_of_a_part_or_of_the_end(stack: Stack) -> None:
    assert list(stack.plan(targets=["terraform_data.other"]).changes) == ["terraform_data.other"]
    stack.apply()
    ends = stack.plan(destroy=True, refresh=False).changes
    assert {one.actions for one in ends.values()} == {("delete",)}
    assert not list(stack.workspace.top.glob("*.tfplan"))


@pytest.mark.terraform
def test_a_fork_plans_without_disturbing_the_first(stack: Stack, tmp_path: Path) -> None:
    stack.apply()
    fork = stack.fork(tmp_path / "fork")
    main = fork.workspace.folder / "main.tf"
    main.write_text(main.read_text().replace('input = "o"', 'input = "changed"'))
    assert list(fork.plan().changes) == ["terraform_data.other"]
    assert stack.plan().is_empty


@pytest.mark.terraform
def test_an_invalid_configuration_names_file_and_line(stack: Stack) -> None:
    (stack.workspace.folder / "broken.tf").write_text('output "x" {\n  value = var.gone\n}\n')
    with pytest.raises(TerraformError, match=r"broken\.tf:2"):
        stack.validate()


@pytest.mark.terraform
def test_a_provider_that_nobody_has_ends_with_the_way_to_a_mirror(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text(
        "terraform {\n  required_providers {\n"
        '    gone = { source = "example.invalid/a/gone" }\n  }\n}'
    )
    (tmp_path / "mirror").mkdir()
    config = tmp_path / "terraform.rc"
    config.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{tmp_path}/mirror" }}\n}}'
    )
    stack = Stack.copy_of(
        folder,
        Toolchain(find_terraform()),
        {"TF_CLI_CONFIG_FILE": str(config)},
        into=tmp_path / "copy",
    )
    with pytest.raises(TerraformError, match=r"example\.invalid/a/gone") as caught:
        stack.init()
    assert "terraform providers mirror DIR" in caught.value.hint
    assert "SKYPROOF_PROVIDER_MIRROR" in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_the_environment_sets_and_takes_away(
    source: Path, tmp_path: Path, program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("HOME", str(tmp_path))
    mirror = tmp_path / "mirror"
    (mirror / "registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    binary = program('echo "${AWS_PROFILE-none} $AWS_REGION $TF_CLI_CONFIG_FILE $3"')
    stack = Stack.copy_of(
        source,
        Toolchain(Binary(binary, "1.11.4"), mirror, parallelism=7),
        {"AWS_PROFILE": "", "AWS_REGION": "eu-west-1"},
        into=tmp_path / "copy",
    )
    stack.init()
    [_, said, *_] = stack.workspace.log.read_text().splitlines()
    config = tmp_path / "copy" / "terraform.rc"
    assert said == f"none eu-west-1 {config} -no-color"
    assert f'path    = "{mirror}"' in config.read_text()
    stack.has_changes()
    assert "-parallelism=7" in stack.workspace.log.read_text()


def test_a_copy_goes_where_temporary_folders_go(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stack = Stack.copy_of(source, Toolchain(Binary(Path("terraform"), "1.11.4")), {})
    assert stack.name == "shop"
    assert stack.workspace.top.parent == tmp_path
    assert stack.workspace.top.name.startswith("skyproof-shop-")


class Pool:
    """Stands in for warm providers: notes who asks."""

    def __init__(self) -> None:
        self.served: list[tuple[str, Path]] = []

    @contextmanager
    def serving(
        self, command: Sequence[str], workspace: Workspace, environment: Mapping[str, str]
    ) -> Iterator[dict[str, str]]:
        assert "PATH" in environment
        self.served.append((command[0], workspace.folder))
        yield {"TF_REATTACH_PROVIDERS": "{}"}


@pytest.mark.terraform
def test_a_stack_and_its_forks_use_warm_providers(stack: Stack, tmp_path: Path) -> None:
    pool = Pool()
    stack.pool = cast(ProviderPool, pool)
    stack.validate()
    fork = stack.fork(tmp_path / "fork")
    fork.validate()
    expected = [("validate", one.workspace.folder) for one in (stack, fork)]
    assert pool.served == expected
    assert stack.workspace.folder != fork.workspace.folder


@pytest.mark.terraform
def test_what_each_resource_took_is_kept(stack: Stack) -> None:
    stack.apply()
    stack.destroy()
    assert sorted((one.action, one.address) for one in stack.resources) == [
        (action, address)
        for action in ("create", "delete")
        for address in (
            'terraform_data.each["a"]',
            'terraform_data.each["b"]',
            "terraform_data.other",
        )
    ]
    assert all(one.seconds >= 0 for one in stack.resources)


def test_a_copy_that_cannot_be_written_leaves_nothing_of_ours(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain = Toolchain(Binary(Path("terraform"), "1.11.4"))
    taken = tmp_path / "taken"
    taken.write_text("somebody's")
    with pytest.raises(SkyproofError, match=rf"A copy of .* cannot be written to {taken}"):
        Stack.copy_of(source, toolchain, {}, into=taken)
    assert taken.read_text() == "somebody's"

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def no_space(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("shutil.copytree", no_space)
    with pytest.raises(SkyproofError, match="No space left on device") as caught:
        Stack.copy_of(source, toolchain, {})
    assert "TMPDIR" in caught.value.hint
    assert list(scratch.iterdir()) == []


LOCK = """
provider "registry.terraform.io/acme/fake" {
  version = "1.0.0"
}
"""


@pytest.mark.parametrize("installed", [True, False])
def test_a_stack_that_is_reopened_is_initialised_where_it_must(
    source: Path, tmp_path: Path, program: MakeProgram, installed: bool
) -> None:
    toolchain = Toolchain(Binary(program("true"), "1.11.4"))
    stack = Stack.copy_of(source, toolchain, {}, {"names": ["a"]}, into=tmp_path / "copy")
    folder = stack.workspace.folder
    (folder / ".terraform.lock.hcl").write_text(LOCK)
    place = folder / ".terraform/providers/registry.terraform.io/acme/fake/1.0.0"
    place.mkdir(parents=True)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "terraform-provider-fake_v1.0.0").write_text("")
    (place / "linux_amd64").symlink_to(mirror if installed else tmp_path / "gone")
    moved = (tmp_path / "copy").rename(tmp_path / "moved")
    workspace = Workspace.from_json(stack.workspace.to_json(), moved)
    again = Stack.reopen(workspace, toolchain, {})
    assert again.variables == {"names": ["a"]}
    assert [span.what for span in again.spans] == ([] if installed else ["init"])


def test_what_a_provider_wrote_of_a_secret_is_taken_from_its_log(
    source: Path, tmp_path: Path, program: MakeProgram
) -> None:
    toolchain = Toolchain(Binary(program("echo panic: hunter2222 >> ../providers.log"), "1.11"))
    redactor = Redactor()
    redactor.learn("hunter2222")
    stack = Stack.copy_of(source, toolchain, {}, into=tmp_path / "copy", redactor=redactor)
    log = stack.workspace.log.with_name("providers.log")
    stack.validate()
    assert log.read_text() == "panic: [redacted]\n"
