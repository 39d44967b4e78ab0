"""The file that a strict emulator is told by: what it may say, and how it is told what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from skyproof.cli import main
from skyproof.emulator.strict import read
from skyproof.errors import SkyproofError
from tests.unit.skyproof.emulator.strict.conftest import ACCOUNT, ROLE, USER, described, statement


def settings_of(tmp_path: Path, content: Any) -> Any:
    file = tmp_path / "strict.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read(file)


def test_the_file_is_read(tmp_path: Path) -> None:
    found = settings_of(tmp_path, described(throttle=0.2, consistency_seconds=3, seed=7))
    assert [caller.arn for caller in found.callers] == [f"arn:aws:iam::{ACCOUNT}:root", USER]
    assert [identity.arn for identity in found.policies] == [USER, ROLE]
    assert (found.throttle, found.errors, found.consistency_seconds) == (0.2, 0, 3)
    assert (found.session_seconds, found.seed) == (None, 7)


def test_no_secret_shows(tmp_path: Path) -> None:
    assert "secret" not in repr(settings_of(tmp_path, described())).replace("session_", "")


def changed(**members: Any) -> dict[str, Any]:
    return described() | members


def caller(**members: Any) -> dict[str, Any]:
    return changed(callers=[described()["callers"][1] | members])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "the file is no JSON object"),
        ({}, "the file lacks callers"),
        (changed(throtle=0.1), "has the unknown throtle: known are account_alias, callers"),
        (changed(callers=[]), "callers is empty"),
        (changed(callers=[{}]), "callers[0] lacks access_key, account, arn, secret"),
        (changed(throttle=0.3), "throttle is 0.3: expected a rate from 0 to 0.2"),
        (changed(errors=True), "errors is True: expected a number"),
        (changed(resets=-1), "resets is -1: expected a number that is not negative"),
        (changed(seed=1.5), "seed is 1.5: expected a whole number"),
        (caller(access_key="short"), "callers[0].access_key is not 16 to 128"),
        (caller(account="999999999999"), "callers[0].account is not that of"),
        (caller(arn="somebody"), "'somebody' is not the ARN of a root or user or assumed-role"),
        (caller(arn=f"{USER}2"), "user/ci2 is not among policies"),
        (changed(policies={}), "policies is no list"),
        (changed(policies=[{"arn": ROLE, "policies": {}}]), "a role needs trust"),
        (
            changed(policies=[{"arn": USER, "policies": {"p": {"Statement": [{}]}}}]),
            "policies[0].policies.p: Effect is Allow or Deny",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(SkyproofError) as caught:
        settings_of(tmp_path, content)
    assert said in str(caught.value)
    assert str(tmp_path / "strict.json") in str(caught.value)


def test_a_callers_role_is_found_whatever_its_path(tmp_path: Path) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/sandbox/run"
    role = {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/ci/sandbox",
        "policies": {},
        "trust": described()["policies"][1]["trust"],
    }
    settings_of(tmp_path, caller(arn=session) | {"policies": [role]})


def test_the_commands_say_what_is_wrong_and_end(tmp_path: Path) -> None:
    file = tmp_path / "strict.json"
    done = subprocess.run(
        [sys.executable, "-m", "skyproof.emulator", "--strict", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, f"{file} cannot be read" in done.stderr) == (2, True), done
    result = CliRunner().invoke(main, ["emulator", "--strict", str(file)])
    assert (result.exit_code, f"{file} cannot be read" in result.output) == (2, True), result


def test_policies_are_read_before_anything_runs(tmp_path: Path) -> None:
    wrong = statement(Action="sqs", Resource="*")
    with pytest.raises(SkyproofError, match=r"policies\[0\].policies.own: 'sqs' is not an action"):
        settings_of(tmp_path, described(wrong))
