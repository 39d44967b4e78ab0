"""Conditions, by the tables of AWS's documentation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.iam import PolicyError, Request, UnsupportedPolicyError, decide

KEY = "aws:PrincipalTag/team"
TOPIC = "arn:aws:sns:us-east-1:111122223333:alarms"


def holds(operator: str, wanted: Any, *given: str, **context: str | tuple[str, ...]) -> bool:
    """Whether the request's values of the key fulfil a condition."""
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {KEY: wanted}},
    }
    values = {KEY: given} | {f"aws:{key}": value for key, value in context.items()}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", "sns.amazonaws.com", "", values)
    return decide([policy], request).effect == "allow"


@pytest.mark.parametrize(
    ("operator", "wanted", "fits", "others"),
    [
        ("StringEquals", "Ops", ["Ops"], ["ops", "Op", "Ops ", ""]),
        ("StringEquals", ["Ops", "Dev"], ["Ops", "Dev"], ["OpsDev"]),
        ("StringEquals", "O*", ["O*"], ["Ops"]),
        ("StringNotEquals", ["Ops", "Dev"], ["ops", "QA"], ["Ops", "Dev"]),
        ("StringEqualsIgnoreCase", "Ops", ["oPS", "Ops"], ["Dev"]),
        ("StringNotEqualsIgnoreCase", "Ops", ["Dev"], ["oPS", "Ops"]),
        ("StringLike", "O?s*", ["Ops", "Ops-1", "O:s/x"], ["ops", "Os", "xOps"]),
        ("StringNotLike", ["O*", "D*"], ["QA"], ["Ops", "Dev"]),
        ("NumericEquals", "10", ["10", "10.0", "1e1"], ["11", "ten"]),
        ("NumericEquals", 10, ["10"], ["100"]),
        ("NumericNotEquals", "10", ["9"], ["10.0"]),
        ("NumericLessThan", "10", ["9.5", "-1"], ["10", "11"]),
        ("NumericLessThanEquals", "10", ["10", "9"], ["10.5"]),
        ("NumericGreaterThan", "9", ["10"], ["9", "8"]),
        ("NumericGreaterThanEquals", "9", ["9", "10"], ["8"]),
        ("DateEquals", "2026-01-01T00:00:00Z", ["2026-01-01", "1767225600"], ["1767225601"]),
        ("DateNotEquals", "2026-01-01", ["2026-01-02"], ["2026-01-01T01:00:00+01:00"]),
        ("DateLessThan", "2026-01-01", ["2025-12-31T23:59:59Z"], ["2026-01-01", "soon"]),
        ("DateLessThanEquals", "2026-01-01", ["2026-01-01T00:00:00Z"], ["2026-01-02"]),
        ("DateGreaterThan", "1767225600", ["2026-01-01T00:00:01Z"], ["2026-01-01T00:00:00Z"]),
        ("DateGreaterThanEquals", "2026-01-01", ["2026-01-01"], ["2025-12-31"]),
        ("Bool", "true", ["true", "True"], ["false"]),
        ("Bool", False, ["false"], ["true", "no"]),
        ("IpAddress", "203.0.113.0/24", ["203.0.113.7"], ["203.0.114.7", "2001:db8::1", "x"]),
        ("IpAddress", "203.0.113.7", ["203.0.113.7"], ["203.0.113.8"]),
        ("IpAddress", ["192.0.2.0/24", "2001:db8::/32"], ["2001:db8::1"], ["2001:db9::1"]),
        ("NotIpAddress", "203.0.113.0/24", ["203.0.114.7"], ["203.0.113.7"]),
        ("ArnEquals", TOPIC, [TOPIC], [f"{TOPIC}s", TOPIC.upper(), "alarms"]),
        ("ArnLike", "arn:aws:sns:*:*:al?rms", [TOPIC], ["arn:aws:sns:eu:1:x:alarms"]),
        ("ArnEquals", "arn:aws:sns:us-*:111122223333:*", [TOPIC, f"{TOPIC}:x"], []),
        ("ArnLike", "arn:aws:sns:*", [], [TOPIC]),
        ("ArnNotEquals", TOPIC, [f"{TOPIC}s"], [TOPIC]),
        ("ArnNotLike", "arn:aws:*:*:*:*", ["arn:aws-cn:sns:cn-north-1:1:x"], [TOPIC]),
        ("stringequals", "Ops", ["Ops"], ["Dev"]),
    ],
)
def test_operators_compare_as_documented(
    operator: str, wanted: Any, fits: list[str], others: list[str]
) -> None:
    assert [value for value in fits if not holds(operator, wanted, value)] == []
    assert [value for value in others if holds(operator, wanted, value)] == []
    with_suffix = f"{operator}IfExists"
    assert [value for value in fits if not holds(with_suffix, wanted, value)] == []
    assert [value for value in others if holds(with_suffix, wanted, value)] == []


