"""The functions of Logs Insights queries.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.insights import QueryError, Record, parse, run
from skyproof.emulator.services.logs.insights import periods as _periods
from skyproof.emulator.services.logs.insights.values import text

#: 2026-02-05 10:20:30.400 UTC, in milliseconds.
NOW = 1_770_286_830_400
MESSAGE = '{"n": -2.5, "s": "xyZfooxyZ", "empty": "", "blank": " \\t", "null": null, "yes": true}'


def value(expression: str, message: str = MESSAGE) -> str | None:
    """What an expression is for one log event, None for nothing."""
    record = Record(message, NOW, NOW, "123456789012:/app", "one", "p")
    return run(parse(f"fields {expression} as x"), [record]).rows[0].get("x")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2 ^ 3", "8"),
        ("2 ^ 3 ^ 2", "512"),
        ("10 % 3", "1"),
        ("-7 % 3", "-1"),
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("(1 + 2) * 3", "9"),
        ("8 / 2 / 2", "2"),
        ("10 - 3 - 2", "5"),
        ("-n", "2.5"),
        ("n * -1", "2.5"),
        ("1e3", "1000"),
        ("'5' + '6'", "11"),
        ("1 / 0", None),
        ("1 % 0", None),
        ("s + 1", None),
        ("nothing + 1", None),
        ("9 ^ 9 ^ 9", None),
        ("0 ^ -1", None),
        ("abs(n)", "2.5"),
        ("ceil(n)", "-2"),
        ("floor(n)", "-3"),
        ("greatest(1, 3, 2)", "3"),
        ("greatest(1)", "1"),
        ("least(n, 1)", "-2.5"),
        ("log(1)", "0"),
        ("log(0)", None),
        ("sqrt(16)", "4"),
        ("sqrt(n)", None),
        ("abs(s)", None),
    ],
)
def test_numbers(expression: str, expected: str | None) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ispresent(n)", "1"),
        ("isPresent(nothing)", "0"),
        ("ispresent(null)", "0"),
        ("ispresent(empty)", "1"),
        ("coalesce(nothing, null, n)", "-2.5"),
        ("coalesce(nothing)", None),
        ("yes", "1"),
        ("yes = true", "1"),
        ("isempty(nothing)", "1"),
        ("isempty(empty)", "1"),
        ("isempty(blank)", "0"),
        ("isblank(nothing)", "1"),
        ("isblank(blank)", "1"),
        ("isblank(s)", "0"),
        ("concat('a', 1, s)", "a1xyZfooxyZ"),
        ("concat('a', nothing)", None),
        ("ltrim(s, 'xyZ')", "fooxyZ"),
        ("rtrim(s, 'xyZ')", "xyZfoo"),
        ("trim(s, 'xyZ')", "foo"),
        ("ltrim('  a ')", "a "),
        ("rtrim(' a  ')", " a"),
        ("trim(' a ')", "a"),
        ("strlen('\u00e4\U0001f600')", "2"),
        ("toupper(s)", "XYZFOOXYZ"),
        ("tolower(s)", "xyzfooxyz"),
        ("substr(s, 3, 3)", "foo"),
        ("substr(s, 6)", "xyZ"),
        ("substr(s, 20)", ""),
        ("substr(s, -1)", None),
        ("replace('foo', 'o', '0')", "f00"),
        ("replace('foo', '', '0')", "foo"),
        ("strcontains(s, 'foo')", "1"),
        ("strcontains(s, 'bar')", "0"),
        ("STRLEN(s)", "9"),
        (r"'it\'s \d'", r"it's \d"),
    ],
)
def test_texts_and_missing_fields(expression: str, expected: str | None) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("datefloor(@timestamp, 1h)", "2026-02-05 10:00:00.000"),
        ("dateceil(@timestamp, 1h)", "2026-02-05 11:00:00.000"),
        ("dateceil(datefloor(@timestamp, 1h), 1h)", "2026-02-05 10:00:00.000"),
        ("bin(5m)", "2026-02-05 10:20:00.000"),
        ("bin(30s)", "2026-02-05 10:20:30.000"),
        ("bin(200ms)", "2026-02-05 10:20:30.400"),
        ("bin(1hr)", "2026-02-05 10:00:00.000"),
        ("bin(2hrs)", "2026-02-05 10:00:00.000"),
        ("bin(1d)", "2026-02-05 00:00:00.000"),
        ("bin(1mo)", "2026-02-01 00:00:00.000"),
        ("bin(1qtr)", "2026-01-01 00:00:00.000"),
        ("bin(1year)", "2026-01-01 00:00:00.000"),
        ("dateceil(@timestamp, 1month)", "2026-03-01 00:00:00.000"),
        ("dateceil(datefloor(@timestamp, 1mo), 1mo)", "2026-02-01 00:00:00.000"),
        ("dateceil(@timestamp, 1y)", "2027-01-01 00:00:00.000"),
        ("datefloor(s, 1h)", None),
        ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("fromMillis(-1)", "1969-12-31 23:59:59.999"),
        ("fromMillis(n)", "1969-12-31 23:59:59.998"),
        ("fromMillis(s)", None),
        ("fromMillis(1e30)", str(int(1e30))),
        ("datefloor(fromMillis(1e30), 1mo)", None),
        ("dateceil(fromMillis(1e30), 1mo)", None),
        ("dateceil(fromMillis(253402300799999), 1mo)", None),
        ("toMillis(@timestamp)", str(NOW)),
        ("toMillis(n)", None),
        ("@timestamp - 400", str(NOW - 400)),
        (f"@timestamp = {NOW}", "1"),
    ],
)
def test_times(expression: str, expected: str | None) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html#CWL_QuerySyntax-datetime
        ("300s", "Invalid period 300s, s takes 1 to 60"),
        ("61m", "Invalid period 61m, m takes 1 to 60"),
        ("25h", "Invalid period 25h, h takes 1 to 24"),
        ("1001ms", "Invalid period 1001ms, ms takes 1 to 1000"),
        ("0m", "Invalid period 0m"),
        ("5x", "Invalid period 5x"),
        ("1w", "Periods of weeks, as 1w, are not implemented"),
    ],
)
def test_a_period_out_of_its_limits_is_refused(written: str, problem: str) -> None:
    with pytest.raises(QueryError, match=f"^{problem}.* at line 1 and position 11$"):
        parse(f"fields bin({written})")


@given(
    st.integers(-(10**13), 10**14), st.sampled_from(["7s", "1h", "1d", "1mo", "5mo", "2q", "1y"])
)
def test_a_time_lies_between_its_floor_and_its_ceiling(time: int, written: str) -> None:
    period = _periods.read(written)
    floor, ceiling = period.floor(time), period.ceil(time)
    assert floor is not None
    assert ceiling is not None
    assert floor <= time <= ceiling
    assert period.floor(floor) == floor == period.ceil(floor)
    assert period.floor(ceiling) == ceiling
    assert period.ceil(floor + 1) == period.ceil(ceiling - 1) == ceiling or floor == ceiling


@pytest.mark.parametrize(
    "doubling",
    [
        "replace({0}, 'aa', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
        "concat({0}, {0})",
    ],
)
def test_texts_cannot_grow_without_bounds(doubling: str) -> None:
    query = "fields 'aa' as x0"
    for i in range(60):
        query += f" | fields {doubling.format(f'x{i}')} as x{i + 1}"
    with pytest.raises(QueryError, match="is longer than 1048576"):
        run(parse(query), [Record("x", 0, 0, "g", "s", "p")])


@pytest.mark.parametrize("big", ["9" * 250, "9" * 400, "1e300", "1e999", "-1" + "0" * 300])
@pytest.mark.parametrize(
    "expression",
    ["n * n", "n + 1", "n / 3", "n % 7", "sqrt(n)", "floor(n)", "n ^ n", "fromMillis(n)"],
)
def test_large_numbers_do_no_harm(big: str, expression: str) -> None:
    value(expression, f'{{"n": {big}}}')


@pytest.mark.parametrize("statistic", ["sum", "avg", "stddev", "max"])
def test_statistics_of_large_numbers_do_no_harm(statistic: str) -> None:
    messages = ['{"n": 1e300}', f'{{"n": {"9" * 400}}}', '{"n": -1e308}', '{"n": 1e308}'] * 9
    records = [Record(message, 0, 0, "g", "s", "p") for message in messages]
    run(parse(f"stats {statistic}(n)"), records)


@pytest.mark.parametrize(("number", "shown"), [(1.0, "1"), (0.5, "0.5"), (-0.00001, "0"), (7, "7")])
def test_numbers_as_shown(number: float, shown: str) -> None:
    assert text(number) == shown
