"""Parameters are checked against the model of the API, in the words of AWS's services."""

from __future__ import annotations

from typing import Any

import pytest

from skyproof.emulator.constraints import check
from skyproof.emulator.errors import AwsError

EVENT = {"timestamp": 1, "message": "a"}
PUT = {"logGroupName": "g", "logStreamName": "s", "logEvents": [EVENT]}


def refusal(service: str, operation: str, params: dict[str, Any]) -> str:
    with pytest.raises(AwsError) as caught:
        check(service, operation, params)
    return f"{caught.value.code}: {caught.value.message}"


def test_nulls_and_what_the_model_lacks_are_left_out() -> None:
    more = {"unknown": 1, "sequenceToken": None, "logEvents": [{**EVENT, "more": 2}]}

    assert check("logs", "PutLogEvents", {**PUT, **more}) == PUT


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"logGroupName": "a b"},
            "Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: [\.\-_/#A-Za-z0-9]+",
        ),
        (
            {"logStreamName": None},
            "Value null at 'logStreamName' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"logEvents": []},
            "Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1",
        ),
        (
            {"logEvents": [EVENT, {"timestamp": -1, "message": "a"}]},
            "Value '-1' at 'logEvents.2.member.timestamp' failed to satisfy constraint: Member "
            "must have value greater than or equal to 0",
        ),
    ],
)
def test_what_breaks_a_constraint_is_told_with_its_place(wrong: dict[str, Any], told: str) -> None:
    assert refusal("logs", "PutLogEvents", {**PUT, **wrong}) == (
        f"InvalidParameterException: 1 validation error detected: {told}"
    )


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = refusal("logs", "DescribeLogStreams", {"orderBy": "Size", "limit": 51})

    assert told.startswith("InvalidParameterException: 2 validation errors detected: ")
    assert "enum value set: [LogStreamName, LastEventTime]" in told
    assert "at 'limit' failed to satisfy constraint: Member must have value less than" in told


def test_plain_members_of_lists_and_maps_are_told_together() -> None:
    tagged = {"logGroupName": "g", "tags": {"": "x", "a": "x" * 300}}
    told = refusal("logs", "CreateLogGroup", tagged)

    assert "Map keys must satisfy constraint: [Member must have length greater than" in told
    assert "Map value must satisfy constraint: [Member must have length less than" in told


def test_a_structure_that_holds_itself_is_checked_as_deep_as_it_is_given() -> None:
    item = {"TableName": "t", "Item": {"a": {"L": [{"M": {"b": {"S": "x", "no": 1}}}]}}}

    assert check("dynamodb", "PutItem", item) == {
        "TableName": "t",
        "Item": {"a": {"L": [{"M": {"b": {"S": "x"}}}]}},
    }
