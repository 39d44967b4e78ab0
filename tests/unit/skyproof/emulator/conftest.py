"""An emulated AWS in this process, without a socket, new for each test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skyproof.emulator.target import DEFAULT_ACCOUNT, DEFAULT_REGION
from skyproof.emulator.world import World

ClientFixture = Callable[..., Any]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> ClientFixture:
    """``client(service, region=..., account=...)``: boto3 through the gateway."""

    def make(service: str, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT) -> Any:
        return world.client(service, region, account)

    return make
