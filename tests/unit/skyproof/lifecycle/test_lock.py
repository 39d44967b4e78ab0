"""One run at a time in an account; a crash keeps nobody out for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle.lock import FOLDER, LEASE, AccountHeld, AccountLock
from skyproof.run import Run

ACCOUNT = "111122223333"
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


class Machines:
    """Runs, each on a machine of its own, in one account and one time."""

    def __init__(self, folder: Path, ssm: Any) -> None:
        self.now = BEGIN
        self.folder = folder
        self.ssm = ssm
        self.waited: list[float] = []
        self.locks: list[AccountLock] = []

    def run(self, name: str, machine: str | None = None, ssm: Any = None) -> AccountLock:
        folder = self.folder / (machine or name)
        folder.mkdir(exist_ok=True)
        run = Run(name, f"{name}@example.com", BEGIN, BEGIN + timedelta(hours=4))
        lock = AccountLock(ssm or self.ssm, ACCOUNT, run, folder, lambda: self.now, self.wait)
        self.locks.append(lock)
        return lock

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)

    def row(self) -> list[str]:
        pages = self.ssm.get_paginator("get_parameters_by_path").paginate(Path=FOLDER)
        return sorted(one["Name"] for page in pages for one in page["Parameters"])


def client() -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(
        "ssm", "us-east-1", endpoint_url="https://ssm.us-east-1.amazonaws.com", **keys
    )


@pytest.fixture(scope="module")
def ssm() -> Any:
    """AWS creates a parameter atomically; moto looks and writes."""
    ssm, one_at_a_time = client(), threading.Lock()
    put = ssm.put_parameter

    def atomically(**parameter: Any) -> Any:
        with one_at_a_time:
            return put(**parameter)

    ssm.put_parameter = atomically
    return ssm


@pytest.fixture
def machines(tmp_path: Path, ssm: Any) -> Iterator[Machines]:
    with mock_aws():
        machines = Machines(tmp_path, ssm)
        yield machines
        for lock in machines.locks:
            lock.release()


@pytest.mark.parametrize("machine", ["the same", "another"])
def test_a_second_run_is_refused_by_the_name_of_the_first(machines: Machines, machine: str) -> None:
    machines.run("first", "the same").acquire()
    with pytest.raises(AccountHeld) as caught:
        machines.run("second", machine).acquire()
    assert caught.value.what == (
        f"Account {ACCOUNT} is held by run first of first@example.com, until 2026-01-05 00:10:00 "
        "UTC."
    )
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert "--skyproof-sandbox-wait" in caught.value.hint
    assert f"--region us-east-1 --name {FOLDER}/1" in caught.value.hint


@pytest.mark.parametrize("machine", ["the same", "another"])
def test_what_was_released_can_be_taken(machines: Machines, machine: str) -> None:
    first = machines.run("first", "the same")
    first.acquire()
    first.release()
    first.release()
    second = machines.run("second", machine)
    second.acquire()
    second.require_held()
    assert machines.row() == [f"{FOLDER}/2"], "what is over is cleared away"


def test_a_crashed_holder_keeps_others_out_no_longer_than_its_lease(machines: Machines) -> None:
    machines.run("crashed").acquire()
    machines.now += LEASE - timedelta(seconds=1)
    with pytest.raises(AccountHeld, match="held by run crashed"):
        machines.run("second").acquire()
    machines.now += timedelta(seconds=1)
    machines.run("third").acquire()


def test_a_living_holder_renews(machines: Machines) -> None:
    first = machines.run("first")
    first.acquire()
    for _ in range(3):
        machines.now += LEASE / 2
        first.renew()
    first.require_held()
    with pytest.raises(AccountHeld, match="held by run first"):
        machines.run("second").acquire()


def test_a_holder_that_slept_too_long_is_told_and_does_no_harm(machines: Machines) -> None:
    first, second = machines.run("first"), machines.run("second")
    first.acquire()
    machines.now += LEASE
    second.acquire()
    with pytest.raises(AccountHeld, match="could not be renewed; another run may be in it"):
        first.require_held()
    with pytest.raises(AccountHeld, match="held by run second"):
        first.renew()
    first.release()
    second.require_held()
    with pytest.raises(AccountHeld, match="held by run second"):
        machines.run("third").acquire()


def test_a_holder_that_slept_while_nobody_came_takes_it_anew(machines: Machines) -> None:
    first = machines.run("first")
    first.acquire()
    machines.now += LEASE
    first.renew()
    first.require_held()


def test_a_run_waits_as_long_as_it_is_told(machines: Machines) -> None:
    machines.run("crashed").acquire()
    machines.run("second").acquire(wait=3600)
    assert machines.now >= BEGIN + LEASE
    assert all(5 <= seconds <= 15 for seconds in machines.waited)


def test_of_many_that_come_at_once_one_holds_it(machines: Machines) -> None:
    machines.run("crashed").acquire()
    machines.now += LEASE
    locks = [machines.run(f"run-{number}") for number in range(8)]

    def holds(lock: AccountLock) -> bool:
        try:
            lock.acquire()
        except AccountHeld:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(holds, locks)) == [False] * 7 + [True]


def test_a_number_that_was_deleted_meanwhile_is_not_taken(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked before two others came and went, and creates the number that one of them had."""
    machines.run("crashed").acquire()
    machines.now += LEASE
    late = machines.run("late")
    seen = late._newest()
    for name in ("second", "third"):
        lock = machines.run(name)
        lock.acquire()
        if name == "second":
            lock.release()
    newest, looks = late._newest, [seen]
    monkeypatch.setattr(late, "_newest", lambda: looks.pop() if looks else newest())
    with pytest.raises(AccountHeld, match="held by run third"):
        late.acquire()
    assert machines.row() == [f"{FOLDER}/3"]


def test_an_account_that_does_not_let_us_ask_says_what_to_allow(machines: Machines) -> None:
    ssm = client()
    with Stubber(ssm) as stub:
        stub.add_client_error("get_parameters_by_path", "AccessDeniedException", "no")
        with pytest.raises(SkyproofError, match=r"cannot be asked for: .*AccessDenied") as caught:
            machines.run("first", ssm=ssm).acquire()
    assert isinstance(caught.value.__cause__, ClientError)
    assert "Allow ssm:GetParametersByPath, ssm:PutParameter" in caught.value.hint
    machines.run("second", "first").acquire()
