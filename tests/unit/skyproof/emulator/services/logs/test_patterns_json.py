"""JSON filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.patterns import PatternError, parse

TRAIL = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "cluster.name": "c",
    "ThisFlag": True,
}
USERS = {
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [
        {"id": 2, "email": "John.Doe@example.com"},
        {"id": 3, "email": "Jane.Doe@example.com"},
    ],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
}


def matches(condition: str, document: Any) -> bool:
    return parse("{ " + condition + " }").match(json.dumps(document)) is not None


@pytest.mark.parametrize(
    "condition",
    [
        '$.eventType = "UpdateTrail"',
        "$.sourceIPAddress != 123.123.*",
        '$.arrayKey[0] = "value"',
        "$.objectList[1].id = 2",
        "$.eventType = %Trail%",
        "$.arrayKey[*] = %val.{2}%",
        r"$.* = %111\.111\.111\.1[0-9]{1,2}%",
        "$.['cluster.name'] = \"c\"",
        '$["cluster.name"] = "c"',
        "$.SomeObject IS NULL",
        "$.SomeOtherObject NOT EXISTS",
        "$.ThisFlag IS TRUE",
    ],
)
def test_the_documented_examples_match_the_documented_event(condition: str) -> None:
    assert matches(condition, TRAIL)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('($.user.id = 1) && ($.users[0].email = "John.Doe@example.com")', True),
        (
            '$.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && '
            '$.actions[2] = "nonmatch"',
            True,
        ),
        (
            '($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && '
            '$.actions[2] = "nonmatch"',
            False,
        ),
        (
            '($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET"',
            False,
        ),
    ],
)
def test_the_documented_compound_expressions_match_as_documented(
    condition: str, expected: bool
) -> None:
    assert matches(condition, USERS) is expected


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        ("$.bandwidth > 75", {"bandwidth": 75.5}, {"bandwidth": 75}),
        ("$.latency < 50", {"latency": 49}, {"latency": 50}),
        ("$.refreshRate >= 60", {"refreshRate": 60}, {"refreshRate": 59.9}),
        ("$.responseTime <= 5", {"responseTime": 5.0}, {"responseTime": 6}),
        ("$.errorCode = 400", {"errorCode": 400}, {"errorCode": 404}),
        ("$.errorCode != 500", {"errorCode": 400}, {"errorCode": 500}),
        ("$.number[0] = 1e+3", {"number": [1000]}, {"number": [1]}),
        ("$.number[0] != 1e-3", {"number": [1]}, {"number": [0.001]}),
        ("$.latency > +1000", {"latency": 1001}, {"latency": 1000}),
        ("$.processes[4].averageRuntime <= 55.5", {"processes": [{}] * 4 + [{"averageRuntime": 9}]},
         {"processes": [{"averageRuntime": 9}]}),
        ("$.latency = *", {"latency": 0}, {"other": 0}),
    ],
)  # fmt: skip
def test_the_documented_numeric_examples_compare_as_documented(
    condition: str, yes: Any, no: Any
) -> None:
    assert matches(condition, yes)
    assert not matches(condition, no)


def test_the_pattern_for_the_use_of_the_root_account_matches_it() -> None:
    """https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html."""
    condition = (
        '$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && '
        '$.eventType !="AwsServiceEvent"'
    )
    root = {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall"}
    assert matches(condition, root)
    assert not matches(condition, {**root, "eventType": "AwsServiceEvent"})
    assert not matches(condition, {**root, "userIdentity": {"type": "Root", "invokedBy": "x"}})


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ('"*Event"', ["PutEvent", "Event"], ["EventId"]),
        ('"Event*"', ["EventId", "Event"], ["PutEvent"]),
        ('"*ven*"', ["Event", "ven"], ["Enevt"]),
        ("Ev*ent", ["Ev*ent"], ["Event", "Evxent"]),
        ('"*"', ["", "any"], []),
        ('"**"', ["", "any"], []),
        ("4*", [4, 404, "40 "], [504, 0.4]),
        ("*.5", [1.5, "v.5"], [1.25]),
        ('"1000"', [1000, 1e3, "1000"], ["1e3", 100]),
        ("400", [400, 400.0, "400"], ["400.0", 401]),
    ],
)
def test_a_wildcard_stands_for_text_at_the_ends_of_a_value(
    pattern: str, yes: list[Any], no: list[Any]
) -> None:
    assert [value for value in [*yes, *no] if matches(f"$.a = {pattern}", {"a": value})] == yes
    assert [value for value in [*yes, *no] if matches(f"$.a != {pattern}", {"a": value})] == no


@pytest.mark.parametrize("document", [{}, {"a": [1]}, {"a": {}}, {"a": None}, {"a": True}, [], 5])
@pytest.mark.parametrize("condition", ["$.a = 1", "$.a != 1", "$.a < 1", '$.a = "*"', "$.a = %.*%"])
def test_a_comparison_needs_a_value_that_is_a_string_or_a_number(
    condition: str, document: Any
) -> None:
    assert not matches(condition, document)


def test_an_order_does_not_hold_for_a_string() -> None:
    assert not matches("$.a > 1", {"a": "2"})


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (None, "IS NULL"),
        (True, "IS TRUE"),
        (False, "IS FALSE"),
        (0, None),
        (1, None),
        ("null", None),
        ("true", None),
    ],
)
def test_is_asks_for_the_constant_itself(value: Any, holds: str | None) -> None:
    tests = ["IS NULL", "IS TRUE", "IS FALSE"]
    assert [test for test in tests if matches(f"$.a {test}", {"a": value})] == [holds][
        : bool(holds)
    ]


def test_a_null_field_and_an_empty_object_exist() -> None:
    assert not matches("$.a NOT EXISTS", {"a": None})
    assert not matches("$.a NOT EXISTS", {"a": {}})
    assert not matches("$.a IS NULL", {})


def test_a_wildcard_selector_asks_for_any_element_or_field() -> None:
    assert matches("$.users[*].id = 3", USERS)
    assert not matches("$.users[*].id = 4", USERS)
    assert matches("$.users[*].id != 3", USERS)
    assert matches("$.*.id = 1", USERS)
    assert not matches("$.users.* = 1", {"users": [1]})
    assert not matches("$.users[*] = 1", {"users": {"a": 1}})


@pytest.mark.parametrize(
    "message", ["", "text", "[1]", "1", '{"a": 1', '{"a": NaN}', "[" * 100_000, '{"a": 1} x']
)
def test_a_message_that_is_no_json_object_never_matches(message: str) -> None:
    assert parse("{ $.a NOT EXISTS }").match(message) is None


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("$.user.id", 1),
        ("$.users[1].email", "Jane.Doe@example.com"),
        ("$.coordinates[2][0]", 7),
        ("$.ratio", 0.5),
        ("$.flag", False),
        ("$.['a.b']", "dotted"),
        ("$.users", None),
        ("$.users[2].id", None),
        ("$.user.id.deeper", None),
        ("$.absent", None),
        ("$.none", None),
        ("$column", None),
    ],
)
def test_a_match_tells_the_value_that_a_selector_names(selector: str, value: Any) -> None:
    document = {**USERS, "ratio": 0.5, "flag": False, "a.b": "dotted", "none": None}
    match = parse("{ $.user.id = * }").match(json.dumps(document))
    assert match is not None
    got = match.value(selector)
    assert (type(got), got) == (type(value), value)


@pytest.mark.parametrize("selector", ["$.a[*]", "$.", "user", "$.a b"])
def test_a_selector_of_no_or_several_values_is_refused(selector: str) -> None:
    match = parse("{ $.a = * }").match('{"a": 1}')
    assert match is not None
    with pytest.raises(PatternError):
        match.value(selector)


@pytest.mark.parametrize(
    ("pattern", "at", "problem"),
    [
        ("{ $.a EXISTS }", 6, "'EXISTS' is not supported by CloudWatch Logs"),
        ("{ $.a IS NOT NULL }", 9, "'IS NOT' is not supported by CloudWatch Logs"),
        ("{ $.a IS 5 }", 9, "NULL, TRUE or FALSE"),
        ("{ $.a NOT NULL }", 6, "'NOT' without 'EXISTS'"),
        ("{ $.a LIKE x }", 6, "'LIKE' where an operator"),
        ("{ $.a == 1 }", 7, "'=' where a text"),
        ("{ $.a = }", 8, "'}' where a text"),
        ('{ $.a > "1" }', 8, "'>' compares with numbers only"),
        ("{ $.a = a-b }", 8, "'a-b' has to be in double quotation marks"),
        ("{ $.a = 1", 9, "the end where '&&', '||' or '}'"),
        ("{ $.a = 1 } x", 12, "'x' where the end"),
        ("{ ($.a = 1 }", 11, "'}' where ')'"),
        ("{ }", 2, "'}' where a property selector"),
        ("{ a = 1 }", 2, "'a' where a property selector"),
        ("{ $[0] = 1 }", 3, "has to follow a property"),
        ("{ $.a[x] = 1 }", 5, "'[' where an operator"),
        ("{ $.a[*][*] = 1 }", 2, "more than 1 wildcard"),
        ("{ $.a[*]=1 && $.b[*]=1 || $.*=1 && $.c[*]=1 }", 35, "more than 3 wildcard selectors"),
        ("{ $.a=%a% || $.a=%b% || $.a=%c% }", 28, "more than 2 regular expressions"),
        ("{ " + "(" * 51 + "$.a=1" + ")" * 51 + " }", 52, "deeper than 50"),
    ],
)
def test_a_malformed_pattern_is_refused_with_what_is_wrong_and_where(
    pattern: str, at: int, problem: str
) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert problem in str(refused.value)
    assert refused.value.at == at


@dataclass(frozen=True)
class Tree:
    """An expression over the fields a to d, as text and by a naive evaluator."""

    text: str
    value: bool
    binds: int


ATOM, AND, OR = 3, 2, 1
FIELDS = {"a": 0, "b": 0, "c": 1, "d": 1}


def joined(left: Tree, right: Tree, symbol: str) -> Tree:
    binds = AND if symbol == "&&" else OR

    def text(tree: Tree) -> str:
        return tree.text if tree.binds >= binds else f"({tree.text})"

    value = left.value and right.value if symbol == "&&" else left.value or right.value
    return Tree(f"{text(left)} {symbol} {text(right)}", value, binds)


atoms = st.sampled_from([Tree(f"$.{name} = 1", value == 1, ATOM) for name, value in FIELDS.items()])
trees = st.recursive(
    atoms,
    lambda inner: st.builds(joined, inner, inner, st.sampled_from(["&&", "||"])),
    max_leaves=8,
)


@given(trees)
def test_and_binds_before_or(tree: Tree) -> None:
    assert matches(tree.text, FIELDS) is tree.value
