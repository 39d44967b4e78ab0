"""What expressions evaluate to. Points are written as lists, with None for a missing one.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.expressions import (
    Expression,
    ExpressionError,
    Points,
    Series,
    Value,
    evaluate,
    parse,
)
from skyproof.emulator.services.cloudwatch.expressions.tree import (
    Chain,
    Negation,
    Number,
    Power,
    Reference,
)

# 2024-03-04 was a Monday; the fifth point is the midnight after.
START, PERIOD = 1_709_582_400, 3600  # 2024-03-04T20:00:00Z
Row = list[float | None]


@dataclass
class Request:
    """An environment: metrics given as rows, further queries given as values."""

    rows: dict[str, Row]
    others: dict[str, Value] = field(default_factory=dict)
    searches: list[tuple[str, str, int | None]] = field(default_factory=list)
    start: int = START
    period: int = PERIOD

    @property
    def end(self) -> int:
        return self.start + 5 * self.period

    def value(self, id: str) -> Value:
        return series(id, *self.rows[id]) if id in self.rows else self.others[id]

    def metric_ids(self) -> list[str]:
        return list(self.rows)

    def metrics(self) -> list[Series]:
        return [series(name, *row) for name, row in self.rows.items()]

    def search(self, query: str, stat: str, period: int | None) -> list[Series]:
        self.searches.append((query, stat, period))
        return self.metrics()

    def band(self, of: Series, id: str, width: float) -> tuple[Series, Series]:
        return of.mapped(lambda v: v + width), of.mapped(lambda v: v - width)


def series(label: str, *row: float | None) -> Series:
    points = {START + n * PERIOD: v for n, v in enumerate(row) if v is not None}
    return Series(label, points, PERIOD)


def row(value: Value) -> Row:
    assert isinstance(value, Series)
    assert list(value.points) == sorted(value.points)
    return [value.points.get(START + n * PERIOD) for n in range(5)]


def result(text: str, **rows: Row) -> Value:
    return evaluate(parse(text), Request(rows))


def rows_of(text: str, **rows: Row) -> dict[str, Row]:
    value = result(text, **rows)
    assert isinstance(value, list)
    return {one.label: row(one) for one in value}


METRICS: dict[str, Row] = {
    "m1": [1, 2, None, 4, 5],
    "m2": [10, None, None, 40, 0],
    "big": [100, 100, 100, 100, 100],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metric1 < metric2", [0, 0, 1, 0, None]),
        ("metric1 >= 30", [1, 0, 0, 0, None]),
        ("metric1 > 15 AND metric2 > 15", [1, 0, 0, 0, None]),
        ("metric1 > 15 && metric2 > 15", [1, 0, 0, 0, None]),
        ("metric1 > 15 || metric2 > 15", [1, 1, 1, 0, None]),
        ("metric1 == metric2", [0, 0, 0, 1, None]),
        ("metric1 != metric2", [1, 1, 1, 0, None]),
        ("metric2 <= 20", [1, None, 1, None, None]),
        ("25 > metric1", [0, 1, 1, 1, None]),
    ],
)
def test_comparison_takes_a_missing_value_for_0(text: str, expected: Row) -> None:
    # The table under "Comparison and logical operators".
    assert row(result(text, metric1=[30, 20, 0, 0], metric2=[20, None, 20, None])) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("2 < 3", 1), ("3 <= 2", 0), ("1 AND 0", 0), ("0 OR -1", 1), ("1+2*3^2", 19), ("-2^2", -4)],
)
def test_operators_on_scalars_give_a_scalar(text: str, value: float) -> None:
    assert result(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m1 + m2", [11, None, None, 44, 5]),
        ("5 * m1", [5, 10, None, 20, 25]),
        ("m1 - 1", [0, 1, None, 3, 4]),
        ("m1 / m2", [0.1, None, None, 0.1, None]),
        ("m1 / 0", [None] * 5),
        ("m1 * (1/0)", [None] * 5),
        ("-m1", [-1, -2, None, -4, -5]),
        ("m1 ^ 2", [1, 4, None, 16, 25]),
        ("(-m1) ^ 0.5", [None] * 5),
        ("(m1 * 1e200) ^ 2", [None] * 5),
        ("m1 - AVG(m1)", [-2, -1, None, 1, 2]),
        ("SUM([m1, m2])/AVG(m2)", [11 * 3 / 50, 2 * 3 / 50, None, 44 * 3 / 50, 5 * 3 / 50]),
        ("m1/PERIOD(m1)*3600", [1, 2, None, 4, 5]),
        ("m1/METRIC_COUNT(METRICS())", [1 / 3, 2 / 3, None, 4 / 3, 5 / 3]),
        ("SUM(100/[m1, m2])", [110, 50, None, 27.5, 20]),
        ("AVG([m1, m2]/m1)", [5.5, 1, None, 5.5, 0.5]),
    ],
)
def test_arithmetic_goes_point_by_point(text: str, expected: Row) -> None:
    assert row(result(text, **METRICS)) == pytest.approx(expected)


def test_an_array_keeps_its_labels() -> None:
    expected = {"m1": [101, 102, None, 104, 105], "m2": [110, None, None, 140, 100]}
    for text in ("[m1, m2] + big", "big + [m1, m2]", "[m1, m2] + 100", "100 + [[m1], m2]"):
        assert rows_of(text, **METRICS) == expected


def test_two_series_give_the_label_of_the_left_and_the_longer_period() -> None:
    request = Request({"m1": [1]}, {"slow": Series("slow", {START: 2.0}, 7200)})
    assert evaluate(parse("m1 + slow"), request) == Series("m1", {START: 3.0}, 7200)


NUMBERS = st.floats(-1e3, 1e3).map(lambda v: round(v, 3))
VALUES = st.one_of(st.none(), NUMBERS)
ROWS = st.lists(VALUES, min_size=5, max_size=5)


def _larger(terms: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    def chains(*signs: str) -> st.SearchStrategy[Expression]:
        rest = st.lists(st.tuples(st.sampled_from(signs), terms), min_size=1, max_size=2)
        return st.builds(Chain, terms, rest.map(tuple))

    return st.one_of(
        chains("+", "-"),
        chains("*", "/"),
        st.builds(Negation, terms),
        st.builds(Power, terms, terms),
    )


ARITHMETIC = st.recursive(
    st.one_of(
        st.builds(Number, st.floats(0, 100).map(lambda v: round(v, 1))),
        st.sampled_from([Reference("a"), Reference("b")]),
    ),
    _larger,
    max_leaves=8,
)


def _at_a_point(expression: Expression, values: dict[str, float | None]) -> float | None:
    """A naive evaluation: nothing comes of nothing."""
    match expression:
        case Number(value):
            return value
        case Reference(id):
            return values[id]
        case Negation(term):
            return _applied("-", 0.0, _at_a_point(term, values))
        case Power(base, exponent):
            return _applied("^", _at_a_point(base, values), _at_a_point(exponent, values))
        case Chain(first, rest):
            total = _at_a_point(first, values)
            for sign, operand in rest:
                total = _applied(sign, total, _at_a_point(operand, values))
            return total
    raise AssertionError(expression)


def _applied(sign: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    try:
        value = {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "/": lambda: left / right,
            "^": lambda: math.pow(left, right),
        }[sign]()
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


@given(ARITHMETIC, ROWS, ROWS)
def test_arithmetic_agrees_with_an_evaluation_of_each_point(
    expression: Expression, a: Row, b: Row
) -> None:
    value = evaluate(expression, Request({"a": a, "b": b}))
    naive = [_at_a_point(expression, {"a": x, "b": y}) for x, y in zip(a, b, strict=True)]
    if isinstance(value, Series):
        assert row(value) == naive
    else:
        assert isinstance(value, float)
        assert naive[0] == (None if math.isnan(value) else value)


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("[m1] + [m2]", "TimeSeries[]", "TimeSeries[]"),
        ("'a' + 1", "String", "Scalar"),
        ("-'a'", "Scalar", "String"),
        ("METRICS() > 1", "TimeSeries[]", "Scalar"),
        ("m1 AND [m2]", "TimeSeries", "TimeSeries[]"),
    ],
)
def test_operators_refuse_other_types(text: str, left: str, right: str) -> None:
    with pytest.raises(ExpressionError, match="Unsupported operand type") as refused:
        result(text, **METRICS)
    assert str(refused.value).endswith(f"'[{left}, {right}]'")


# The tables under "Using IF expressions", and the rules around them.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, None, None]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, None, None]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, None]),
        ("IF(metric1, 7, 5)", [7, 7, 5, 5, None]),
        ("IF(-metric1, 7, 5)", [7, 7, 5, 5, None]),
        ("IF(metric1, metric2)", [30, 0, None, None, None]),
        ("IF(metric1, 5)", [5, 5, None, None, None]),
        ("IF(metric2 < 20, metric2)", [None, None, 0, 0, None]),
        ("IF(metric2 < 20, 10, 2)", [2, None, 10, 10, 2]),
        ("IF(1, metric2, metric3)", [30, None, 0, 0, 30]),
        ("IF(0, metric2, metric3)", [0, 0, 20, None, 20]),
        ("IF(-1, metric2)", [30, None, 0, 0, 30]),
        ("IF(0, metric2)", [None] * 5),
        ("IF(1/0, metric2, metric3)", [None] * 5),
        ("IF(metric1, 1/0, 5)", [None, None, 5, 5, None]),
        ("IF(FIRST(SORT(METRICS(), AVG, DESC))>20, 1, 0)", [1, None, 0, 0, 1]),
    ],
)
def test_if_chooses_by_point(text: str, expected: Row) -> None:
    metrics: dict[str, Row] = {
        "metric1": [1, 1, 0, 0, None],
        "metric2": [30, None, 0, 0, 30],
        "metric3": [0, 0, 20, None, 20],
    }
    assert row(result(text, **metrics)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AVG(m)", 2.5),
        ("SUM(m)", 10),
        ("MIN(m)", 1),
        ("MAX(m)", 4),
        ("STDDEV(m)", math.sqrt(1.25)),
        ("DATAPOINT_COUNT(m)", 4),
        ("DATAPOINT_COUNT(none)", 0),
        ("SUM(none)", 0),
        ("METRIC_COUNT([m, none])", 2),
        ("PERIOD(m)", PERIOD),
    ],
)
def test_of_a_series_an_aggregate_is_a_scalar(text: str, expected: float) -> None:
    assert result(text, m=[1, 2, None, 3, 4], none=[]) == pytest.approx(expected)


@pytest.mark.parametrize("function", ["AVG", "MIN", "MAX", "STDDEV"])
def test_of_no_points_there_is_no_aggregate(function: str) -> None:
    value = result(f"{function}(none)", none=[])
    assert isinstance(value, float)
    assert math.isnan(value)
    assert row(result(f"TIME_SERIES({function}(none))", none=[])) == [None] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(METRICS())", [111, 102, 100, 144, 105]),
        ("AVG(METRICS('m'))", [5.5, 2, None, 22, 2.5]),
        ("MIN([m1, m2])", [1, 2, None, 4, 0]),
        ("MAX([m1, m2])", [10, 2, None, 40, 5]),
        ("STDDEV([m1, m2])", [4.5, 0, None, 18, 2.5]),
        ("DATAPOINT_COUNT(METRICS())", [3, 2, 1, 3, 3]),
        ("SUM(METRICS('nothing'))", [None] * 5),
        ("SUM([METRICS('m2'), METRICS('big')])", [110, 100, 100, 140, 100]),
    ],
)
def test_of_an_array_an_aggregate_is_a_series(text: str, expected: Row) -> None:
    assert row(result(text, **METRICS)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABS(m)", [1.5, None, 0, 2.5, 100]),
        ("CEIL(m)", [-1, None, 0, 3, 100]),
        ("FLOOR(m)", [-2, None, 0, 2, 100]),
        ("LOG10(m)", [None, None, None, math.log10(2.5), 2]),
        ("LOG(m)", [None, None, None, math.log(2.5), math.log(100)]),
        ("DIFF(m)", [None, None, 1.5, 2.5, 97.5]),
        ("DIFF_TIME(m)", [None, None, 7200, 3600, 3600]),
        ("RATE(m)", [None, None, 1.5 / 7200, 2.5 / 3600, 97.5 / 3600]),
        ("RUNNING_SUM(m)", [-1.5, None, -1.5, 1, 101]),
    ],
)
def test_functions_of_points_keep_series_and_labels(text: str, expected: Row) -> None:
    metrics: dict[str, Row] = {"m": [-1.5, None, 0, 2.5, 100]}
    assert row(result(text, **metrics)) == pytest.approx(expected)
    assert rows_of(text.replace("(m)", "(METRICS())"), **metrics) == {
        "m": row(result(text, **metrics))
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FILL(m, 10)", [10, 1, 10, 7, 10]),
        ("FILL(m, MIN(m))", [1, 1, 1, 7, 1]),
        ("FILL(m, AVG(none))", [None, 1, None, 7, None]),
        ("FILL(m, other)", [5, 1, None, 7, 3]),
        ("FILL(m, REPEAT)", [None, 1, 1, 7, 7]),
        ("FILL(m, LINEAR)", [None, 1, 4, 7, None]),
        ("FILL(none, REPEAT)", [None] * 5),
        ("FILL(none, LINEAR)", [None] * 5),
        ("FILL(none, 0)", [0] * 5),
    ],
)
def test_fill_closes_gaps(text: str, expected: Row) -> None:
    metrics: dict[str, Row] = {
        "m": [None, 1, None, 7, None],
        "other": [5, 9, None, 9, 3],
        "none": [],
    }
    assert row(result(text, **metrics)) == expected


def test_fill_takes_an_array() -> None:
    assert rows_of("FILL(METRICS(), a)", a=[1] * 5, b=[2]) == {"a": [1] * 5, "b": [2, 1, 1, 1, 1]}


def test_fill_goes_by_the_period_of_the_series() -> None:
    half = PERIOD // 2
    request = Request({}, {"fast": Series("fast", {START + half: 1.0}, half)})
    filled = evaluate(parse("FILL(fast, 0)"), request)
    assert isinstance(filled, Series)
    assert list(filled.points) == list(range(START, START + 5 * PERIOD, half))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("MINUTE", [0] * 5),
        ("HOUR", [20, 21, 22, 23, 0]),
        ("DAY", [1, 1, 1, 1, 2]),
        ("DATE", [4, 4, 4, 4, 5]),
        ("MONTH", [3] * 5),
        ("YEAR", [2024] * 5),
        ("EPOCH", [START + n * PERIOD for n in range(5)]),
    ],
)
def test_parts_of_the_time_have_no_gaps(function: str, expected: Row) -> None:
    assert row(result(f"{function}(m)", m=[1])) == expected


def test_sunday_is_the_seventh_day() -> None:
    request = Request({"m": []}, start=START - 86_400)
    value = evaluate(parse("DAY(m)"), request)
    assert isinstance(value, Series)
    assert list(value.points.values()) == [7, 7, 7, 7, 1]


def test_a_time_series_repeats_its_scalar() -> None:
    assert row(result("TIME_SERIES(MAX(m1)) + 1", **METRICS)) == [6] * 5


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("METRICS()", ["m1", "m2", "big"]),
        ("METRICS('m')", ["m1", "m2"]),
        ("SORT(METRICS(), AVG, DESC)", ["big", "m2", "m1"]),
        ("SORT(METRICS(), SUM, ASC)", ["m1", "m2", "big"]),
        ("SORT(METRICS(), MIN, ASC)", ["m2", "m1", "big"]),
        ("SORT(METRICS(), MAX, DESC, 2)", ["big", "m2"]),
        ("SORT([FILL([m1/0], REPEAT), m2], AVG, ASC)", ["m2", "m1"]),
        ("SORT([m1/0, m2], AVG, DESC)", ["m2", "m1"]),
        ("SLICE(METRICS(), 1)", ["m2", "big"]),
        ("SLICE(METRICS(), 0, 2)", ["m1", "m2"]),
        ("SLICE(METRICS(), 2, 9)", ["big"]),
        ("[FIRST(METRICS()), LAST(METRICS())]", ["m1", "big"]),
        ("[FIRST(METRICS('nothing'))]", [""]),
        ("REMOVE_EMPTY([m1/0, m2, METRICS('nothing')])", ["m2"]),
    ],
)
def test_arrays_are_chosen_from_sorted_and_cut(text: str, labels: list[str]) -> None:
    assert list(rows_of(text, **METRICS)) == labels


def test_the_band_of_a_metric_is_its_upper_and_its_lower_edge() -> None:
    assert row(result("FIRST(ANOMALY_DETECTION_BAND(m1))", **METRICS)) == [3, 4, None, 6, 7]
    assert row(result("LAST(ANOMALY_DETECTION_BAND(m1, 4))", **METRICS)) == [-3, -2, None, 0, 1]


def test_search_is_the_environments() -> None:
    request = Request({"m1": [1], "m2": [2]})
    assert row(evaluate(parse("SUM(SEARCH(' {N} x ', 'Sum', 300))"), request))[0] == 3
    evaluate(parse("SEARCH('\"y\"', 'p99')"), request)
    assert request.searches == [(" {N} x ", "Sum", 300), ('"y"', "p99", None)]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("m9 + 1", "Id 'm9' not found"),
        ("ABS(m9)", "Id 'm9' not found"),
        ("REPEAT", "'REPEAT' is not a value"),
        ("[m1, 2]", "An array holds time series, not a Scalar"),
        ("PERIOD(e1)", "'PERIOD' takes a metric, 'e1' is an expression"),
        ("ANOMALY_DETECTION_BAND(m1, 0)", "The width of 'ANOMALY_DETECTION_BAND' must be positive"),
        *[
            (text, f"{text.partition('(')[0]} is not implemented")
            for text in (
                "INSIGHT_RULE_METRIC('rule', 'Sum')",
                "SERVICE_QUOTA(m1)",
                "DB_PERF_INSIGHTS('RDS', 'db', 'x')",
                "LAMBDA('name', m1)",
            )
        ],
    ],
)
def test_what_can_not_be_evaluated_is_told(text: str, error: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluate(parse(text), Request(METRICS, {"e1": series("e1", 1)}))
    assert str(refused.value) == error


@pytest.mark.parametrize(
    ("text", "position", "got", "expected"),
    [
        ("ABS(1)", 1, "Scalar", "TimeSeries or TimeSeries[]"),
        ("AVG('a')", 1, "String", "TimeSeries or TimeSeries[]"),
        ("AVG(REPEAT)", 1, "REPEAT", "a value"),
        ("HOUR([m1])", 1, "TimeSeries[]", "TimeSeries"),
        ("METRIC_COUNT(m1)", 1, "TimeSeries", "TimeSeries[]"),
        ("TIME_SERIES(m1)", 1, "TimeSeries", "Scalar"),
        ("METRICS(1)", 1, "Scalar", "String"),
        ("PERIOD(m1 + 1)", 1, "TimeSeries", "an Id"),
        ("ANOMALY_DETECTION_BAND(m1 * 2)", 1, "TimeSeries", "an Id"),
        ("FILL(m1, AVG)", 2, "AVG", "REPEAT or LINEAR"),
        ("FILL(m1, 'REPEAT')", 2, "String", "Scalar"),
        ("SORT(METRICS(), STDDEV, ASC)", 2, "STDDEV", "AVG or MIN or MAX or SUM"),
        ("SORT(METRICS(), 1, ASC)", 2, "Scalar", "AVG or MIN or MAX or SUM"),
        ("IF([m1], 1, 2)", 2, "Scalar", "TimeSeries"),
        ("IF(m1, [m1], 2)", 2, "TimeSeries[]", "TimeSeries or Scalar"),
        ("IF(1, 2, 3)", 2, "Scalar", "TimeSeries"),
    ],
)
def test_functions_refuse_other_types(text: str, position: int, got: str, expected: str) -> None:
    function = text.partition("(")[0]
    with pytest.raises(ExpressionError) as refused:
        result(text, **METRICS)
    assert str(refused.value) == (
        f"Unsupported argument {position} of function '{function}': '{got}', expected {expected}"
    )


@pytest.mark.parametrize(
    "text", ["SLICE(METRICS(), -1)", "SLICE(METRICS(), 0.5)", "SLICE(METRICS(), 1/0)"]
)
def test_places_in_arrays_are_whole_numbers(text: str) -> None:
    with pytest.raises(ExpressionError, match="must be a whole number of at least 0"):
        result(text, **METRICS)


def test_points_stay_in_order_of_time() -> None:
    points: Points = {START: 1.0, START + 2 * PERIOD: 3.0}
    request = Request({"m1": [None, 5]}, {"e1": Series("e1", points, PERIOD)})
    assert row(evaluate(parse("(e1 > m1) * 2"), request)) == [2, 0, 2, None, None]
