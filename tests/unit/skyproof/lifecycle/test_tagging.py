from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from skyproof.lifecycle import Inventory, Item, tagging, take
from skyproof.lifecycle.kinds import KINDS
from tests.unit.skyproof.lifecycle.conftest import ACCOUNT, REGION, Client

OWN = {"skyproof:run": "20260105T000000-k3x9qd"}


def listed(world: World, *services: str) -> Inventory:
    kinds = [kind for kind in KINDS if kind.service in services]
    return take(world.client, [ACCOUNT], [REGION], kinds)


def test_tags_come_from_the_tagging_api_or_the_service_itself(world: World, client: Client) -> None:
    client("sqs").create_queue(QueueName="tagged", tags=OWN | {"team": "shop"})
    client("sqs").create_queue(QueueName="other", tags={"team": "shop"})
    pairs = [{"Key": key, "Value": value} for key, value in OWN.items()]
    client("iam").create_role(RoleName="tagged", AssumeRolePolicyDocument="{}", Tags=pairs)
    client("s3").create_bucket(Bucket="plain")
    seen = listed(world, "sqs", "iam", "s3")
    tags = tagging.read(world.client, seen, seen.items)
    assert {item.name.rpartition("/")[2] + " " + item.kind: of for item, of in tags.items()} == {
        "tagged queue": OWN | {"team": "shop"},
        "other queue": {"team": "shop"},
        "tagged role": OWN,
        "plain bucket": {},
    }


def test_only_the_tags_of_what_was_asked_for_are_read(world: World, client: Client) -> None:
    client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument="{}")
    assert tagging.read(world.client, listed(world, "iam"), []) == {}


class TaggingApi:
    """A world's clients, and a tagging API that tells what it is given."""

    def __init__(self, world: World, *resources: dict[str, Any]) -> None:
        self._world, self._resources = world, resources

    def __call__(self, service: str, region: str, account: str) -> Any:
        return (
            self
            if service == "resourcegroupstaggingapi"
            else self._world.client(service, region, account)
        )

    def can_paginate(self, _: str) -> bool:
        return False

    def get_resources(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"TagFilters": [{"Key": "skyproof:run"}]}
        return {"ResourceTagMappingList": list(self._resources)}


def resource(arn: str) -> dict[str, Any]:
    return {"ResourceARN": arn, "Tags": [{"Key": key, "Value": OWN[key]} for key in OWN]}


def test_what_no_list_call_covers_is_told_by_its_arn(world: World) -> None:
    arn = "arn:aws:rds:us-east-1:123456789012:db:shop"
    told = tagging.read(TaggingApi(world, resource(arn)), listed(world, "sqs"), [])
    assert told == {Item(ACCOUNT, REGION, "rds", "thing", arn): OWN}


def test_what_the_tagging_api_still_tells_of_the_deleted_does_not_count(world: World) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:deleted"
    assert tagging.read(TaggingApi(world, resource(arn)), listed(world, "sqs"), []) == {}


@pytest.mark.parametrize(
    "part",
    [
        "ec2:us-east-1:123456789012:security-group-rule/sgr-1",
        "ecs:us-east-1:123456789012:task/shop/1",
    ],
)
def test_what_is_part_of_another_thing_goes_with_it(world: World, part: str) -> None:
    told = tagging.read(TaggingApi(world, resource(f"arn:aws:{part}")), listed(world, "sqs"), [])
    assert told == {}


def test_a_log_group_is_known_by_either_of_its_arns(world: World, client: Client) -> None:
    client("logs").create_log_group(logGroupName="/shop")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/shop:*"
    told = tagging.read(TaggingApi(world, resource(arn)), listed(world, "logs"), [])
    assert {item.name: tags for item, tags in told.items()} == {"/shop": OWN}


def read_when_refused(code: str) -> tagging.Tags:
    role = Item(ACCOUNT, "global", "iam", "role", "r", found={"RoleName": "r"}, seen_from=REGION)

    class Refusing:
        def can_paginate(self, _: str) -> bool:
            return False

        def list_role_tags(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ListRoleTags")

    return tagging.of_item(lambda *_: Refusing(), role)


def test_what_is_gone_has_no_tags() -> None:
    tags = read_when_refused("NoSuchEntity")
    assert tags == {}
    assert tags is not tagging.UNREADABLE


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_what_may_not_be_read_is_known_as_such(code: str) -> None:
    assert read_when_refused(code) is tagging.UNREADABLE


def test_any_other_refusal_is_an_error() -> None:
    with pytest.raises(ClientError, match="ServiceFailure"):
        read_when_refused("ServiceFailure")