@pytest.mark.parametrize(
    ("operator", "holds_without_key"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("ArnLike", False),
        ("StringNotEquals", True),
        ("StringNotLike", True),
        ("StringNotEqualsIgnoreCase", True),
        ("ArnNotLike", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_an_absent_key_fits_only_what_is_negated_or_holds_for_all(
    operator: str, holds_without_key: bool
) -> None:
    assert holds(operator, TOPIC) is holds_without_key
    suffix = "" if operator.endswith("IfExists") else "IfExists"
    assert holds(f"{operator}{suffix}", TOPIC)


@pytest.mark.parametrize(
    ("operator", "wanted", "fits", "others"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], [["a"], ["a", "b"]], [["c"], ["a", "c"]]),
        ("ForAllValues:StringLike", ["key1*"], [["key1-x", "key1"]], [["key1", "key2"]]),
        ("ForAllValues:StringNotEquals", ["a", "b"], [["c", "d"]], [["a"], ["a", "c"]]),
        ("ForAnyValue:StringEquals", ["a", "b"], [["a"], ["a", "c"]], [["c"], ["c", "d"]]),
        ("ForAnyValue:StringNotEquals", ["a", "b"], [["c"], ["a", "c"]], [["a"], ["a", "b"]]),
        ("foranyvalue:stringlike", ["a*"], [["b", "ab"]], [["b"]]),
    ],
)
def test_set_operators_say_how_many_values_must_match(
    operator: str, wanted: list[str], fits: list[list[str]], others: list[list[str]]
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html."""
    assert [values for values in fits if not holds(operator, wanted, *values)] == []
    assert [values for values in others if holds(operator, wanted, *values)] == []


def test_an_empty_value_is_no_value_to_set_operators() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html."""
    assert holds("ForAllValues:StringEquals", "a", "")
    assert not holds("ForAnyValue:StringNotEquals", "a", "")


def test_several_values_without_a_set_operator_are_not_decided_upon() -> None:
    with pytest.raises(UnsupportedPolicyError, match="ForAllValues or ForAnyValue"):
        holds("StringEquals", "a", "a", "b")


@pytest.mark.parametrize(("wanted", "present"), [("true", False), ("false", True), (True, False)])
def test_null_asks_whether_the_key_is_there(wanted: Any, present: bool) -> None:
    assert holds("Null", wanted, "x") is present
    assert holds("Null", wanted) is not present


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "fits"),
    [
        ("StringEquals", "${aws:team}", "Ops", True),
        ("StringEquals", "${AWS:TEAM}", "Ops", True),
        ("StringLike", "${aws:team}-*", "Ops-1", True),
        ("StringLike", "${aws:wild}", "Ops", False),
        ("StringLike", "${aws:wild}", "*", True),
        ("StringLike", "${aws:absent, 'O*'}", "Ops", False),
        ("StringEquals", "${aws:absent, 'Ops'}", "Ops", True),
        ("StringEquals", "${aws:team, 'Dev'}", "Ops", True),
        ("StringEquals", "${aws:absent}", "Ops", False),
        ("StringEquals", "${aws:absent}", "${aws:absent}", False),
        ("StringNotEquals", "${aws:absent}", "Ops", True),
        ("StringEquals", "${aws:several}", "a", False),
        ("StringLike", "${*}${?}${$}", "*?$", True),
        ("StringLike", "${*}", "Ops", False),
        ("StringEquals", "$x{}", "$x{}", True),
        ("NumericLessThan", "${aws:limit}", "9", True),
        ("ArnLike", "arn:aws:iam::${aws:limit}:role/*", "arn:aws:iam::10:role/x", True),
    ],
)
def test_variables_are_filled_in_by_the_request(
    operator: str, wanted: str, given: str, fits: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html."""
    values: dict[str, str | tuple[str, ...]] = {
        "Team": "Ops",
        "wild": "*",
        "limit": "10",
        "several": ("a", "b"),
    }
    assert holds(operator, wanted, given, **values) is fits


def test_all_keys_and_operators_must_hold() -> None:
    conditions = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}
    context = {"aws:A": "1", "aws:B": "2", "aws:C": "true"}
    for missing in (None, *context):
        given = {key: value for key, value in context.items() if key != missing}
        request = Request("s3:GetObject", "arn:aws:s3:::b/k", "sns.amazonaws.com", "", given)
        decision = decide([{"Statement": statement}], request)
        assert (decision.effect == "allow") is (missing is None)


@pytest.mark.parametrize(
    ("operator", "wanted", "message"),
    [
        ("StringMatches", "a", "StringMatches is not a condition operator"),
        ("ForSomeValues:StringEquals", "a", "not a condition operator"),
        ("NullIfExists", "true", "not a condition operator"),
        ("BoolEquals", "true", "not a condition operator"),
        ("Null", "maybe", "'maybe' is not a value for Null"),
        ("Bool", "yes", "not a value for Bool"),
        ("NumericEquals", "ten", "not a value for NumericEquals"),
        ("NumericEquals", "NaN", "not a value for NumericEquals"),
        ("DateLessThan", "tomorrow", "not a value for DateLessThan"),
        ("IpAddress", "203.0.113.0/33", "not a value for IpAddress"),
        ("StringEquals", None, "not a value of a condition"),
        ("StringEquals", [["a"]], "not a value of a condition"),
        ("StringEquals", "${", "variable"),
    ],
)
def test_malformed_conditions_are_refused(operator: str, wanted: Any, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        holds(operator, wanted, "a")
    assert message in str(refused.value)


@pytest.mark.parametrize("conditions", ["all", {"StringEquals": "a"}])
def test_conditions_are_objects_of_keys(conditions: Any) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", "sns.amazonaws.com", "", {})
    with pytest.raises(PolicyError, match="object"):
        decide([{"Statement": statement}], request)


def test_binary_values_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedPolicyError, match="BinaryEquals"):
        holds("BinaryEquals", "QmluYXJ5", "QmluYXJ5")


def naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive(pattern[1:], text[1:])


@settings(max_examples=300, deadline=None)
@given(st.text("ab:*?", max_size=7), st.text("ab:", min_size=1, max_size=8))
def test_string_like_agrees_with_a_naive_matcher(pattern: str, text: str) -> None:
    assert holds("StringLike", pattern, text) is naive(pattern, text)
    assert holds("StringNotLike", pattern, text) is not naive(pattern, text)


def test_many_wildcards_take_no_longer_than_few() -> None:
    assert not holds("StringLike", "*a" * 200 + "b", "a" * 1000)
