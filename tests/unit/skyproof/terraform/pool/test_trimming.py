"""Which types a command can need: every word that the configuration, state and plan have."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from skyproof.terraform.pool.trimming import Mentioned, configured, mentioned

STATE = {"resources": [{"type": "aws_only_in_state"}, {"type": "aws_deposed"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path /= "stack"
    modules = tmp_path / ".terraform" / "modules"
    modules.mkdir(parents=True)
    listed = [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": "../beside"}]
    listed.append({"Key": "r", "Dir": ".terraform/modules/r"})
    (modules / "modules.json").write_text(json.dumps({"Modules": listed}))
    return tmp_path


def words(folder: Path, *command: str) -> frozenset[str]:
    found = mentioned(folder, command or ("plan",))
    assert found is not None
    return found.words


@pytest.mark.parametrize(
    "configuration",
    [
        'resource "aws_wanted" "x" {}',
        "resource aws_wanted x {}",
        'data "aws_wanted" "x" {}',
        'ephemeral "aws_wanted" "x" {}',
        'import {\n  to = aws_wanted.x["a"]\n  id = "1"\n}',
        "moved {\n  from = aws_wanted.x\n  to = aws_other.y\n}",
        "removed {\n  from = module.a.aws_wanted.x\n}",
        "locals { x = [for y in data.aws_wanted.z : y] }",
        'resource "aws_w\\u0061nted" "x" {}',
    ],
)
def test_a_type_is_found_wherever_the_configuration_names_it(
    folder: Path, configuration: str
) -> None:
    (folder / "main.tf").write_text(configuration)
    assert "aws_wanted" in words(folder)


def test_json_state_and_modules_count_too(folder: Path) -> None:
    (folder / "a.tf.json").write_text('{"resource": [{"aws_json": {"x": {}}}]}')
    (folder / "terraform.tfstate").write_text(json.dumps(STATE))
    other = folder / "terraform.tfstate.d" / "other"
    other.mkdir(parents=True)
    (other / "terraform.tfstate").write_text('{"type": "aws_in_workspace"}')
    for place, kind in ((folder.parent / "beside", "m"), (folder / ".terraform/modules/r", "r")):
        place.mkdir(exist_ok=True)
        (place / "main.tf").write_text(f'resource "aws_{kind}" "x" {{}}')
    expected = {
        "aws_json",
        "aws_only_in_state",
        "aws_deposed",
        "aws_in_workspace",
        "aws_m",
        "aws_r",
    }
    assert expected - words(folder) == set()


def test_a_plan_brings_its_own_configuration_and_state(folder: Path) -> None:
    with zipfile.ZipFile(folder / "x.tfplan", "w") as plan:
        plan.writestr("tfplan", b"\x80aws_binary")
        plan.writestr("tfconfig/m-/main.tf", 'resource "aws_planned" "x" {}')
        plan.writestr("tfstate", '{"type": "aws_planned_state"}')
    for command in (("apply", "x.tfplan"), ("show", "-json", str(folder / "x.tfplan"))):
        assert {"aws_planned", "aws_planned_state"} <= words(folder, *command)
    assert "aws_planned" not in words(folder, "plan", "-out=missing.tfplan")
    assert "aws_named" in words(folder, "import", "aws_named.x", "id")


@pytest.mark.parametrize("what", ["a backend", "a broken plan", "a broken file", "a lost module"])
def test_where_it_is_not_known_nothing_is_cut(folder: Path, what: str) -> None:
    command = ["show", "x.tfplan"]
    match what:
        case "a backend":
            (folder / ".terraform" / "terraform.tfstate").write_text("{}")
        case "a broken plan":
            (folder / "x.tfplan").write_bytes(b"PK\x05\x06" + b"\xff" * 18)
        case "a broken file":
            (folder / "a.tf.json").write_text("{")
        case _:
            (folder / ".terraform" / "modules" / "modules.json").write_text("[")
    assert mentioned(folder, command) is None


@pytest.mark.parametrize(
    ("declared", "fits"),
    [
        ({"aws_one"}, True),
        ({"aws_one", "aws_oen"}, False),
        ({"terraform_data"}, True),
        ({"random_pet"}, True),
        ({"unheard_of"}, False),
    ],
)
def test_a_type_that_does_not_exist_needs_them_all(declared: set[str], fits: bool) -> None:
    """Terraform proposes the most similar one."""
    found = Mentioned(frozenset(), frozenset(declared), frozenset({"random"}))
    assert found.fits(frozenset({"aws_one", "aws_two"})) is fits


def test_declared_types_are_those_of_blocks(folder: Path) -> None:
    (folder / "main.tf").write_text(
        'resource "a_b" "x" {}\ndata "c_d" "y" {}\nlocals { z = e_f.g }'
    )
    (folder / "b.tf.json").write_text('{"ephemeral": {"h_i": {}}, "locals": {"j_k": 1}}')
    found = mentioned(folder, ["plan"])
    assert found is not None
    assert found.declared == {"a_b", "c_d", "h_i"}


def test_the_blocks_that_configure_a_provider_are_counted(folder: Path) -> None:
    beside = folder.parent / "beside"
    beside.mkdir()
    (folder / "main.tf").write_text(
        'provider "aws" {}\nprovider google-beta {}\nterraform { provider_meta "aws" {} }\n'
        "resource aws_queue x { provider = aws.west }"
    )
    (beside / "main.tf").write_text('provider "aws" {\n  alias = "west"\n}')
    assert configured(folder) == {"aws": 2, "google-beta": 1}
