from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skyproof.emulator.world import World
from skyproof.lifecycle import Inventory, take
from skyproof.lifecycle.inventory import Item
from skyproof.lifecycle.kinds import KINDS, Kind

ACCOUNTS = ["123456789012", "111122223333"]
REGIONS = ["us-east-1", "us-west-2"]
Take = Callable[[], Inventory]


def kinds_of(*services: str) -> list[Kind]:
    return [kind for kind in KINDS if kind.service in services]


@pytest.fixture
def inventory(world: World) -> Take:
    kinds = kinds_of("sqs", "sns", "s3", "iam")
    return lambda: take(world.client, ACCOUNTS, REGIONS, kinds)


def test_what_is_made_shows_where_it_was_made(world: World, inventory: Take) -> None:
    before = inventory()
    queue = world.client("sqs", "us-west-2", "111122223333").create_queue(QueueName="late")
    assert inventory() - before == [
        Item("111122223333", "us-west-2", "sqs", "queue", queue["QueueUrl"])
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

    def keys() -> Inventory:
        return take(world.client, ACCOUNTS, REGIONS, kinds_of("kms"))

    before = keys()
    key = kms.create_key()["KeyMetadata"]
    assert [item.arn for item in keys() - before] == [key["Arn"]]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    assert keys() - before == []


def test_what_is_found_within_something_is_found_everywhere(world: World) -> None:
    """Rules are listed bus by bus."""
    events: Any = world.client("events", "us-east-1", "123456789012")
    events.create_event_bus(Name="shop")
    pattern = '{"source": ["shop"]}'
    made = [
        events.put_rule(Name="one", EventPattern=pattern)["RuleArn"],
        events.put_rule(Name="one", EventBusName="shop", EventPattern=pattern)["RuleArn"],
    ]
    found = take(world.client, ACCOUNTS[:1], REGIONS[:1], kinds_of("events"))
    assert {item.name for item in found.items if item.kind == "rule"} == set(made)


def test_an_item_has_its_arn_and_what_people_call_it(world: World) -> None:
    ec2: Any = world.client("ec2", "us-west-2", "123456789012")
    tags = [{"Key": "Name", "Value": "shop"}]
    vpc = ec2.create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]
    )["Vpc"]["VpcId"]
    [item] = [
        one
        for one in take(world.client, ACCOUNTS[:1], ["us-west-2"], kinds_of("ec2")).items
        if one.name == vpc
    ]
    assert item.title == "shop"
    assert item.arn == f"arn:aws:ec2:us-west-2:123456789012:vpc/{vpc}"


def test_every_page_is_read(world: World) -> None:
    sns = world.client("sns", "us-east-1", "123456789012")
    for number in range(120):
        sns.create_topic(Name=f"topic-{number}")
    assert len(take(world.client, ["123456789012"], ["us-east-1"], kinds_of("sns"))) == 120


def test_every_listing_is_answered_in_an_empty_account(world: World) -> None:
    assert len(take(world.client, ["444455556666"], ["eu-west-1"])) > 0, "the default VPC at least"


def test_an_item_reads_as_where_and_what() -> None:
    item = Item("1", "eu-west-1", "ec2", "VPC", "vpc-1", title="shop")
    assert str(item) == "1 eu-west-1 ec2 VPC vpc-1 (shop)"


def test_what_a_list_call_told_makes_no_other_item_of_it() -> None:
    assert Item("1", "r", "s3", "bucket", "b", found={"at": 1}) == Item(
        "1", "r", "s3", "bucket", "b"
    )
