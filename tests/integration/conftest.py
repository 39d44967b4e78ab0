"""The platform, applied once for the whole run, and a twin of it beside it.

Both applies wait for the provider's fixed delays most of the time (a bucket's lifecycle alone takes
it 55 s), so they run side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.applied import AppliedStack
from skyproof.expect import EmulatedClock
from skyproof.lifecycle import Inventory, check, take
from skyproof.plugin import reported
from skyproof.session import Session
from skyproof.terraform import Plan
from tests.integration.platform import ACCOUNTS, MONITORING, REGIONS, SOURCES, Platform
from tests.integration.web import Web

ROOT = Path(__file__).parents[2]
COMPLETE = ROOT / "terraform" / "examples" / "complete"
PLATFORM = ROOT / "terraform"
# Minutes long, and each in a project or a run of its own.
WITHOUT_PLATFORM = {
    "test_docs_your_own_module.py",
    "test_kills.py",
    "test_provider_pool.py",
    "test_readme.py",
    "test_sandbox.py",
    "test_worlds.py",
}
VARIABLES: dict[str, Any] = {
    "environment_suffix": "first",
    "environment": "staging",
    "log_retention_days": 90,
    "source_account_ids": list(SOURCES),
}
TWIN_VARIABLES: dict[str, Any] = {
    "environment_suffix": "twin",
    "environment": "prod",
    "endpoint_urls": ["https://twin.example.com/health"],
    # Nobody looks at its canaries: seldom is often enough.
    "canary_schedule": "rate(1 hour)",
}


# A Monday. The clock stands until a test turns it, so that nothing happens by the way.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    """The application that the canaries ask, on a port of this machine."""
    with Web() as web:
        yield web


@dataclass(frozen=True)
class Both:
    """The two applied platforms, and what there was before them."""

    complete: AppliedStack
    twin: AppliedStack
    before: Inventory
    inventory: Callable[[], Inventory]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under ``-n 2`` one worker has the platform, and the other what needs none.

    The marker ``xdist_group`` would do, if pytest 9.2 still let it (docs/upstream.md).
    """
    from xdist.scheduler import LoadScopeScheduling

    class OnePlatform(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist is untyped
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if Path(file).name in WITHOUT_PLATFORM else "platform"

    return OnePlatform(config, log)


@pytest.fixture(scope="session")
def both(skyproof_session: Session, web: Web) -> Iterator[Both]:
    """Apply the complete example and a twin; destroy both and prove that nothing is left."""
    variables = {**VARIABLES, "endpoint_urls": [web.url]}

    def inventory() -> Inventory:
        return take(skyproof_session.backend.client, ACCOUNTS, REGIONS)

    with reported():
        clock = skyproof_session.backend.clock()
        if isinstance(clock, EmulatedClock):
            clock.set(BEGIN, mode="manual")
        before = inventory()
        with ThreadPoolExecutor() as pool:
            complete = pool.submit(skyproof_session.apply, COMPLETE, variables)
            _until_the_sink_stands(skyproof_session, complete)
            twin = pool.submit(skyproof_session.apply, PLATFORM, TWIN_VARIABLES)
        applied = Both(complete.result(), twin.result(), before, inventory)
    yield applied
    with reported():
        with ThreadPoolExecutor() as pool:
            both_stacks = (applied.complete.stack, applied.twin.stack)
            ends = [pool.submit(skyproof_session.destroy, stack) for stack in both_stacks]
        for end in ends:
            end.result()
    _remove_logs_of_canaries(skyproof_session)
    check(skyproof_session.backend.client, before, inventory())


@pytest.fixture(scope="session")
def second_plan(both: Both) -> Plan:
    """A plan of the complete example after it was applied."""
    return both.complete.plan()


def _remove_logs_of_canaries(session: Session) -> None:
    """Synthetics leaves the log groups of deleted canaries, here as on AWS; all else must be gone.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/synthetics_canaries_deletion.html
    """
    for region in REGIONS:
        logs = session.backend.client("logs", region, MONITORING)
        found = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/cwsyn-cw-obs-")
        for group in found["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


def _until_the_sink_stands(session: Session, apply: Future[AppliedStack]) -> None:
    """An account has one sink per region: the first platform makes it, the twin then finds it."""
    oam = session.backend.client("oam", REGIONS[0], MONITORING)
    wait = Retrying(
        retry=retry_if_result(lambda sinks: not sinks and not apply.done()),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(120),
    )
    wait(lambda: oam.list_sinks()["Items"])


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
def platform(both: Both, web: Web) -> Platform:
    """The complete example: everything, in two regions and three accounts."""
    return seen(both.complete, {**VARIABLES, "endpoint_urls": [web.url]})


@pytest.fixture(scope="session")
def twin(both: Both) -> Platform:
    """A second platform, of production, in the same account."""
    return seen(both.twin, TWIN_VARIABLES)
