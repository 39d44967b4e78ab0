"""The tables hold what AWS's own models hold: a wrong name would be noticed only in an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import jmespath
import pytest
from botocore import xform_name

from skyproof.lifecycle.calls import Call, Each, Listing
from skyproof.lifecycle.kinds import KINDS, Kind, as_tags, kind_of_arn

SESSION = botocore.session.get_session()
REGION = "us-east-1"
by_name = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.service} {kind.what}")


def calls_of(kind: Kind) -> Iterator[tuple[str, set[str]]]:
    """Operations and their parameters, of everything that a kind calls."""

    def of_listing(listing: Listing | None) -> Iterator[tuple[str, set[str]]]:
        while listing is not None:
            yield listing.operation, set(listing.arguments)
            listing = listing.within

    yield from of_listing(kind.listing)
    yield from of_listing(kind.tags if isinstance(kind.tags, Listing) else None)
    for step in kind.delete:
        if isinstance(step, Each):
            yield from of_listing(step.listing)
        for call in step.calls if isinstance(step, Each) else (step,):
            yield call.operation, set(call.arguments)


@cache
def client_of(service: str) -> Any:
    return SESSION.create_client(service, region_name=REGION)


def listings_of(kind: Kind) -> list[Listing]:
    found = [kind.listing, kind.listing.within, kind.tags]
    found += [step.listing for step in kind.delete if isinstance(step, Each)]
    return [listing for listing in found if isinstance(listing, Listing)]


def expressions_of(kind: Kind) -> Iterator[str]:
    def of_listing(listing: Listing | None) -> Iterator[str]:
        while listing is not None:
            yield from (listing.items, *listing.arguments.values())
            listing = listing.within

    def of_call(call: Call) -> Iterator[str]:
        yield from (call.when or "@", call.refusals or "@", *call.arguments.values())

    yield from (kind.name, kind.title or "@")
    yield from of_listing(kind.listing)
    if isinstance(kind.tags, Listing):
        yield from of_listing(kind.tags)
    else:
        yield kind.tags or "@"
    for step in kind.delete:
        if isinstance(step, Each):
            yield from of_listing(step.listing)
        for call in step.calls if isinstance(step, Each) else (step,):
            yield from of_call(call)


@by_name
def test_every_call_is_one_that_aws_has(kind: Kind) -> None:
    model = SESSION.get_service_model(kind.service)
    operations = {xform_name(name): name for name in model.operation_names}
    for operation, parameters in calls_of(kind):
        assert operation in operations, f"{kind.service} has no {operation}"
        shape = model.operation_model(operations[operation]).input_shape
        known = set(shape.members) if shape else set()
        assert parameters <= known, f"{operation} has no {parameters - known}"
        required = set(shape.required_members) if shape else set()
        assert required <= parameters, f"{operation} needs {required - parameters}"


@by_name
def test_every_listing_reads_what_its_answer_has(kind: Kind) -> None:
    model = SESSION.get_service_model(kind.service)
    operations = {xform_name(name): name for name in model.operation_names}
    for listing in listings_of(kind):
        members = model.operation_model(operations[listing.operation]).output_shape.members
        first = re.match(r"\W*(\w+)", listing.items)
        assert first is not None
        assert first[1] in members, f"{listing.operation} answers {', '.join(members)}"


@by_name
def test_every_listing_reads_all_pages(kind: Kind) -> None:
    """By boto3's paginator, by a token, or in one page as long as there can be."""
    client = client_of(kind.service)
    for listing in listings_of(kind):
        name = client.meta.method_to_api_mapping[listing.operation]
        answer = client.meta.service_model.operation_model(name).output_shape.members
        has_more = [member for member in answer if "More" in member]
        assert (
            client.can_paginate(listing.operation) or not has_more or "Limit" in (listing.arguments)
        ), f"{listing.operation} tells by {has_more} that there is more"


@by_name
def test_every_expression_can_be_read(kind: Kind) -> None:
    for expression in expressions_of(kind):
        jmespath.compile(expression)


def test_no_two_kinds_have_one_name() -> None:
    names = [(kind.service, kind.what) for kind in KINDS]
    assert len(names) == len(set(names))


def before(earlier: tuple[str, str], later: tuple[str, str]) -> bool:
    order = [(kind.service, kind.what) for kind in KINDS]
    return order.index(earlier) < order.index(later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("cloudformation", "stack"), ("cloudwatch", "anomaly detector")),
        (("cloudwatch", "metric stream"), ("firehose", "delivery stream")),
        (("firehose", "delivery stream"), ("s3", "bucket")),
        (("synthetics", "canary"), ("lambda", "function")),
        (("lambda", "function"), ("lambda", "layer")),
        (("lambda", "function"), ("logs", "log group")),
        (("cloudwatch", "composite alarm"), ("cloudwatch", "metric alarm")),
        (("oam", "link"), ("oam", "sink")),
        (("sns", "subscription"), ("sns", "topic")),
        (("events", "rule"), ("events", "event bus")),
        (("ecs", "service"), ("ecs", "cluster")),
        (("ec2", "instance"), ("ec2", "network interface")),
        (("ec2", "network interface"), ("ec2", "subnet")),
        (("ec2", "subnet"), ("ec2", "VPC")),
        (("ec2", "security group"), ("ec2", "VPC")),
        (("iam", "instance profile"), ("iam", "role")),
        (("iam", "role"), ("iam", "policy")),
        (("s3", "bucket"), ("kms", "key")),
        (("kms", "key"), ("logs", "log group")),
    ],
)
def test_what_makes_or_holds_goes_before_what_it_holds(
    earlier: tuple[str, str], later: tuple[str, str]
) -> None:
    assert before(earlier, later)


@pytest.mark.parametrize(
    ("arn", "what"),
    [
        ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu", "composite alarm"),
        ("arn:aws-cn:s3:::shop", "bucket"),
        ("arn:aws:ecs:eu-west-1:123456789012:service/shop/web", "service"),
        ("arn:aws:iam::123456789012:role/team/runner", "role"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/a", "log group"),
        ("arn:aws:rds:us-east-1:123456789012:db:shop", None),
        ("arn:aws:ec2:us-east-1:123456789012:snapshot/snap-1", None),
    ],
)
def test_an_arn_tells_its_kind(arn: str, what: str | None) -> None:
    kind = kind_of_arn(arn)
    assert (kind.what if kind else None) == what


def test_an_arn_is_made_as_it_is_known() -> None:
    for kind in KINDS:
        if kind.arn:
            assert kind.owns(kind.arn_of("123456789012", "cn-north-1", "a-name")), kind.what


@pytest.mark.parametrize(
    "spelt",
    [
        {"team": "shop"},
        [{"Key": "team", "Value": "shop"}],
        [{"key": "team", "value": "shop"}],
        [{"TagKey": "team", "TagValue": "shop"}],
    ],
)
def test_tags_are_read_whichever_way_a_service_spells_them(spelt: object) -> None:
    assert as_tags(spelt) == {"team": "shop"}
    assert as_tags(None) == {}
