"""Configurations are read, not run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform.hcl import blocks, json_provider_keys, local_modules, module_blocks

TEXT = """
provider "aws" {
  alias   = "west"
  profile = var.profile

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/x"
  }
}

module "one" {
  source = "../one"
}
"""


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.tf").write_text(text)
    return folder


def test_blocks_know_kind_labels_lines_and_attributes(tmp_path: Path) -> None:
    provider, module = blocks(written(tmp_path, main=TEXT) / "main.tf")
    assert (provider.kind, provider.labels, provider.line) == ("provider", ("aws",), 2)
    assert {a.name: (a.text, a.line) for a in provider.attributes.values()} == {
        "alias": ('"west"', 3),
        "profile": ("var.profile", 4),
    }
    assert [nested.kind for nested in provider.blocks] == ["assume_role"]
    assert (module.text("source"), module.text("version")) == ("../one", None)


def test_files_are_read_in_their_order(tmp_path: Path) -> None:
    folder = written(tmp_path, b='variable "b" {}', a='variable "a" {}')
    assert [block.labels for block in module_blocks(folder)] == [("a",), ("b",)]


@pytest.mark.parametrize("broken", ["", "resource {", 'variable "a" {}\n}}}', "🙂", "= 1"])
def test_broken_text_is_read_as_far_as_it_goes(tmp_path: Path, broken: str) -> None:
    found = blocks(written(tmp_path, main=broken) / "main.tf")
    assert all(block.file == tmp_path / "main.tf" for block in found)


@given(st.text(alphabet='abc{}"=\n \\$#/*<', max_size=60))
def test_no_text_makes_reading_fail(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder, "main.tf")
        file.write_text(text)
        assert isinstance(blocks(file), tuple)


def test_modules_are_reached_through_modules(tmp_path: Path) -> None:
    stack = written(
        tmp_path / "stacks" / "shop",
        main='module "a" { source = "../../modules/a" }\nmodule "r" { source = "a/b/aws" }',
    )
    a = written(tmp_path / "modules" / "a", main='module "b" { source = "../b" }')
    b = written(tmp_path / "modules" / "b", main='module "a" { source = "../a" }')
    written(tmp_path / "modules" / "unused", main="")
    assert local_modules(stack) == {stack, a, b}


def test_a_module_that_is_missing_is_left_to_terraform(tmp_path: Path) -> None:
    stack = written(tmp_path / "s", main='module "a" { source = "./gone" }')
    assert local_modules(stack) == {stack}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"provider": {"aws": {"region": "x", "profile": "y"}}}', ["region", "profile"]),
        ('{"provider": {"aws": [{"alias": "a"}, {"token": "t"}]}}', ["alias", "token"]),
        ('{"provider": [{"aws": {"token": "t"}}]}', ["aws"]),
        ('{"resource": {}}', []),
    ],
)
def test_json_configurations_say_what_their_providers_set(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    file = tmp_path / "main.tf.json"
    file.write_text(text)
    assert list(json_provider_keys(file)) == expected
