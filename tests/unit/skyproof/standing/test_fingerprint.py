"""A fingerprint knows the configuration by its content, and nothing else of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.standing import fingerprint
from skyproof.standing.fingerprint import Fingerprint
from skyproof.terraform.discovery import Binary

NAMES = ("main.tf", "src/handler.py", "templates/body.json", "run.sh")
MAIN = b'resource "terraform_data" "one" { input = 1 }\n'


def stack_of(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in {"main.tf": MAIN, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    files = {"src/handler.py": b"x = 1\n", "templates/body.json": b"{}", "run.sh": b"#!/bin/sh\n"}
    return stack_of(tmp_path / "stack", files)


def of(source: Path, **variables: object) -> Fingerprint:
    return fingerprint.of(source, variables, {"terraform": "1.11.4"})


@given(
    name=st.sampled_from(NAMES[1:]),
    content=st.binary(min_size=1, max_size=2000),
    where=st.integers(min_value=0),
    by=st.integers(min_value=1, max_value=255),
)
def test_any_one_byte_changed_in_any_file_changes_it(
    name: str, content: bytes, where: int, by: int
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        source = stack_of(Path(scratch, "stack"), {name: content})
        before = of(source)
        changed = bytearray(content)
        changed[where % len(content)] ^= by
        known = (source / name).stat()
        (source / name).write_bytes(changed)
        os.utime(source / name, ns=(known.st_atime_ns, known.st_mtime_ns))
        assert before.to(of(source)).files == [name]


@given(order=st.permutations(NAMES), value=st.dictionaries(st.text(), st.integers(), max_size=4))
def test_the_order_of_files_and_variables_does_not(order: list[str], value: dict[str, int]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first, second = Path(one, "stack"), Path(two, "stack")
        for folder, names in ((first, NAMES), (second, order)):
            stack_of(folder, dict.fromkeys(names, MAIN))
        upside_down = dict(reversed(list(value.items())))
        before = fingerprint.of(first, {"a": 1, "b": value}, {})
        after = fingerprint.of(second, {"b": upside_down, "a": 1}, {})
        difference = before.to(after)
        assert (difference.files, difference.variables) == ([], [])
        assert difference.tools == ["folder"], "it was copied from elsewhere"


def test_times_and_caches_do_not(stack: Path) -> None:
    before = of(stack)
    os.utime(stack / "main.tf", (1, 1))
    for name in (".terraform/x", "terraform.tfstate", "src/__pycache__/h.pyc", ".git/HEAD"):
        (stack / name).parent.mkdir(parents=True, exist_ok=True)
        (stack / name).write_text("noise")
    assert not before.to(of(stack))


@pytest.mark.parametrize("how", ["added", "removed", "renamed", "executable", "a link"])
def test_what_becomes_of_a_file_is_named(stack: Path, how: str) -> None:
    before, file = of(stack), stack / "run.sh"
    match how:
        case "added":
            file = stack / "new.txt"
            file.touch()
        case "removed":
            file.unlink()
        case "renamed":
            file.rename(stack / "other.sh")
        case "executable":
            file.chmod(0o755)
        case "a link":
            file.rename(stack.parent / "run.sh")
            file.symlink_to(stack.parent / "run.sh")
    expected = [file.name] if how != "renamed" else ["other.sh", "run.sh"]
    assert before.to(of(stack)).configuration == expected


def test_a_variable_is_named_and_its_value_is_not(stack: Path) -> None:
    difference = of(stack, a=1, b="old").to(of(stack, a=1, b="s3cret", c=None))
    assert difference.configuration == ["variable b", "variable c"]
    assert "s3cret" not in str(of(stack, b="s3cret").to_json())


@pytest.mark.parametrize(
    ("text", "needs_init"),
    [
        ("locals { a = 1 }", False),
        ('module "m" { source = "./m" }', True),
        ('terraform {\n  required_providers {\n    x = { source = "a/x" }\n  }\n}', True),
    ],
)
def test_only_modules_and_providers_need_an_init(stack: Path, text: str, needs_init: bool) -> None:
    before = of(stack)
    (stack / "more.tf").write_text(text)
    assert before.to(of(stack)).requirements is needs_init


def test_another_lock_file_needs_an_init(stack: Path) -> None:
    before = of(stack)
    (stack / ".terraform.lock.hcl").write_text('provider "x" {\n  version = "2.0.0"\n}\n')
    assert before.to(of(stack)).requirements


def test_modules_beside_the_stack_count(stack: Path) -> None:
    beside = stack_of(stack.parent / "beside", {})
    (stack / "more.tf").write_text('module "m" { source = "../beside" }')
    before = of(stack)
    (beside / "main.tf").write_text("# other\n")
    assert before.to(of(stack)).files == ["beside/main.tf"]


def test_it_is_read_as_it_was_written(stack: Path) -> None:
    before = of(stack, a=[1])
    assert Fingerprint.from_json(before.to_json()) == before


def test_another_terraform_or_emulator_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = tmp_path / "emulator"
    shutil.copytree(fingerprint.EMULATOR / "strict", emulator)
    monkeypatch.setattr(fingerprint, "EMULATOR", emulator)
    before = Fingerprint(tools=fingerprint.tools_of(Binary(Path("/bin/terraform"), "1.11.4")))
    (emulator / "lag.py").write_text("")
    after = Fingerprint(tools=fingerprint.tools_of(Binary(Path("/bin/terraform"), "1.12.0")))
    assert before.to(after).tools == ["emulator", "terraform"]


def test_a_provider_is_known_by_its_binary(tmp_path: Path) -> None:
    lock = 'provider "registry.terraform.io/hashicorp/x" {\n  version = "1.0.0"\n}\n'
    (tmp_path / ".terraform.lock.hcl").write_text(lock)
    name = "provider registry.terraform.io/hashicorp/x"
    assert fingerprint.providers_of(tmp_path) == {name: "1.0.0 not installed"}
    binary = tmp_path.joinpath(
        ".terraform/providers/registry.terraform.io/hashicorp/x/1.0.0/linux/terraform-provider-x"
    )
    binary.parent.mkdir(parents=True)
    binary.write_bytes(b"one")
    before = fingerprint.providers_of(tmp_path)[name]
    assert before.startswith(f"1.0.0 {binary} 3 ")
    binary.write_bytes(b"three")
    assert fingerprint.providers_of(tmp_path)[name] != before
