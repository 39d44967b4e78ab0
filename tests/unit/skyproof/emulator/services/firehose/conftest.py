from __future__ import annotations

import pytest

from skyproof.emulator import authorization
from skyproof.emulator.services.firehose import reporting
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.firehose.staging import (
    Authority,
    Published,
    Stage,
    staged,
)


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    """What would go to CloudWatch, which has tests of its own."""
    published = Published()
    monkeypatch.setattr(reporting, "publish", published)
    return published


@pytest.fixture(autouse=True)
def authority(monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Decides in the place of policies, which have tests of their own."""
    authority = Authority()
    monkeypatch.setattr(authorization, "check", authority)
    return authority


@pytest.fixture
def stage(world: World, published: Published, authority: Authority) -> Stage:
    return staged(world, published, authority)
