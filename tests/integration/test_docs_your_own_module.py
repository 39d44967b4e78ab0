"""The page for strangers: every file on it, run as they would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skyproof.extract import extract
from skyproof.settings import OPTIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing-your-own-module.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page, in a folder of a stranger's."""
    folder = tmp_path_factory.mktemp("strangers")
    extract(PAGE, folder, allow_unnamed=True)
    return folder


def test_its_tests_pass_and_leave_the_project_as_it_was(project: Path) -> None:
    before = sorted(project.rglob("*"))
    ours = ("PYTEST_", "SKYPROOF_", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    for kept in ("SKYPROOF_TERRAFORM", "SKYPROOF_PROVIDER_MIRROR"):
        if kept in os.environ:
            environment[kept] = os.environ[kept]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "--color=no"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 passed" in done.stdout, done.stdout
    assert "backend embedded, 9 resources applied, 12 tests" in done.stdout, done.stdout
    assert sorted(project.rglob("*")) == before


def test_its_table_of_options_is_whole() -> None:
    table = PAGE.read_text().partition("## Options")[2]
    told = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert told == [option.name.replace("_", "-") for option in OPTIONS]
