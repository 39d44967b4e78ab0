"""Whoever is killed, at whatever moment: the run can be finished, and then nothing is left of it.

Two random moments here, for each takes half a minute; ``benchmarks/kills.py`` tries every sort of
victim, as often as it is asked to.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.settings import Settings
from tests.integration.backends import ON_ITS_OWN
from tests.integration.kills import ACCOUNT, Account, Point, Trial, Victim, When, longest

pytestmark = [pytest.mark.terraform, ON_ITS_OWN]

CHOSEN = [
    (Victim.PYTEST, When.APPLY, "watcher"),
    (Victim.TERRAFORM, When.DESTROY, "command"),
]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An emulator of its own process, for it stands for an account that outlives every run."""
    backend = Embedded(Settings(account=ACCOUNT))
    backend.start()
    yield Account({name: value for name, value in backend.environment().items() if value})
    backend.stop()


@pytest.mark.parametrize(("victim", "when", "reaped_by"), CHOSEN)
def test_a_killed_run_leaves_nothing(
    victim: Victim, when: When, reaped_by: str, account: Account, tmp_path: Path
) -> None:
    # pytest-randomly seeds this: its seed, which each run prints, gives the same moment again.
    point = Point(victim, when, random.uniform(0, longest(when)), reaped_by)  # noqa: S311
    outcome = Trial(tmp_path / "trial", account, point).run()
    assert outcome.is_clean, f"{outcome}\n{outcome.said}"
    assert outcome.hit, f"{point.victim} was never there\n{outcome.said}"
