"""What tests share is only read while one of them runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from skyproof.backends.embedded import Embedded
from skyproof.backends.emulated import Emulated
from skyproof.errors import SkyproofError
from skyproof.readonly import ReadOnly
from skyproof.settings import Settings


@pytest.fixture(scope="module")
def origin() -> Iterator[Embedded]:
    backend = Embedded(Settings())
    backend.start()
    yield backend
    backend.stop()


@pytest.fixture
def shared(origin: Embedded) -> Iterator[Emulated]:
    fork = origin.fork()
    yield fork
    fork.stop()


@pytest.fixture
def read_only(shared: Emulated) -> ReadOnly:
    return ReadOnly(shared.worlds)


def create(backend: Emulated, name: str) -> None:
    backend.client("sns").create_topic(Name=name)


def topics(backend: Emulated) -> list[str]:
    found = backend.client("sns").list_topics()["Topics"]
    return sorted(topic["TopicArn"].rpartition(":")[2] for topic in found)


def test_a_test_that_only_reads_is_left_alone(shared: Emulated, read_only: ReadOnly) -> None:
    with read_only.during("test_it"):
        assert topics(shared) == []
    create(shared, "afterwards")


def test_a_write_fails_the_test_with_its_name_and_the_call(
    shared: Emulated, read_only: ReadOnly
) -> None:
    with (
        pytest.raises(SkyproofError, match=r"test_it writes .*: sns:CreateTopic\n.*`world`"),
        read_only.during("test_it"),
    ):
        create(shared, "orders")
    assert topics(shared) == []


def test_so_does_one_whose_refusal_was_caught(shared: Emulated, read_only: ReadOnly) -> None:
    def body() -> None:
        sns = shared.client("sns")
        topic = "arn:aws:sns:us-east-1:123456789012:orders"
        for write in (sns.create_topic, sns.create_topic):
            with pytest.raises(ClientError, match="SkyproofReadOnlyWorld"):
                write(Name="orders")
        with pytest.raises(ClientError, match="SkyproofReadOnlyWorld"):
            sns.delete_topic(TopicArn=topic)

    said = r": sns:CreateTopic, sns:DeleteTopic\n"
    with pytest.raises(SkyproofError, match=said), read_only.during("test_it"):
        body()


def test_a_failure_without_a_write_stays_what_it_is(read_only: ReadOnly) -> None:
    with pytest.raises(ZeroDivisionError), read_only.during("test_it"):
        _ = 1 / 0


def test_what_sets_up_for_others_may_write_in_between(
    shared: Emulated, read_only: ReadOnly
) -> None:
    def body() -> None:
        with read_only.lifted():
            create(shared, "of-a-fixture")
        create(shared, "of-the-test")

    with pytest.raises(SkyproofError, match=r": sns:CreateTopic\n"), read_only.during("test_it"):
        body()
    assert topics(shared) == ["of-a-fixture"]


def test_the_next_test_does_not_hear_of_it(shared: Emulated, read_only: ReadOnly) -> None:
    with pytest.raises(SkyproofError), read_only.during("the first"):
        create(shared, "orders")
    with read_only.during("the second"):
        assert topics(shared) == []


def test_a_copy_that_is_made_meanwhile_may_be_written_to(
    shared: Emulated, read_only: ReadOnly
) -> None:
    with read_only.during("test_it"):
        fork = shared.fork()
        create(fork, "orders")
        fork.stop()
