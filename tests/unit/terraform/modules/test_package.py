"""The archive that modules/package builds in HCL, against Python's own zipfile.

One apply builds every archive; the module needs no provider, so neither does this.
"""

import base64
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.terraform.modules.sources import MODULES

pytestmark = pytest.mark.terraform

CALLER = """
variable "archives" {
  type = map(map(string))
}

module "package" {
  source   = "./package"
  for_each = var.archives

  files = each.value
}

output "archives" {
  value = module.package
}
"""


def random_archives(seed: int, count: int) -> dict[str, dict[str, str]]:
    """Return archives whose lengths meet every remainder by 3, at both ends of base64."""
    generator = random.Random(seed)  # noqa: S311
    letters = "abcXYZ019_.-"
    alphabet = "ab \n\t\r{}\"'\\$%é€😀\u2028\ufffd"

    def text(characters: str, least: int, most: int) -> str:
        return "".join(generator.choices(characters, k=generator.randint(least, most)))

    return {
        f"random-{number}": {
            f"f{text(letters, 0, 9)}/g{text(letters, 0, 5)}{index}": text(alphabet, 0, 40)
            for index in range(generator.randint(1, 6))
        }
        for number in range(count)
    }


ARCHIVES: dict[str, dict[str, str]] = {
    "one": {"main.py": "print('hello')\n"},
    "one-changed": {"main.py": "print('Hello')\n"},
    "one-renamed": {"other.py": "print('hello')\n"},
    "several": {"b.py": "B = 2\n", "a.py": "A = 1\n", "python/z/_.json": "{}"},
    "unicode": {"text.txt": "naïve café — 😀 $" + "{template} %" + "{directive}\n"},
    "empty": {"__init__.py": "", "a": "", "ab": "", "abc": ""},
    "large": {"large.txt": "0123456789abcdé\n" * 20_000, "small.txt": "x"},
    "dos": {"dos.txt": "one\r\ntwo\r\n"},
    "unix": {"dos.txt": "one\ntwo\n"},
    "many": {f"folder/file-{number:04}.txt": str(number) * 7 for number in range(300)},
    "every-name-character": {
        "".join(map(chr, range(ord("a"), ord("z") + 1))): "",
        "".join(map(chr, range(ord("A"), ord("Z") + 1))) + "_": "",
        "0123456789.-_": "",
    },
    **{f"padding-{size}": {"f": "x" * size} for size in range(9)},
    **random_archives(seed=2026, count=40),
}


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    binary = os.environ.get("SKYPROOF_TERRAFORM") or shutil.which("terraform")
    assert binary, "these tests need Terraform: put it on PATH or name it in SKYPROOF_TERRAFORM"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))}
    return subprocess.run(
        [binary, *arguments],
        cwd=folder,
        env={**environment, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def stack(folder: Path, archives: dict[str, dict[str, str]]) -> None:
    shutil.copytree(MODULES / "package", folder / "package")
    (folder / "main.tf").write_text(CALLER, encoding="utf-8")
    (folder / "archives.auto.tfvars.json").write_text(
        json.dumps({"archives": archives}), encoding="utf-8"
    )
    result = terraform(folder, "init", "-no-color")
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("package")
    stack(folder, ARCHIVES)
    result = terraform(folder, "apply", "-auto-approve", "-no-color")
    assert result.returncode == 0, result.stderr
    outputs = json.loads(terraform(folder, "output", "-json").stdout)
    archives: dict[str, dict[str, str]] = outputs["archives"]["value"]
    return archives


def content(archive: dict[str, str]) -> bytes:
    return base64.b64decode(archive["content_base64"], validate=True)


def expected_zip(files: dict[str, str]) -> bytes:
    """Return the archive as zipfile writes it: sorted, stored, padded as the module documents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            raw = files[path].replace("\r\n", "\n").encode()
            raw += b"\n" * (-len(path.encode() + raw) % 3)
            entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.create_version = entry.extract_version = 10
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, raw)
        directory = sum(46 + len(path) for path in files)
        archive.comment = b"\n" * (-(directory + 22) % 3)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_bytes_are_those_that_zipfile_writes(
    name: str, built: dict[str, dict[str, str]]
) -> None:
    assert content(built[name]) == expected_zip(ARCHIVES[name])


@pytest.mark.parametrize("name", ARCHIVES)
def test_it_opens_and_holds_the_sources(name: str, built: dict[str, dict[str, str]]) -> None:
    with zipfile.ZipFile(io.BytesIO(content(built[name]))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(ARCHIVES[name])
        for path, text in ARCHIVES[name].items():
            got = archive.read(path).decode()
            source = text.replace("\r\n", "\n")
            assert got.startswith(source)
            assert got.removeprefix(source) in {"", "\n", "\n\n"}


def test_what_identifies_a_package_follows_names_and_contents(
    built: dict[str, dict[str, str]],
) -> None:
    sums = {name: archive["sha256"] for name, archive in built.items()}

    assert sums["dos"] == sums["unix"]
    assert len(set(sums.values())) == len(sums) - 1
    for name, archive in built.items():
        assert sums[name] == hashlib.sha256(archive["content_base64"].encode()).hexdigest()


def test_the_bytes_are_the_same_on_every_machine(built: dict[str, dict[str, str]]) -> None:
    # Recorded once. Another sum here means that every deployed package would change.
    expected = "35998ebff60ff99628cf78a1f6a7c038e1d05a37437268763138defa29ce22a2"
    assert built["several"]["sha256"] == expected


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "a package needs at least one file"),
        ({"/etc/passwd": "x"}, '"/etc/passwd". Write it relative'),
        ({"../main.py": "x"}, "'.' or '..' segment: ../main.py"),
        ({"a/../main.py": "x"}, "'.' or '..' segment: a/../main.py"),
        ({"a/..": "x"}, "'.' or '..' segment: a/.."),
        ({"./main.py": "x"}, "'.' or '..' segment: ./main.py"),
        ({"a//main.py": "x"}, '"a//main.py"'),
        ({"folder/": "x"}, '"folder/"'),
        ({"": "x"}, '""'),
        ({"a\\main.py": "x"}, r'"a\\main.py"'),
        ({"é.py": "x"}, '"é.py"'),
        ({"main.py\n": "x"}, r'"main.py\n"'),
        ({"Main.py": "x", "main.py": "y"}, "differ only in case"),
        ({"a": "x", "a/b": "y"}, "both a file and a folder: a."),
        ({"main.pyc": "\x00\x01"}, "control characters: main.pyc"),
    ],
    ids=repr,
)
def test_what_cannot_be_packaged_is_refused(
    files: dict[str, str], complaint: str, tmp_path: Path
) -> None:
    stack(tmp_path, {"bad": files})

    result = terraform(tmp_path, "plan", "-no-color")

    assert result.returncode == 1
    assert complaint in unwrapped(result.stderr)


def unwrapped(message: str) -> str:
    """Return Terraform's message without its frame and line breaks."""
    return " ".join(message.replace("│", " ").split())


def test_a_changed_source_changes_the_plan(tmp_path: Path) -> None:
    stack(tmp_path, {"it": ARCHIVES["one"]})
    apply: Any = terraform(tmp_path, "apply", "-auto-approve", "-no-color")
    assert apply.returncode == 0, apply.stderr

    same = terraform(tmp_path, "plan", "-detailed-exitcode", "-no-color")
    variables = json.dumps({"it": ARCHIVES["one-changed"]})
    changed = terraform(
        tmp_path, "plan", "-detailed-exitcode", "-no-color", f"-var=archives={variables}"
    )

    assert (same.returncode, changed.returncode) == (0, 2)
