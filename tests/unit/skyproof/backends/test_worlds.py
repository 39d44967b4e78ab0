"""Copies of the embedded backend: backends themselves, each with a world of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from skyproof.backends import Backend
from skyproof.backends.embedded import Embedded
from skyproof.errors import SkyproofError
from skyproof.settings import Settings

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def origin() -> Iterator[Embedded]:
    backend = Embedded(Settings(account="999988887777", region="eu-west-1"))
    backend.start()
    backend.client("sns").create_topic(Name="orders")
    yield backend
    backend.stop()


def topics(backend: Backend) -> list[str]:
    found = backend.client("sns").list_topics()["Topics"]
    return sorted(topic["TopicArn"].rpartition(":")[2] for topic in found)


def test_a_fork_is_a_backend_with_all_that_its_origin_has(origin: Embedded) -> None:
    fork: Backend = origin.fork()
    fork.start()
    assert (fork.name, fork.account, fork.region) == ("embedded", "999988887777", "eu-west-1")
    assert (fork.is_local, fork.capabilities) == (True, origin.capabilities)
    assert topics(fork) == ["orders"]
    assert fork.environment() == {**origin.environment(), "AWS_ENDPOINT_URL": fork.endpoint}
    assert fork.describe() == f"embedded, {fork.endpoint}"
    assert fork.endpoint != origin.endpoint
    fork.stop()


def test_forks_go_their_own_ways_with_clocks_of_their_own(origin: Embedded) -> None:
    first, second = origin.fork(), origin.fork()
    first.client("sns").create_topic(Name="of-the-first")
    first.clock().set(MONDAY, "manual")
    assert (topics(first), topics(second)) == (["of-the-first", "orders"], ["orders"])
    assert topics(origin) == ["orders"]
    assert (first.clock().mode, second.clock().mode) == ("manual", "real")
    first.stop()
    second.stop()


def test_a_fork_of_a_fork_ends_with_it(origin: Embedded) -> None:
    fork = origin.fork()
    second = fork.fork()
    assert [world.endpoint for world in fork.worlds().living()] == [second.endpoint]
    fork.stop()
    with pytest.raises(HTTPError):
        second.worlds().living()
    second.stop()
    assert second.endpoint is None


def test_stopping_a_fork_may_be_repeated(origin: Embedded) -> None:
    fork = origin.fork()
    assert fork.pid not in (None, origin.pid)
    fork.stop()
    fork.stop()
    assert fork.endpoint is None
    assert fork.pid is None


def test_what_the_emulator_refuses_is_said(origin: Embedded) -> None:
    with pytest.raises(SkyproofError, match="no world 77 was made of this one"):
        origin.worlds().drop("77")


def test_a_guarded_world_is_only_read_and_says_who_wrote(origin: Embedded) -> None:
    fork = origin.fork()
    fork.worlds().guard(on=True)
    with pytest.raises(ClientError, match="sns:CreateTopic would change this world"):
        fork.client("sns").create_topic(Name="more")
    with pytest.raises(SkyproofError, match="clock/advance would change this world"):
        fork.clock().wait(60)
    assert topics(fork) == ["orders"]
    assert fork.worlds().refused() == [
        "sns:CreateTopic",
        "skyproof:POST /_skyproof/clock/advance",
    ]
    fork.worlds().guard(on=False)
    fork.client("sns").create_topic(Name="more")
    fork.stop()
