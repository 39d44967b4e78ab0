from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from skyproof.emulator.world import World
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import sweep, tagging, take
from skyproof.lifecycle.kinds import KINDS
from skyproof.lifecycle.sweep import Sweep
from tests.unit.skyproof.lifecycle.conftest import ACCOUNT, REGION, Client

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
RUN = "20260105T000000-k3x9qd"
OTHER = "20260105T000000-zzzzzz"


@pytest.fixture(autouse=True)
def queues_and_logs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other kinds have tests of their own, and clients that take seconds to be made."""
    few = tuple(kind for kind in KINDS if kind.service in ("sqs", "logs"))
    monkeypatch.setattr(sweep, "take", partial(take, kinds=few))


def tags(run: str, expires: str) -> dict[str, str]:
    return {"skyproof:run": run, "skyproof:owner": "ada@home", "skyproof:expires": expires}


def ago(**delta: float) -> str:
    return (NOW - timedelta(**delta)).isoformat(timespec="seconds")


@pytest.fixture
def sqs(client: Client) -> Iterator[Any]:
    sqs = client("sqs")
    sqs.create_queue(QueueName="orders")
    yield sqs
    assert "orders" in names(sqs), "nobody's things stay, whatever is swept"


def names(sqs: Any) -> list[str]:
    return sorted(url.rpartition("/")[2] for url in sqs.list_queues().get("QueueUrls", []))


def found(world: World, run_id: str | None = None) -> Sweep:
    return sweep.find(world.client, ACCOUNT, [REGION], NOW, run_id)


def swept(world: World, run_id: str | None = None) -> list[str]:
    runs = found(world, run_id).runs
    return sorted(one.item.name.rpartition("/")[2] for run in runs for one in run.leftovers)


def test_what_has_expired_is_found_and_what_lives_is_not(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, ago(hours=1)))
    sqs.create_queue(QueueName="alive", tags=tags(OTHER, ago(hours=-1)))
    [run] = found(world).runs
    assert (run.id, run.owner, run.since) == (RUN, "ada@home", NOW - timedelta(hours=1))
    assert swept(world) == ["dead"]


def test_what_an_expired_run_left_without_tags_is_found_by_its_name(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, ago(hours=1)))
    sqs.create_queue(QueueName="orphan-k3x9qd")
    sqs.create_queue(QueueName="orphan-zzzzzz")
    assert swept(world) == ["dead", "orphan-k3x9qd"]


def test_a_run_lives_as_long_as_any_of_its_things(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="early", tags=tags(RUN, ago(hours=1)))
    sqs.create_queue(QueueName="late", tags=tags(RUN, ago(hours=-1)))
    assert swept(world) == []


@pytest.mark.parametrize("text", ["never", "tomorrow", "2026-13-01"])
def test_a_time_that_is_none_never_comes(world: World, sqs: Any, text: str) -> None:
    sqs.create_queue(QueueName="kept", tags=tags(RUN, text))
    assert swept(world) == []


def test_a_time_without_a_zone_is_utc(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, "2026-01-05T11:59:59"))
    assert swept(world) == ["dead"]


def test_what_has_no_time_is_not_swept_unless_its_run_is_named(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="timeless", tags={"skyproof:run": RUN})
    sqs.create_queue(QueueName="orphan-k3x9qd")
    assert swept(world) == []
    assert swept(world, RUN) == ["orphan-k3x9qd", "timeless"]


def test_one_run_can_be_asked_for(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, ago(hours=1)))
    sqs.create_queue(QueueName="other", tags=tags(OTHER, ago(hours=1)))
    assert swept(world, OTHER) == ["other"]


def test_a_run_that_lives_is_not_swept_by_name_either(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="alive", tags=tags(RUN, ago(hours=-1)))
    with pytest.raises(SkyproofError, match=r"lives until 2026-01-05T13:00:00\+00:00"):
        found(world, RUN)


@pytest.mark.parametrize("text", ["prod", "k3x9qd", "20260105T000000-prod"])
def test_what_is_no_run_is_refused(world: World, text: str) -> None:
    with pytest.raises(SkyproofError, match="is no run's id"):
        found(world, text)


def test_a_foreign_value_of_the_tag_takes_nothing_by_name(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="tagged", tags=tags("orders", ago(hours=1)))
    assert swept(world) == ["tagged"]


def test_deleting_removes_it_and_what_was_made_meanwhile(
    world: World, sqs: Any, client: Client
) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, ago(hours=1)))
    sweep_of_it = found(world)
    client("logs").create_log_group(logGroupName="/aws/lambda/fn-k3x9qd")
    removed = sweep_of_it.delete(world.client, limit_seconds=0)
    assert removed.failed == ()
    assert sorted(one.item.kind for one in removed.done) == ["log group", "queue"]
    assert names(sqs) == ["orders"]
    assert client("logs").describe_log_groups()["logGroups"] == []


def test_the_table_shows_whose_and_since_when(world: World, sqs: Any) -> None:
    sqs.create_queue(QueueName="dead", tags=tags(RUN, ago(hours=1)))
    console = Console(width=200)
    with console.capture() as shown:
        console.print(found(world).table())
    for text in ("dead", RUN, "ada@home", "2026-01-05 11:00 UTC"):
        assert text in shown.get()


def test_what_may_not_be_seen_is_told(
    world: World, sqs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "of_item", lambda *_: tagging.UNREADABLE)
    said = found(world).summary()
    assert said.startswith("Nothing to remove.\nTold by their names alone")
    assert said.endswith("/orders")


def test_a_refused_list_call_names_the_account_and_the_way_out(world: World) -> None:
    def refuse(*_: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://sqs.nowhere")

    with pytest.raises(SkyproofError, match=f"account {ACCOUNT} cannot be seen") as raised:
        sweep.find(refuse, ACCOUNT, [REGION], NOW)
    assert raised.value.exit_code == ExitCode.ENVIRONMENT
