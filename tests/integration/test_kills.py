"""Whoever is killed, at whatever moment: the run can be finished, and then nothing is left of it.

A few random points here; ``benchmarks/kills.py`` tries as many as are asked for.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.settings import Settings
from tests.integration.kills import ACCOUNT, Account, Point, Trial, Victim, When, points

pytestmark = pytest.mark.terraform

SEED = int(os.environ.get("SKYPROOF_KILLS_SEED", random.randrange(10**6)))  # noqa: S311
# One of each victim; under pytest-xdist, too.
CHOSEN = [
    point
    for point in points(20, SEED)
    if (point.victim, point.when, point.reaped_by)
    in {
        (Victim.PYTEST, When.APPLY, "watcher"),
        (Victim.PROVIDER, When.APPLY, "watcher"),
        (Victim.WORKER, When.TEST, "watcher"),
        (Victim.TERRAFORM, When.DESTROY, "command"),
    }
]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An emulator of its own process, for it stands for an account that outlives every run."""
    backend = Embedded(Settings(account=ACCOUNT))
    backend.start()
    yield Account({name: value for name, value in backend.environment().items() if value})
    backend.stop()


@pytest.mark.parametrize("point", CHOSEN, ids=str)
def test_a_killed_run_leaves_nothing(point: Point, account: Account, tmp_path: Path) -> None:
    outcome = Trial(tmp_path / "trial", account, point).run()
    assert outcome.is_clean, f"{outcome}\nseed {SEED}\n{outcome.said}"
    assert outcome.hit, f"{point.victim} was never there\n{outcome.said}"
