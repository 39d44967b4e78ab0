"""The grammar of composite rules, its tree and its errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.rules import (
    And,
    AtLeast,
    Constant,
    Is,
    Not,
    Or,
    Rule,
    RuleError,
    State,
    children,
    holds,
    parse,
    unparse,
)

A, B, C = (Is(State.ALARM, name) for name in "abc")
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
LEAVES = st.one_of(
    st.builds(Constant, st.booleans()),
    st.builds(Is, st.sampled_from(State), NAMES),
    st.builds(
        lambda alarms, share, negated, state: AtLeast(share, True, negated, state, tuple(alarms)),
        st.lists(NAMES, min_size=1, max_size=4),
        st.integers(1, 100),
        st.booleans(),
        st.sampled_from(State),
    ),
    st.builds(
        lambda alarms, negated, state: AtLeast(len(alarms), False, negated, state, tuple(alarms)),
        st.lists(NAMES, min_size=1, max_size=4),
        st.booleans(),
        st.sampled_from(State),
    ),
)


def _joined(terms: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(terms, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(Not, terms), st.builds(And, several), st.builds(Or, several))


RULES = st.recursive(LEAVES, _joined, max_leaves=12)


@given(RULES)
def test_a_rule_survives_being_written_and_read(rule: Rule) -> None:
    assert parse(unparse(rule)) == rule


@given(RULES, st.randoms())
def test_a_rule_means_the_same_with_every_term_in_brackets(rule: Rule, random: object) -> None:
    states = {name: random.choice(list(State)) for name in children(rule)}  # type: ignore[attr-defined]
    bracketed = parse(f"({unparse(rule)})")
    assert holds(bracketed, states.__getitem__) == holds(rule, states.__getitem__)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ALARM(a)", A),
        ('ALARM("a")', A),
        ("OK( a )", Is(State.OK, "a")),
        ('INSUFFICIENT_DATA("a b, (c)")', Is(State.INSUFFICIENT_DATA, "a b, (c)")),
        (r'ALARM("say \"hi\" \\ now")', Is(State.ALARM, r'say "hi" \ now')),
        (f"ALARM({ARN})", Is(State.ALARM, ARN)),
        ("ALARM(ALARM)", Is(State.ALARM, "ALARM")),
        ("TRUE", Constant(True)),
        ("false", Constant(False)),
        ("NOT NOT ALARM(a)", Not(Not(A))),
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", Or((A, And((B, C))))),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", And((Or((A, B)), C))),
        ("NOT ALARM(a) AND ALARM(b)", And((Not(A), B))),
        ("NOT (ALARM(a) AND ALARM(b))", Not(And((A, B)))),
        ("ALARM(a)\n OR\tALARM(b)", Or((A, B))),
        ("ALARM(a)OR(ALARM(b))", Or((A, B))),
        ("AT_LEAST(2, ALARM, (a, b, c))", AtLeast(2, False, False, State.ALARM, ("a", "b", "c"))),
        ('AT_LEAST(60%, NOT OK, ("a b", c))', AtLeast(60, True, True, State.OK, ("a b", "c"))),
    ],
)
def test_what_a_rule_means(text: str, rule: Rule) -> None:
    assert parse(text) == rule


TERM = "'(', 'NOT', AT_LEAST, TRUE or FALSE, ALARM, OK, or INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        # Recorded: https://github.com/aws/aws-cdk/issues/34662,
        # https://github.com/aws/aws-cdk/issues/13953
        ("()", f"Unsupported token ')' at char 1, must be: {TERM}"),
        ("ALARM(SampleQueue Oldest Age)", "Unsupported token 'Oldest' at char 18, must be: ')'"),
        ("", f"Unsupported token '<EOF>' at char 0, must be: {TERM}"),
        ("ALARM(a) AND", f"Unsupported token '<EOF>' at char 12, must be: {TERM}"),
        (
            "ALARM(a) ALARM(b)",
            "Unsupported token 'ALARM' at char 9, must be: 'AND', 'OR', or end of rule",
        ),
        ("(ALARM(a)", "Unsupported token '<EOF>' at char 9, must be: 'AND', 'OR', or ')'"),
        ("ALARM a", "Unsupported token 'a' at char 6, must be: '('"),
        ("ALARM()", "Unsupported token ')' at char 6, must be: an alarm name or ARN"),
        ('ALARM("")', "Unsupported token '\"\"' at char 6, must be: an alarm name or ARN"),
        ('ALARM("a)', "Unsupported token '\"' at char 6, must be: an alarm name or ARN"),
        ("alarm(a)", f"Unsupported token 'alarm' at char 0, must be: {TERM}"),
        (
            "ALARM(a) XOR ALARM(b)",
            "Unsupported token 'XOR' at char 9, must be: 'AND', 'OR', or end of rule",
        ),
        (
            "AT_LEAST(0, ALARM, (a))",
            "Unsupported token '0' at char 9, "
            "must be: a number of alarms from 1, or a percentage from 1% to 100%",
        ),
        (
            "AT_LEAST(101%, ALARM, (a))",
            "Unsupported token '101%' at char 9, "
            "must be: a number of alarms from 1, or a percentage from 1% to 100%",
        ),
        (
            "AT_LEAST(1, NOT NOT OK, (a))",
            "Unsupported token 'NOT' at char 16, must be: ALARM, OK, or INSUFFICIENT_DATA",
        ),
        ("AT_LEAST(1, ALARM, (a b))", "Unsupported token 'b' at char 22, must be: ',' or ')'"),
        ("AT_LEAST(3, ALARM, (a, b))", "AT_LEAST asks for 3 of 2 alarms at char 24"),
    ],
)
def test_what_is_no_rule(text: str, error: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert str(caught.value) == f"Error in AlarmRule [{error}]"


def _alarms(count: int, start: int = 0) -> str:
    return " OR ".join(f"ALARM(a{n})" for n in range(start, start + count))


def test_a_hundred_children_are_the_most() -> None:
    assert len(children(parse(_alarms(100)))) == 100
    with pytest.raises(RuleError, match="more than 100 alarms; it has 101"):
        parse(_alarms(101))


def test_one_alarm_named_twice_is_one_child() -> None:
    assert children(parse("ALARM(a) OR OK(b) OR AT_LEAST(1, NOT OK, (a, c)) OR NOT TRUE")) == (
        "a",
        "b",
        "c",
    )


def test_five_hundred_elements_are_the_most() -> None:
    """Elements are alarms, TRUE, FALSE and brackets, each of a pair counted."""
    bracketed = " OR ".join(["(TRUE)"] * 166)
    parse(f"{bracketed} OR TRUE OR TRUE")
    with pytest.raises(RuleError, match="more than 500 elements; it has 501"):
        parse(f"{bracketed} OR TRUE OR TRUE OR TRUE")


def test_a_rule_of_more_than_10240_characters_is_refused() -> None:
    parse("TRUE".ljust(10_240))
    with pytest.raises(RuleError, match="longer than 10240 characters; it has 10241"):
        parse("TRUE".ljust(10_241))


STATES = {"a": State.ALARM, "b": State.OK, "c": State.INSUFFICIENT_DATA}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALARM(a)", True),
        ("ALARM(b)", False),
        ("INSUFFICIENT_DATA(c)", True),
        ("NOT OK(b)", False),
        ("ALARM(a) AND OK(b)", True),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(b) OR ALARM(c)", False),
        ("ALARM(b) OR TRUE", True),
        ("FALSE", False),
        ("AT_LEAST(1, ALARM, (a, b, c))", True),
        ("AT_LEAST(2, ALARM, (a, b, c))", False),
        ("AT_LEAST(2, NOT ALARM, (a, b, c))", True),
        ("AT_LEAST(33%, OK, (a, b, c))", True),
        # 34 % of three are more than one.
        ("AT_LEAST(34%, OK, (a, b, c))", False),
        ("AT_LEAST(100%, NOT OK, (a, c))", True),
    ],
)
def test_when_a_rule_holds(text: str, *, expected: bool) -> None:
    assert holds(parse(text), STATES.__getitem__) is expected
