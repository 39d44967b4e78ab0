"""``--skyproof-stage``: one stage of a test run alone, over what stands between such runs.

The idea is Terratest's: apply once, test again and again, destroy at the end.
https://terratest.gruntwork.io/docs/testing-best-practices/iterating-locally-using-test-stages/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import Settings
from skyproof.standing.up import IDLE_SECONDS, Up, down
from skyproof.terraform.progress import Display

#: Stages in which no test runs.
WITHOUT_TESTS = ("apply", "destroy")


class StageDone(Exception):
    """The stage is done, and the tests of the stack are left to another; the text says which."""


def run_stage(
    settings: Settings, display: Display, source: Path, variables: Mapping[str, Any]
) -> None:
    """Apply or destroy a stack that stands, where the stage is one of those.

    Raises:
        StageDone: it was done.
        SkyproofError: it failed, or cannot be done on this backend.
    """
    if settings.stage and settings.backend != "embedded":
        raise SkyproofError(
            f"--skyproof-stage needs the embedded backend, and this is {settings.backend}.",
            "There, --skyproof-keep=yes leaves stacks in place, and `skyproof reap --kept-too` "
            "destroys them.",
        )
    if settings.stage == "apply":
        Up(settings, display, IDLE_SECONDS).stand(source, variables)
        raise StageDone(f"{source.name} stands; go on with --skyproof-stage=test")
    if settings.stage == "destroy":
        down(settings.home, source)
        raise StageDone(f"{source.name} stands no more")


def nothing_stands(source: Path) -> SkyproofError:
    """There is nothing to test."""
    return SkyproofError(
        f"--skyproof-stage=test: nothing stands of {source} that could be tested.",
        "Apply it first: --skyproof-stage=apply, or `skyproof up`.",
        ExitCode.FAILED,
    )
