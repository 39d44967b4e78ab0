"""Runs of pytest over what stands, as a user starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from skyproof.cli import main
from skyproof.errors import ExitCode
from skyproof.standing.record import all_places
from skyproof.standing.up import down
from skyproof.terraform.discovery import find_terraform

pytestmark = pytest.mark.terraform

MODULE = """
variable "name" { default = "orders" }
resource "terraform_data" "one" { input = var.name }
output "name" { value = terraform_data.one.output }
"""
TESTS = """
import pytest
pytestmark = pytest.mark.stack("module")

def test_name(stack, expect):
    assert stack.outputs["name"] == "orders"
    assert expect.clock.endpoint == stack.backend.endpoint, "time is that of the copy"

def test_wrong(stack):
    assert stack.outputs["name"] == "wrong"
"""


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.Pytester]:
    home = pytester.path / "home"
    monkeypatch.setenv("SKYPROOF_HOME", str(home))
    pytester.mkdir("module").joinpath("main.tf").write_text(MODULE)
    pytester.makepyfile(TESTS)
    yield pytester
    down(home, None)


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:randomly", *options)


def standing(project: pytest.Pytester) -> list[bool]:
    """For each that stands whether its emulator answers."""
    found = [place.record() for place in all_places(project.path / "home")]
    return [record is not None and record.is_alive for record in found]


def command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.output


def test_what_a_failed_run_keeps_can_be_looked_at_and_ended(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-keep-on-failure=yes")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"kept: {project.path}/home/runs/*/stacks/module-1/module",
            "`skyproof status` says where they stand and how to end them",
        ]
    )
    assert standing(project) == [True]
    _, told = command("status")
    assert f"{project.path}/module  1 resources, pid " in told
    assert ", kept by the run " in told
    folder = told.partition("-chdir=")[2].split()[0]
    shown = subprocess.run(
        [str(find_terraform().path), f"-chdir={folder}", "state", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "terraform_data.one\n"
    place = told.partition("skyproof down ")[2].split()[0]
    assert command("down", place) == (0, f"ended: {place}\n")
    assert command("status") == (0, "nothing is open\n")
    assert list((project.path / "home" / "runs").iterdir()) == []


def test_a_run_without_failures_keeps_nothing(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-keep-on-failure=yes", "-k", "test_name")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("kept: *")
    assert standing(project) == []


def test_a_copy_that_a_failed_run_keeps_outlives_the_next_run(project: pytest.Pytester) -> None:
    assert command("up", "module")[0] == 0
    run(project, "--skyproof-reuse=yes", "--skyproof-keep-on-failure=yes")
    assert standing(project) == [True, True]
    run(project, "--skyproof-reuse=yes")
    assert standing(project) == [True, True]


def test_stages_are_run_one_by_one(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-stage=test")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*Apply it first: --skyproof-stage=apply, or `skyproof up`."])

    run(project, "--skyproof-stage=apply").assert_outcomes(skipped=2)
    assert standing(project) == [True]
    for _ in range(2):
        result = run(project, "--skyproof-stage=test")
        result.assert_outcomes(passed=1, failed=1)
        result.stderr.fnmatch_lines(["skyproof: module: stands, nothing has changed"])
    run(project, "--skyproof-stage=destroy").assert_outcomes(skipped=2)
    assert standing(project) == []


def test_no_test_runs_in_a_stage_without_tests(project: pytest.Pytester) -> None:
    project.makepyfile(test_plain="def test_plain():\n    open('ran', 'w')\n")
    run(project, "--skyproof-stage=apply").assert_outcomes(skipped=3)
    assert not Path(project.path, "ran").exists()


def test_a_stage_in_a_sandbox_is_refused_before_anything_is_done(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-stage=apply", "--skyproof-backend=sandbox")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["--skyproof-stage needs the embedded backend*sandbox."])


def test_the_test_command_is_pytest_that_reuses(project: pytest.Pytester) -> None:
    assert command("up", "module", "--var", "name=orders")[0] == 0
    done = subprocess.run(
        [sys.executable, "-m", "skyproof", "test", "-q", "-k", "test_name"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    # The marker gives no variables: the one that stands is taken back.
    assert "what changed is applied: variable name" in done.stderr


def test_down_wants_to_know_what(project: pytest.Pytester) -> None:
    assert command("down")[0] == command("down", "module", "--all")[0] == ExitCode.USAGE
    code, told = command("down", "module")
    assert (code, "Nothing stands of module." in told) == (ExitCode.FAILED, True)
    assert command("down", "--all") == (0, "nothing stands\n")
