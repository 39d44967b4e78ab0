"""Parity in a run of pytest: skipped by name, required, and kept."""

from __future__ import annotations

import json

import pytest

import skyproof

TESTS = """
import pytest

pytestmark = pytest.mark.parity(localstack="fails: it has no canaries", sandbox="holds")

def test_one(client):
    assert client("sts").get_caller_identity()

@pytest.mark.parity(localstack="supplied", sandbox="holds")
def test_two():
    assert True

def test_three(client):
    assert False
"""
SILENT = """
def test_silent(client):
    assert client

def test_without_a_backend():
    assert True
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:randomly", "-rs", *options)


def test_what_does_not_hold_here_is_skipped_with_its_reason(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    result = run(pytester, "--skyproof-backend=localstack")
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["*does not hold on localstack: it has no canaries"])


def test_outcomes_are_kept_with_version_and_date(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    run(pytester, "--skyproof-record-parity=kept").assert_outcomes(passed=2, failed=1)
    kept = json.loads((pytester.path / "kept" / "embedded.json").read_text())
    file = "test_outcomes_are_kept_with_version_and_date.py"
    outcomes = {test: one["outcome"] for test, one in kept["tests"].items()}
    assert outcomes == {
        f"{file}::test_one": "passed",
        f"{file}::test_two": "passed",
        f"{file}::test_three": "failed",
    }
    assert {one["version"] for one in kept["tests"].values()} == {skyproof.__version__}
    assert kept["about"].startswith("embedded, http://127.0.0.1:")


def test_workers_leave_the_keeping_to_the_controller(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    run(pytester, "--skyproof-record-parity=kept", "-n", "1").assert_outcomes(passed=2, failed=1)
    kept = json.loads((pytester.path / "kept" / "embedded.json").read_text())
    assert len(kept["tests"]) == 3


def test_a_test_of_a_backend_must_say_where_it_holds_if_that_is_required(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(SILENT)
    pytester.makeini("[pytest]\nskyproof_parity = require\n")
    result = run(pytester, "--collect-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = "*::test_silent: it does not say whether it holds on localstack, sandbox; mark it: *"
    result.stderr.fnmatch_lines([said])
    assert "test_without_a_backend:" not in result.stderr.str()


def test_a_marker_on_the_module_counts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    pytester.makeini("[pytest]\nskyproof_parity = require\n")
    assert run(pytester, "--collect-only").ret == pytest.ExitCode.OK


def test_by_default_nothing_is_required(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SILENT)
    assert run(pytester, "--collect-only").ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ('parity("holds")', "takes keywords alone"),
        ('parity(azure="holds")', "there is no backend 'azure'"),
    ],
)
def test_a_marker_that_nobody_can_read_is_refused(
    pytester: pytest.Pytester, marker: str, said: str
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.{marker}\ndef test_a(): assert True\n")
    result = run(pytester, "--collect-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*::test_a: *{said}*"])
