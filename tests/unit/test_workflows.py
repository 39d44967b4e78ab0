"""The workflows: what they run exists, what they use is pinned, and they may do what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CI, NIGHTLY = (ROOT / ".github" / "workflows" / name for name in ("ci.yml", "nightly-sandbox.yml"))


def read(workflow: Path) -> dict[str, Any]:
    text: dict[str, Any] = yaml.safe_load(workflow.read_text())
    return text


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in read(workflow)["jobs"].values():
        yield from job["steps"]


def runs(workflow: Path) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


def test_there_are_two() -> None:
    assert WORKFLOWS == [CI, NIGHTLY]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)$", workflow.read_text(), re.MULTILINE)
    assert len(used) == sum("uses" in step for step in steps(workflow)) > 0
    loose = [
        one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)
    ]
    assert loose == []


def test_one_action_has_one_version() -> None:
    used = {step["uses"] for workflow in WORKFLOWS for step in steps(workflow) if "uses" in step}
    assert len(used) == len({one.partition("@")[0] for one in used}), sorted(used)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_secret_is_used_and_no_job_raises_its_permissions(workflow: Path) -> None:
    assert "secrets." not in workflow.read_text()
    assert "pull_request_target" not in workflow.read_text()
    jobs = read(workflow)["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == []
    assert [name for name, job in jobs.items() if "timeout-minutes" not in job] == []


def test_only_the_nightly_run_may_ask_for_a_token() -> None:
    assert read(CI)["permissions"] == {"contents": "read"}
    assert read(NIGHTLY)["permissions"] == {"contents": "read", "id-token": "write"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_others_choose_reaches_no_shell(workflow: Path) -> None:
    """Titles, branches and the like are anybody's text; only the matrix is put into commands."""
    filled = [one for run in runs(workflow) for one in re.findall(r"\$\{\{(.*?)\}\}", run)]
    assert [one for one in filled if not one.strip().startswith("matrix.")] == []


def test_two_nightly_runs_do_not_meet_and_none_is_cut_off() -> None:
    assert read(NIGHTLY)["concurrency"] == {
        "group": "sandbox-${{ vars.SANDBOX_ACCOUNT }}",
        "cancel-in-progress": False,
    }


def test_what_is_left_is_finished_whatever_happened() -> None:
    always = [
        step["run"] for step in steps(NIGHTLY) if step.get("if") == "always()" and "run" in step
    ]
    assert always == ["skyproof reap", "skyproof sweep --delete"]


def test_credentials_last_as_long_as_the_job() -> None:
    job = read(NIGHTLY)["jobs"]["sandbox"]
    [signs_in] = [
        step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")
    ]
    assert job["timeout-minutes"] * 60 <= signs_in["with"]["role-duration-seconds"]


@pytest.mark.parametrize("job", ["unit", "integration"])
def test_all_parts_of_a_suite_are_run(job: str) -> None:
    described = read(CI)["jobs"][job]
    numbers = described["strategy"]["matrix"]["shard"]
    [command] = [step["run"] for step in described["steps"] if "shard=" in step.get("run", "")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert f"--skyproof-shard=${{{{ matrix.shard }}}}/{len(numbers)} " in command


def test_ci_runs_every_environment_of_plain_tox() -> None:
    tox = (ROOT / "tox.ini").read_text()
    jobs = read(CI)["jobs"]
    named = set(jobs["static"]["strategy"]["matrix"]["env"])
    used = {name for run in runs(CI) for name in re.findall(r"tox -e (\w+)", run)}
    assert named | used == {"lint", "type", "shard", "coverage", "integration"}
    assert [name for name in used if f"[testenv:{name}]" not in tox] == []
