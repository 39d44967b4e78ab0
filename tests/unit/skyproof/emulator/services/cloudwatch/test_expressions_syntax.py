"""The grammar of metric math, its errors, and the order of expressions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.expressions import (
    Expression,
    ExpressionError,
    order,
    parse,
    references,
    unparse,
)
from skyproof.emulator.services.cloudwatch.expressions.tree import (
    LEVELS,
    Array,
    Call,
    Chain,
    Keyword,
    Negation,
    Number,
    Power,
    Reference,
    Text,
)

A, B, C = (Reference(name) for name in "abc")

LEAVES = st.one_of(
    st.builds(Number, st.floats(0, allow_infinity=False)),
    st.builds(Reference, st.from_regex(r"[a-z][A-Za-z0-9_]{0,5}", fullmatch=True)),
    st.builds(Text, st.text(st.characters(exclude_characters="'", codec="utf-8"))),
    st.builds(Text, st.text(st.characters(exclude_characters='"', codec="utf-8"))),
    st.sampled_from([Keyword("REPEAT"), Keyword("DESC"), Call("METRICS", ())]),
)


def _larger(terms: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(terms, min_size=1, max_size=3).map(tuple)
    chains = [
        st.builds(
            Chain, terms, st.lists(st.tuples(st.sampled_from(level), terms), min_size=1).map(tuple)
        )
        for level in LEVELS
    ]
    return st.one_of(
        st.builds(Array, several),
        st.builds(lambda parts: Call("LAMBDA", parts), several),
        st.builds(Power, terms, terms),
        st.builds(Negation, terms),
        *chains,
    )


@given(st.recursive(LEAVES, _larger, max_leaves=12))
def test_an_expression_survives_being_written_and_read(expression: Expression) -> None:
    assert parse(unparse(expression)) == expression


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a-b+c", Chain(A, (("-", B), ("+", C)))),
        ("a+b*c", Chain(A, (("+", Chain(B, (("*", C),))),))),
        ("(a+b)*c", Chain(Chain(A, (("+", B),)), (("*", C),))),
        ("-a^b", Negation(Power(A, B))),
        ("a^b^c", Power(A, Power(B, C))),
        ("a^-b", Power(A, Negation(B))),
        ("a<b+c", Chain(A, (("<", Chain(B, (("+", C),))),))),
        ("a || b && c", Chain(A, (("OR", Chain(B, (("AND", C),))),))),
        ("a OR b AND c", Chain(A, (("OR", Chain(B, (("AND", C),))),))),
        ("a == b AND c", Chain(Chain(A, (("==", B),)), (("AND", C),))),
    ],
)
def test_operators_bind_as_usual(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "value"), [("2", 2), ("50.25", 50.25), (".5", 0.5), ("1e3", 1000), ("2.E-1", 0.2)]
)
def test_a_number_may_have_a_fraction_and_an_exponent(text: str, value: float) -> None:
    assert parse(text) == Number(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a \"b\"'", 'a "b"'),
        ('"it\'s"', "it's"),
        (r"'a\\b\('", r"a\\b\("),
        ("''", ""),
    ],
)
def test_a_string_ends_at_the_quote_that_it_begins_with(text: str, value: str) -> None:
    assert parse(text) == Text(value)


@pytest.mark.parametrize(
    "text",
    [
        "PERIOD(m1)/60",
        "5 * m1",
        "SUM(100/[m1, m2])",
        "AVG([m1,m2]/m3)",
        "METRICS()*100",
        "-5*m1",
        "SUM(-[m1, m2])",
        "MIN(ABS([m1, m2]))",
        "ANOMALY_DETECTION_BAND(m1,4)",
        "SUM([m1,m2])/AVG(m2)",
        "SUM(m1) / DATAPOINT_COUNT(m1)",
        "DIFF_TIME(METRICS())",
        "FILL(m1, MIN(m1))",
        "FILL(METRICS(), LINEAR)",
        "IF(FIRST(SORT(METRICS(), AVG, DESC))>100, 1, 0)",
        "LAST(ANOMALY_DETECTION_BAND(m1))",
        "IF(DAY(m1)<6,m1)",
        "IF((DAY(m1)<6 AND (HOUR(m1)>=9 AND HOUR(m1)<17)),m1)",
        "SLICE(SORT(METRICS(), SUM, DESC), 0, 10)",
        'SUM(METRICS("errors"))/SUM(METRICS("requests"))*100',
        'SUM([METRICS("4xx"), METRICS("5xx")])',
        "TIME_SERIES(5*AVG(m1))",
        "SUM(SEARCH(' {AWS/Lambda, FunctionName} MetricName=\"Errors\" ', 'Sum', 300))",
        "INSIGHT_RULE_METRIC('rule', 'MaxContributorValue')",
        "m1/SERVICE_QUOTA(m1)*100",
        "DB_PERF_INSIGHTS('RDS', 'db-ABC', 'os.cpuUtilization.user.avg')",
        "LAMBDA('name', m1, 'x')",
    ],
)
def test_the_documented_examples_parse(text: str) -> None:
    assert parse(unparse(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", "Unexpected end of expression at position 0", 0),
        ("m1 +", "Unexpected end of expression at position 4", 4),
        ("m1 m2", "Unexpected 'm2' at position 3", 3),
        ("(m1", "Unexpected end of expression; ')' expected at position 3", 3),
        ("[]", "Unexpected ']' at position 1", 1),
        ("m1 $ 2", "Unexpected character '$' at position 3", 3),
        ("'open", "Unexpected character ''' at position 0", 0),
        ("m1 AND", "Unexpected end of expression at position 6", 6),
        ("1e999", "Number out of range at position 0", 0),
        ("METRICS(1, 2)", "Function 'METRICS' takes 0 to 1 arguments; it has 2 at position 0", 0),
        ("1 + ABS()", "Function 'ABS' takes 1 argument(s); it has 0 at position 4", 4),
        ("LAMBDA()", "Function 'LAMBDA' takes at least 1 argument(s); it has 0 at position 0", 0),
        ("ANOMALY_DETECTOR(m1)", "Function 'ANOMALY_DETECTOR' not found", None),
        ("sum(m1)", "Function 'sum' not found", None),
        ("SELECT AVG(x) FROM y", "Metrics Insights (SELECT) is not implemented", None),
    ],
)
def test_what_is_no_expression_is_refused(text: str, error: str, position: int | None) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert str(refused.value) == error
    assert refused.value.position == position


@pytest.mark.parametrize("text", ["(" * 3000, "-" * 3000 + "1", "1^" * 3000 + "1", "ABS(" * 3000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="Nested deeper than 30 levels"):
        parse(text)


def test_long_sums_are_no_deep_nesting() -> None:
    text = " + ".join(f"m{n}" for n in range(5000))
    assert unparse(parse(text)) == text
    assert len(references(parse(text))) == 5000


def test_references_come_once_each_in_order_of_appearance() -> None:
    assert references(parse("IF(c > -a, [b, a], c^d) + FILL(e, REPEAT)")) == tuple("cabde")


def test_expressions_come_after_those_that_they_use() -> None:
    queries = {"e1": parse("e2 + e3"), "e2": parse("e3 * m1"), "e3": parse("m1")}
    assert order(queries, ["m1"]) == ["e3", "e2", "e1"]


@pytest.mark.parametrize(
    ("queries", "error"),
    [
        ({"e1": "m1 + m2"}, "Error in expression 'e1': Id 'm2' not found"),
        ({"e1": "e1"}, "Expressions depend on themselves: e1 -> e1"),
        ({"a": "b", "b": "c", "c": "a"}, "Expressions depend on themselves: a -> b -> c -> a"),
    ],
)
def test_unknown_ids_and_cycles_have_no_order(queries: dict[str, str], error: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        order({name: parse(text) for name, text in queries.items()}, {"m1"})
    assert str(refused.value) == error
