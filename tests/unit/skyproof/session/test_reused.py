"""What stands is reused by a run of one process; the rest is in the tests of what stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.errors import SkyproofError
from skyproof.session import Session
from skyproof.settings import Settings
from tests.unit.skyproof.session.conftest import SOUND, stack_of


def test_workers_are_told_that_they_cannot_reuse(tmp_path: Path) -> None:
    worker = Session(Settings(reuse=True, home=tmp_path / "home"))
    worker.share({"port": 1, "key": "", "run": worker.run.to_json()}, "gw0")
    with pytest.raises(SkyproofError, match=r"^Workers of pytest-xdist .*\n.*without -n"):
        worker.apply(stack_of(tmp_path, SOUND), {"name": "orders"})
    assert not (tmp_path / "home").exists(), "something was begun"
