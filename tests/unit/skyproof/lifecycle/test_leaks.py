from __future__ import annotations

import pytest

from skyproof.emulator.world import World
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import Inventory, Item, Leftover, check, take
from skyproof.lifecycle.kinds import KINDS
from tests.unit.skyproof.lifecycle.conftest import ACCOUNT, REGION, Client

RUN = "20260105T000000-k3x9qd"


def listed(world: World) -> Inventory:
    kinds = [kind for kind in KINDS if kind.service in ("sqs", "logs")]
    return take(world.client, [ACCOUNT], [REGION], kinds)


def test_a_leftover_reads_as_where_what_and_who_made_it() -> None:
    group = Item("1", "us-east-1", "logs", "log group", "/aws/lambda/a")
    assert str(Leftover(group, "made by function a")) == (
        "1 us-east-1 logs log group /aws/lambda/a, made by function a"
    )
    database = Item("1", "us-east-1", "rds", "thing", "arn:db")
    assert str(Leftover(database)) == (
        "1 us-east-1 rds thing arn:db, of a kind that skyproof cannot delete"
    )


def test_nothing_left_is_no_error(world: World, client: Client) -> None:
    client("sqs").create_queue(QueueName="there-before")
    before = listed(world)
    check(world.client, before, listed(world))
    check(world.client, before, listed(world), RUN)


def test_all_that_was_left_is_named_with_who_made_it(world: World, client: Client) -> None:
    before = listed(world)
    client("sqs").create_queue(QueueName="orders")
    client("logs").create_log_group(logGroupName="/aws/lambda/orders")
    with pytest.raises(SkyproofError) as raised:
        check(world.client, before, listed(world))
    [queue] = client("sqs").list_queues()["QueueUrls"]
    assert raised.value.what.splitlines() == [
        "2 things were left behind:",
        f"  {ACCOUNT} {REGION} logs log group /aws/lambda/orders, "
        "made by function orders when it ran",
        f"  {ACCOUNT} {REGION} sqs queue {queue}",
    ]
    assert raised.value.exit_code == ExitCode.FAILED


def test_of_a_run_only_its_own_counts(world: World, client: Client) -> None:
    before = listed(world)
    sqs = client("sqs")
    sqs.create_queue(QueueName="somebody-else")
    check(world.client, before, listed(world), RUN)
    sqs.create_queue(QueueName="by-name-k3x9qd")
    sqs.create_queue(QueueName="by-tag", tags={"skyproof:run": RUN})
    with pytest.raises(SkyproofError) as raised:
        check(world.client, before, listed(world), RUN)
    first, *lines = raised.value.what.splitlines()
    assert first == "2 things were left behind:"
    assert [line.rpartition("/")[2] for line in lines] == ["by-name-k3x9qd", "by-tag"]
    assert f"skyproof reap --run {RUN}" in raised.value.hint
    assert f"skyproof sweep --run {RUN} --delete" in raised.value.hint
