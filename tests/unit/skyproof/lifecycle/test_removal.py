"""What is removed, in which order, what stays, and what is said of what could not be removed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from skyproof.lifecycle import Inventory, Item, Leftover, Removed, remove, take
from skyproof.lifecycle.kinds import KINDS
from skyproof.lifecycle.leaks import leftovers, of_run
from tests.unit.skyproof.lifecycle.conftest import ACCOUNT, REGION, Client
from tests.unit.skyproof.lifecycle.everything import make_everything

RUN = "20260105T000000-k3x9qd"
OTHER_RUN = "20260105T000000-zzzzzz"
OTHER = "111122223333"
# It needs an image to start from; a link needs a sink of another account. Both have a test below.
APART = {("ec2", "instance"), ("oam", "link")}


def listed(world: World, *services: str, accounts: tuple[str, ...] = (ACCOUNT,)) -> Inventory:
    """What there is of some services; of all, if none is named."""
    kinds = [kind for kind in KINDS if not services or kind.service in services]
    return take(world.client, accounts, [REGION], kinds)


def quick(world: World, items: list[Item]) -> Removed:
    """Without waiting: in the emulator, what does not go at once never goes."""
    return remove(world.client, leftovers(items, {}), limit_seconds=0)


def make_what_looks_alike(client: Client) -> None:
    """What is of another run, of nobody, or only named nearly as the run is."""
    sqs, s3, logs, iam = (client(service) for service in ("sqs", "s3", "logs", "iam"))
    sqs.create_queue(QueueName="shop-k3x9qd-other", tags={"skyproof:run": OTHER_RUN})
    sqs.create_queue(QueueName="shop-k3x9qd2")
    sqs.create_queue(QueueName="orders")
    s3.create_bucket(Bucket="shopk3x9qd")
    s3.put_object(Bucket="shopk3x9qd", Key="k3x9qd", Body=b"")
    logs.create_log_group(logGroupName="/aws/lambda/xk3x9qd-shop", tags={"team": "k3x9qd"})
    iam.create_role(
        RoleName="k3x9qd",
        AssumeRolePolicyDocument="{}",
        Tags=[{"Key": "skyproof:run", "Value": OTHER_RUN}],
    )


def test_one_of_every_kind_is_removed_and_nothing_else(world: World, client: Client) -> None:
    make_what_looks_alike(client)
    before = listed(world)
    make_everything(client, ACCOUNT, "shop-k3x9qd", {"skyproof:run": RUN})
    after = listed(world)
    made = after - before
    kinds = {(item.service, item.kind) for item in made}
    assert {(kind.service, kind.what) for kind in KINDS} - kinds == APART

    left = of_run(world.client, RUN, after)
    # A stack's detector and the interfaces of an endpoint and a gateway go with who made them.
    unclaimed = set(made) - {one.item for one in left}
    assert sorted(item.kind for item in unclaimed) == [
        "anomaly detector",
        "network interface",
        "network interface",
    ]
    removed = remove(world.client, left, limit_seconds=60, sleep=lambda _: None)
    assert removed.failed == ()
    assert sorted(removed.done, key=str) == sorted(left, key=str)
    now = listed(world)
    assert (now - before, before - now) == ([], [])


def test_an_instance_is_terminated(world: World, client: Client) -> None:
    ec2 = client("ec2")
    image = ec2.register_image(Name="bare", RootDeviceName="/dev/xvda")["ImageId"]
    before = listed(world, "ec2")
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    made = listed(world, "ec2") - before
    assert {item.kind for item in made} == {"instance", "volume"}
    assert quick(world, made).failed == ()
    assert listed(world, "ec2") - before == []


def test_links_of_other_accounts_go_before_their_sink(world: World, client: Client) -> None:
    before = listed(world, "oam", accounts=(ACCOUNT, OTHER))
    oam = client("oam")
    sink = oam.create_sink(Name="sink")["Arn"]
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
        '"Resource": "*", "Action": ["oam:CreateLink", "oam:UpdateLink"]}]}'
    )
    oam.put_sink_policy(SinkIdentifier=sink, Policy=policy)
    world.client("oam", REGION, OTHER).create_link(
        LabelTemplate="$AccountName",
        ResourceTypes=["AWS::CloudWatch::Metric"],
        SinkIdentifier=sink,
    )
    made = listed(world, "oam", accounts=(ACCOUNT, OTHER)) - before
    assert {item.kind for item in made} == {"link", "sink"}
    removed = quick(world, made)
    assert [one.item.kind for one in removed.done] == ["link", "sink"]
    assert removed.failed == ()
    assert listed(world, "oam", accounts=(ACCOUNT, OTHER)) - before == []


def test_composites_that_hold_each_other_go(world: World, client: Client) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="a", AlarmRule="FALSE")
    cloudwatch.put_composite_alarm(AlarmName="b", AlarmRule="ALARM(a)")
    cloudwatch.put_composite_alarm(AlarmName="a", AlarmRule="ALARM(b)")
    made = list(listed(world, "cloudwatch").items)
    assert len(made) == 2
    removed = remove(world.client, leftovers(made, {}), limit_seconds=10, sleep=lambda _: None)
    assert removed.failed == ()


def test_what_is_gone_already_is_done(world: World, client: Client) -> None:
    client("s3").create_bucket(Bucket="shop")
    [bucket] = listed(world, "s3").items
    client("s3").delete_bucket(Bucket="shop")
    assert quick(world, [bucket]) == Removed((Leftover(bucket),), ())


def test_a_kind_that_nobody_listed_is_named_and_left(world: World) -> None:
    database = Item(ACCOUNT, REGION, "rds", "thing", "arn:aws:rds:us-east-1:1:db:shop")
    [failed] = quick(world, [database]).failed
    assert failed.leftover.item == database
    assert failed.reason == "skyproof cannot delete this kind"


def test_no_two_of_a_thing_are_removed_twice(world: World, client: Client) -> None:
    client("sqs").create_queue(QueueName="shop")
    [queue] = listed(world, "sqs").items
    assert len(quick(world, [queue, queue]).done) == 1


class Failing:
    """A world's clients; the first calls of some operations are refused."""

    def __init__(self, world: World, **refusals: list[Exception]) -> None:
        self._world = world
        self._refusals = refusals
        self.calls: list[str] = []

    def __call__(self, service: str, region: str, account: str) -> Any:
        real = self._world.client(service, region, account)
        outer = self

        class Client:
            def __getattr__(self, operation: str) -> Any:
                def call(**arguments: Any) -> Any:
                    outer.calls.append(operation)
                    refusals = outer._refusals.get(operation)
                    if refusals:
                        raise refusals.pop(0)
                    return getattr(real, operation)(**arguments)

                known = operation in real.meta.method_to_api_mapping
                return call if known else getattr(real, operation)

        return Client()


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Delete")


