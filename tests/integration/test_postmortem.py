"""The platform has none of the ten failures, and each is caught when it is put back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.terraform import Plan, Stack, TerraformError
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.conftest import PLATFORM, VARIABLES, Both
from tests.integration.postmortem import FAILURES, Configuration, Failure

pytestmark = ON_THE_PLATFORM

BY_PLAN = [failure for failure in FAILURES if not failure.by_terraform]
BY_TERRAFORM = [failure for failure in FAILURES if failure.by_terraform]


def named(failure: Failure) -> str:
    return failure.name


@pytest.fixture
def sound(second_plan: Plan) -> Configuration:
    return Configuration(PLATFORM, second_plan.resources, VARIABLES)


def copy_of(both: Both, into: Path) -> tuple[Stack, Path]:
    """A copy of the applied example with its state: what a plan says there is all known."""
    fork = both.complete.stack.fork(into)
    return fork, fork.workspace.top / PLATFORM.name


@pytest.fixture(scope="module")
def broken(both: Both, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Configuration]:
    """The platform with every failure put back that still leaves a valid plan."""
    folder = tmp_path_factory.mktemp("broken") / "copy"
    fork, root = copy_of(both, folder)
    for failure in BY_PLAN:
        failure.put_back(root)
    yield Configuration(root, fork.plan(refresh=False).resources, VARIABLES)
    shutil.rmtree(folder)


@pytest.mark.parametrize("failure", FAILURES, ids=named)
def test_the_platform_does_not_have_it(failure: Failure, sound: Configuration) -> None:
    failure.check(sound)


@pytest.mark.parametrize("failure", BY_PLAN, ids=named)
def test_it_is_caught_when_it_is_put_back(failure: Failure, broken: Configuration) -> None:
    with pytest.raises(AssertionError) as caught:
        failure.check(broken)
    assert str(caught.value), "the failure is found and not explained"


@pytest.mark.parametrize("failure", BY_TERRAFORM, ids=named)
def test_it_leaves_no_plan_when_it_is_put_back(
    failure: Failure, both: Both, tmp_path: Path
) -> None:
    fork, root = copy_of(both, tmp_path / "copy")
    failure.put_back(root)
    with pytest.raises(TerraformError) as caught:
        fork.validate()
    assert "terraform validate failed" in str(caught.value)
    file = Path(failure.file).name
    assert file in str(caught.value) or "data" in str(caught.value), str(caught.value)


@pytest.mark.parametrize("failure", FAILURES[:2], ids=named)
def test_the_check_of_files_needs_no_terraform(
    failure: Failure, both: Both, tmp_path: Path
) -> None:
    _, root = copy_of(both, tmp_path / "copy")
    failure.put_back(root)
    with pytest.raises(AssertionError):
        failure.check(Configuration(root, {}, VARIABLES))
