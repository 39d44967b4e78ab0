from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.lifecycle.calls import Call, Each, Listing
from tests.unit.skyproof.lifecycle.conftest import Client


class Service:
    """Stands for a boto3 client: answers by operation, and notes what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def can_paginate(self, _operation: str) -> bool:
        return False

    def __getattr__(self, operation: str) -> Any:
        def answer(**arguments: Any) -> Any:
            self.asked.append((operation, arguments))
            given = self._answers[operation]
            told = given.pop(0) if isinstance(given, list) else given
            if isinstance(told, Exception):
                raise told
            return told

        return answer


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def test_pages_are_read_where_boto3_has_no_paginator() -> None:
    service = Service(
        list_things=[{"Things": ["a"], "NextToken": "more"}, {"Things": ["b"]}],
    )
    listing = Listing("list_things", "Things", {"Limit": "`1`"})
    assert list(listing.read(service)) == ["a", "b"]
    assert service.asked == [
        ("list_things", {"Limit": 1}),
        ("list_things", {"Limit": 1, "NextToken": "more"}),
    ]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_what_is_deleted_between_two_listings_or_guarded_is_left_out(code: str) -> None:
    """One key whose policy lets nobody describe it must not hide all others."""
    service = Service(
        list_boxes={"Boxes": ["one", "two"]},
        list_things=[refusal(code), {"Things": ["a"]}],
    )
    listing = Listing("list_things", "Things", {"Box": "@"}, within=Listing("list_boxes", "Boxes"))
    assert list(listing.read(service)) == [{"of": "two", "it": "a"}]


def test_any_other_refusal_of_an_inner_listing_is_an_error() -> None:
    service = Service(list_boxes={"Boxes": ["one"]}, list_things=refusal("ServiceFailure"))
    listing = Listing("list_things", "Things", within=Listing("list_boxes", "Boxes"))
    with pytest.raises(ClientError, match="ServiceFailure"):
        list(listing.read(service))


def test_a_refused_listing_is_an_error() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        list(Listing("list_things", "Things").read(Service(list_things=refusal("AccessDenied"))))


def test_a_call_leaves_out_what_is_null() -> None:
    service = Service(delete={})
    Call("delete", {"Name": "name", "Kind": "kind"}).make(service, {"name": "a"})
    assert service.asked == [("delete", {"Name": "a"})]


def test_a_call_is_made_only_when_it_should_be() -> None:
    service = Service(stop={})
    call = Call("stop", {"Name": "name"}, when="state=='RUNNING'")
    call.make(service, {"name": "a", "state": "STOPPED"})
    call.make(service, {"name": "b", "state": "RUNNING"})
    assert service.asked == [("stop", {"Name": "b"})]


def test_what_an_answer_refuses_is_an_error() -> None:
    service = Service(delete_objects={"Errors": [{"Code": "AccessDenied", "Message": "locked"}]})
    call = Call("delete_objects", {}, refusals="Errors[0].[Code, Message]")
    with pytest.raises(ClientError, match=r"AccessDenied.*locked"):
        call.make(service, {})


def test_an_answer_without_refusals_is_none() -> None:
    call = Call("delete_objects", {}, refusals="Errors[0].[Code, Message]")
    call.make(Service(delete_objects={}), {})


def test_each_passes_over_what_is_gone_meanwhile() -> None:
    service = Service(list_things={"Things": ["a", "b"]}, delete=[refusal("NoSuchEntity"), {}])
    step = Each(
        Listing("list_things", "Things"), (Call("delete", {"Box": "of.name", "Thing": "it"}),)
    )
    step.make(service, {"name": "box"})
    assert service.asked[1:] == [
        ("delete", {"Box": "box", "Thing": "a"}),
        ("delete", {"Box": "box", "Thing": "b"}),
    ]


def test_a_paginator_is_used_where_there_is_one(client: Client) -> None:
    sns = client("sns")
    for number in range(101):
        sns.create_topic(Name=f"topic-{number}")
    assert len(list(Listing("list_topics", "Topics").read(sns))) == 101
