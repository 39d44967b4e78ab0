"""Every check holds on our own emulator: a check that does not is a defect of one of the two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skyproof.emulator import Emulator
from skyproof.lifecycle import Inventory, take
from skyproof.probe import CHECKS, Outcome, chosen, run
from skyproof.probe.running import ACCOUNT, REGION, _Clients

OTHER = "111122223333"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Emulator() as emulator:
        yield emulator.endpoint


def standing(endpoint: str) -> Inventory:
    return take(_Clients(endpoint), [ACCOUNT, OTHER], [REGION])


@pytest.fixture(scope="module")
def outcomes(endpoint: str) -> list[Outcome]:
    before = standing(endpoint)
    found = run(endpoint, chosen(write=True))
    # Keys wait for seven days before they are gone, as on AWS.
    left = [item for item in standing(endpoint) - before if item.service != "kms"]
    assert left == [], "the checks left behind:\n" + "\n".join(map(str, left))
    return found


def test_all_hold(outcomes: list[Outcome]) -> None:
    wrong = [
        f"{one.service}: {one.what}: {one.result}: {one.detail}"
        for one in outcomes
        if one.result != "holds"
    ]
    assert wrong == []
    assert [one.detail for one in outcomes if one.detail] == []


def test_every_check_asks_something(outcomes: list[Outcome]) -> None:
    assert [f"{one.service}: {one.what}" for one in outcomes if not one.calls] == []


def test_there_are_enough_and_no_two_have_the_same_name() -> None:
    names = [check.id for check in CHECKS]
    assert len(names) >= 90
    assert len(set(names)) == len(names)


def test_reads_make_nothing(outcomes: list[Outcome]) -> None:
    reads = {(check.service, check.what) for check in chosen(write=False)}
    making = ("Create", "Put", "Delete", "Set", "Add", "Tag", "Send", "Publish")
    called = [
        call.operation.partition(":")[2]
        for one in outcomes
        if (one.service, one.what) in reads
        for call in one.calls
    ]
    assert [name for name in called if name.startswith(making)] == []
    assert len(reads) >= 40
