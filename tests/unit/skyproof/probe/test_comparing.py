"""Where two endpoints answer the same calls in different ways."""

from __future__ import annotations

from typing import Any

from skyproof.probe import Difference, Outcome, differences
from skyproof.probe.running import Recorded


def outcome(*calls: tuple[Any, ...], result: Any = "holds", what: str = "is kept") -> Outcome:
    return Outcome("sqs", what, result, "", 0.1, [Recorded(*call) for call in calls])


LIST = ("sqs:ListQueues", 200, "", ("QueueUrls",))
GET = ("sqs:GetQueueUrl", 200, "", ("QueueUrl",))


def test_the_same_answers_are_no_difference() -> None:
    assert differences([outcome(LIST, GET)], [outcome(LIST, GET)]) == []


def test_another_status_or_code_is_one() -> None:
    refused = ("sqs:GetQueueUrl", 400, "NonExistentQueue", ())
    expected = Difference("sqs: is kept", "sqs:GetQueueUrl", "200", "400 NonExistentQueue")
    assert differences([outcome(LIST, GET)], [outcome(LIST, refused)]) == [expected]


def test_members_that_only_one_has_are_one() -> None:
    more = ("sqs:ListQueues", 200, "", ("NextToken", "QueueUrls"))
    expected = Difference("sqs: is kept", "sqs:ListQueues", "lacks NextToken", "has NextToken")
    assert differences([outcome(LIST)], [outcome(more)]) == [expected]


def test_each_may_have_what_the_other_lacks() -> None:
    other = ("sqs:ListQueues", 200, "", ("NextToken",))
    [found] = differences([outcome(LIST)], [outcome(other)])
    assert found.here == "has QueueUrls; lacks NextToken"
    assert found.there == "has NextToken; lacks QueueUrls"


def test_another_result_is_one() -> None:
    expected = Difference("sqs: is kept", "(the check)", "holds", "lacks")
    assert differences([outcome()], [outcome(result="lacks")]) == [expected]


def test_how_often_was_looked_does_not_count() -> None:
    assert differences([outcome(LIST, LIST, LIST, GET)], [outcome(LIST, GET)]) == []


def test_after_the_ways_part_nothing_is_compared() -> None:
    refused = ("sqs:GetQueueUrl", 400, "NonExistentQueue", ())
    assert differences([outcome(LIST, GET)], [outcome(GET, refused)]) == []


def test_a_check_that_the_other_did_not_run_is_no_difference() -> None:
    assert differences([outcome(LIST)], [outcome(GET, what="is another")]) == []