@pytest.fixture
def bucket(world: World, client: Client) -> list[Leftover]:
    client("s3").create_bucket(Bucket="shop")
    return leftovers(listed(world, "s3").items, {})


def test_what_is_held_for_a_while_is_tried_again(world: World, bucket: list[Leftover]) -> None:
    """A metric stream that was stopped may still fill a bucket."""
    waits: list[float] = []
    failing = Failing(world, delete_bucket=[refusal("BucketNotEmpty"), refusal("SlowDown")])
    removed = remove(failing, bucket, sleep=waits.append)
    assert removed == Removed(tuple(bucket), ())
    assert failing.calls.count("delete_bucket") == 3
    assert waits == sorted(waits) != [], "longer each time"


def test_what_is_forbidden_is_told_and_not_tried_again(
    world: World, bucket: list[Leftover]
) -> None:
    failing = Failing(world, delete_bucket=[refusal("AccessDenied")] * 9)
    [failed] = remove(failing, bucket, sleep=lambda _: None).failed
    assert "AccessDenied" in failed.reason
    assert failing.calls.count("delete_bucket") == 1


def test_what_is_forbidden_is_tried_again_once_something_else_went(
    world: World, client: Client, bucket: list[Leftover]
) -> None:
    client("sqs").create_queue(QueueName="shop")
    queue = leftovers(listed(world, "sqs").items, {})
    failing = Failing(world, delete_bucket=[refusal("AccessDenied")])
    assert remove(failing, [*bucket, *queue], sleep=lambda _: None).failed == ()


def test_it_ends_when_its_time_is_over(world: World, bucket: list[Leftover]) -> None:
    failing = Failing(world, delete_bucket=[refusal("BucketNotEmpty")] * 9)
    [failed] = remove(failing, bucket, limit_seconds=0, sleep=lambda _: None).failed
    assert "BucketNotEmpty" in failed.reason
    assert failing.calls.count("delete_bucket") == 1


def test_an_accepted_deletion_counts_once_it_is_seen(world: World, bucket: list[Leftover]) -> None:
    class Accepting(Failing):
        def __call__(self, service: str, region: str, account: str) -> Any:
            client = super().__call__(service, region, account)
            client.delete_bucket = lambda **_: {}
            return client

    [failed] = remove(Accepting(world), bucket, limit_seconds=0).failed
    assert failed.reason == "its deletion was accepted, and it is still there"


def test_a_refused_list_call_leaves_it_open(world: World, bucket: list[Leftover]) -> None:
    class Blind(Failing):
        def __call__(self, service: str, region: str, account: str) -> Any:
            client = super().__call__(service, region, account)

            def refuse(**_: Any) -> Any:
                raise refusal("AccessDenied")

            client.can_paginate = lambda _: False
            client.list_buckets = refuse
            client.list_object_versions = lambda **_: {}
            client.list_multipart_uploads = lambda **_: {}
            return client

    [failed] = remove(Blind(world), bucket, limit_seconds=0).failed
    assert failed.reason.startswith("whether it is gone cannot be seen:")
