"""One account of an emulated AWS in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from skyproof.emulator.world import World

ACCOUNT = "123456789012"
REGION = "us-east-1"
Client = Callable[[str], Any]


@pytest.fixture
def world() -> Iterator[World]:
    """Its clock stands, so that nothing is made by the way."""
    world = World()
    world.clock.set(world.clock.now(), "manual")
    yield world
    world.close()


@pytest.fixture
def client(world: World) -> Client:
    """``client(service)``: boto3 in the account and region."""
    return lambda service: world.client(service, REGION, ACCOUNT)
