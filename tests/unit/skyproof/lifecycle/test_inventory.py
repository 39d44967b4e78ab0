from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skyproof.emulator.world import World
from skyproof.lifecycle import Inventory, take
from skyproof.lifecycle.inventory import LISTINGS, Item, Listing

ACCOUNTS = ["123456789012", "111122223333"]
REGIONS = ["us-east-1", "us-west-2"]
Take = Callable[[], Inventory]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def inventory(world: World) -> Take:
    def listing_of(*services: str) -> list[Listing]:
        return [one for one in LISTINGS if one.service in services]

    return lambda: take(world.client, ACCOUNTS, REGIONS, listing_of("sqs", "sns", "s3", "iam"))


def test_what_is_made_shows_where_it_was_made(world: World, inventory: Take) -> None:
    before = inventory()
    queue = world.client("sqs", "us-west-2", "111122223333").create_queue(QueueName="late")
    assert inventory() - before == [
        Item("111122223333", "us-west-2", "sqs", "list_queues", queue["QueueUrl"])
    ]


def test_what_is_removed_leaves_nothing(world: World, inventory: Take) -> None:
    before = inventory()
    sns = world.client("sns", "us-east-1", "123456789012")
    topic = sns.create_topic(Name="gone")["TopicArn"]
    assert len(inventory() - before) == 1
    sns.delete_topic(TopicArn=topic)
    assert inventory() - before == []


def test_a_global_service_is_counted_once(world: World, inventory: Take) -> None:
    before = inventory()
    world.client("s3", "us-east-1", "123456789012").create_bucket(Bucket="one")
    added = inventory() - before
    assert [(item.region, item.name) for item in added] == [("global", "one")]


def test_a_key_that_waits_for_its_deletion_is_gone(world: World) -> None:
    kms: Any = world.client("kms", "us-east-1", "123456789012")
    before = take(world.client, ACCOUNTS, REGIONS, [])
    key = kms.create_key()["KeyMetadata"]
    assert [item.name for item in take(world.client, ACCOUNTS, REGIONS, []) - before] == [
        key["Arn"]
    ]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert len(take(world.client, ACCOUNTS, REGIONS, [])) == len(before)


def test_every_page_is_read(world: World) -> None:
    sns = world.client("sns", "us-east-1", "123456789012")
    for number in range(120):
        sns.create_topic(Name=f"topic-{number}")
    topics = [one for one in LISTINGS if one.operation == "list_topics"]
    assert len(take(world.client, ["123456789012"], ["us-east-1"], topics)) == 120


def test_every_listing_is_answered_in_an_empty_account(world: World) -> None:
    assert len(take(world.client, ["444455556666"], ["eu-west-1"])) > 0, "the default VPC at least"


def test_an_item_reads_as_what_and_where() -> None:
    item = Item("1", "eu-west-1", "cloudwatch", "describe_alarms", "arn:a")
    assert str(item) == "cloudwatch alarms arn:a (1 eu-west-1)"
