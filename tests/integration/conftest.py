"""The platform, applied once for the whole run, and a twin of it beside it.

Both applies wait for the provider's fixed delays most of the time (a bucket's lifecycle alone takes
it 55 s), so they run side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skyproof.errors import SkyproofError
from skyproof.lifecycle import Inventory, take
from skyproof.session import AppliedStack, Session
from skyproof.terraform import Plan
from tests.integration.platform import ACCOUNTS, REGIONS, SOURCES, Platform

ROOT = Path(__file__).parents[2]
COMPLETE = ROOT / "terraform" / "examples" / "complete"
PLATFORM = ROOT / "terraform"
ENDPOINT = "https://api.example.com/health"

VARIABLES: dict[str, Any] = {
    "environment_suffix": "it",
    "environment": "staging",
    "log_retention_days": 90,
    "endpoint_urls": [ENDPOINT],
    "source_account_ids": list(SOURCES),
}
TWIN_VARIABLES: dict[str, Any] = {
    "environment_suffix": "twin",
    "environment": "prod",
    "endpoint_urls": ["https://twin.example.com/health"],
}


@dataclass(frozen=True)
class Both:
    """The two applied platforms, and what there was before them."""

    complete: AppliedStack
    twin: AppliedStack
    before: Inventory
    inventory: Callable[[], Inventory]


@pytest.fixture(scope="session")
def both(skyproof_session: Session) -> Iterator[Both]:
    """Apply the complete example and a twin; destroy both and prove that nothing is left."""

    def inventory() -> Inventory:
        return take(skyproof_session.backend.client, ACCOUNTS, REGIONS)

    try:
        before = inventory()
        with ThreadPoolExecutor() as pool:
            complete = pool.submit(skyproof_session.apply, COMPLETE, VARIABLES)
            twin = pool.submit(skyproof_session.apply, PLATFORM, TWIN_VARIABLES)
            applied = Both(complete.result(), twin.result(), before, inventory)
    except SkyproofError as error:
        pytest.fail(str(error), pytrace=False)
    yield applied
    with ThreadPoolExecutor() as pool:
        ends = [
            pool.submit(skyproof_session.destroy, one.stack)
            for one in (applied.complete, applied.twin)
        ]
        for end in ends:
            end.result()
    left = inventory() - before
    assert left == [], "destroy left behind:\n" + "\n".join(str(item) for item in left)


@pytest.fixture(scope="session")
def second_plan(both: Both) -> Plan:
    """A plan of the complete example after it was applied."""
    return both.complete.plan()


def seen(applied: AppliedStack, variables: dict[str, Any]) -> Platform:
    return Platform(
        suffix=variables["environment_suffix"],
        environment=variables["environment"],
        endpoint=json.dumps(variables["endpoint_urls"]),
        log_retention_days=variables.get("log_retention_days", 400),
        outputs=applied.outputs,
        clients=applied.client,
        state_values=applied.state.managed,
    )


@pytest.fixture(scope="session")
def platform(both: Both) -> Platform:
    """The complete example: everything, in two regions and three accounts."""
    return seen(both.complete, VARIABLES)


@pytest.fixture(scope="session")
def twin(both: Both) -> Platform:
    """A second platform, of production, in the same account."""
    return seen(both.twin, TWIN_VARIABLES)
