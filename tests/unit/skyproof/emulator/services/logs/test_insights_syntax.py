"""Logs Insights queries that are refused, and comments, blanks and quotes in those that are not.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.insights import QueryError, Record, parse, run

RECORD = Record('{"a": "x|y", "b": 4}', 0, 0, "123456789012:/app", "one", "p")


def shown(query: str) -> dict[str, str]:
    (row,) = run(parse(query), [RECORD]).rows
    return {name: value for name, value in row.items() if name != "@ptr"}


@pytest.mark.parametrize(
    "query",
    [
        "fields a",
        "# a comment | limit\nfields a",
        "fields a # the first | of two\n",
        "  fields\n  a\t",
        "fields a | filter a = 'x|y'",
        'fields a | filter a like "#" or b = 4',
        "fields a | filter a like /x.y/",
        r"fields a | filter a not like /\//",
        "fields a | filter b / 2 = 2 and b / 4 = 1",
        "fields a | filter a like /#/ or true",
    ],
)
def test_comments_blanks_and_quotes(query: str) -> None:
    assert shown(query) == {"a": "x|y"}


@pytest.mark.parametrize(
    "command",
    (
        "anomaly diff filterIndex head join lookup order pattern search SOURCE tail unmask unnest"
    ).split(),
)
def test_a_command_that_is_not_implemented_is_named(command: str) -> None:
    problem = f"^The command {command} is not implemented at line 2 and position 2$"
    with pytest.raises(QueryError, match=problem):
        parse(f"fields a\n| {command} x")


@pytest.mark.parametrize("function", ["isValidIp", "isIpInSubnet", "jsonParse", "if"])
def test_a_function_that_is_not_implemented_is_named(function: str) -> None:
    problem = f"^The function {function} is not implemented at line 1 and position 7$"
    with pytest.raises(QueryError, match=problem):
        parse(f"filter {function}(a)")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "unexpected symbol found <EOF>, expecting one of fields, display,…position 0"),
        ("fields a |", "unexpected symbol found <EOF>, expecting one of…position 10"),
        ("fields a | | limit 1", "unexpected symbol found |, expecting one of…position 11"),
        ("count(*)", "unexpected symbol found count, expecting one of…position 0"),
        ("fields a, b | count()", "unexpected symbol found count, expecting one of…"),
        ("fields", "unexpected symbol found <EOF>, expecting a field at line 1 and position 6"),
        ("fields a b", "unexpected symbol found b, expecting | at line 1 and position 9"),
        ("fields a as", "unexpected symbol found <EOF>, expecting a field…"),
        ("fields $a", "unexpected symbol found $ at line 1 and position 7"),
        ("fields 'a", "unexpected symbol found ' at line 1 and position 7"),
        ("fields a as b, c as b", "The field b is already defined at line 1 and position 20"),
        ("fields a as b | fields c as b", "The field b is already defined…position 28"),
        ("parse '*' as b | parse '*' as b", "The field b is already defined…position 30"),
        ("filter", "unexpected symbol found <EOF>, expecting a field…"),
        ("filter a =", "unexpected symbol found <EOF>…"),
        ("filter a == 1", "unexpected symbol found =…position 10"),
        ("filter a not 1", "unexpected symbol found 1, expecting like or in…"),
        ("filter a like b", "unexpected symbol found b, expecting a text or a regular expression…"),
        ("filter a like /b", "The regular expression is not closed at line 1 and position 14"),
        ("filter a like /(b/", "Invalid regular expression: the group at…position 14"),
        ("filter a in (1)", "unexpected symbol found (, expecting […"),
        ("filter a in [b]", "unexpected symbol found b, expecting a text or a number…"),
        ("filter (a", "unexpected symbol found <EOF>, expecting )…"),
        ("filter nofunction(a)", "Unknown function nofunction at line 1 and position 7"),
        ("filter strlen(a, b)", "strlen does not take 2 arguments…position 7"),
        ("filter substr(a)", "substr does not take 1 arguments…position 7"),
        ("filter count(*) > 1", "count is only supported in the stats command…"),
        ("stats sum(max(a))", "max is only supported in the stats command, and not in itself…"),
        ("stats a", "a is neither in an aggregation function nor after by…"),
        ("stats count(*), b by a", "b is neither in an aggregation function…"),
        ("stats bin(1h), count(*)", "@timestamp is neither in an aggregation function…"),
        ("stats x as y, max(a) as x", "x is neither in an aggregation function…"),
        ("stats count(*) as a by a", "Two columns of stats have one name…"),
        ("stats pct(a)", "unexpected symbol found ), expecting ,…"),
        ("stats pct(a, 101)", "A percentage is 0 to 100…"),
        ("stats pct(a, b)", "unexpected symbol found b, expecting a percentage…"),
        ("stats count(* by a", "unexpected symbol found by, expecting ) after the arguments…"),
        ("stats count(*) by a | sort b", "Unknown symbols found in or after stats: b…position 27"),
        ("stats count(*) | stats count(*) by bin(1m)", "Unknown symbols…stats: @timestamp…"),
        ("stats count(*) as n | stats latest(n)", "Unknown symbols…stats: @timestamp…"),
        ("stats count(*) as n | limit 1 | stats max(n)", "sort and limit must come after…"),
        (
            "stats count(*) as n | stats max(n) as m | stats max(m)",
            "A query can have at most 2 stats commands…position 42",
        ),
        ("sort a up", "unexpected symbol found up, expecting |…"),
        ("limit 0", "unexpected symbol found 0, expecting a number of rows…"),
        ("limit 1.5", "unexpected symbol found 1.5, expecting a number of rows…"),
        ("limit -1", "unexpected symbol found -, expecting a number of rows…"),
        ("fields bin(a)", "unexpected symbol found a, expecting a period…"),
        ("parse @message 'a'", "unexpected symbol found <EOF>, expecting as…"),
        ("parse @message '*' as a, b", "The pattern has 1 *, for which…"),
        ("parse @message '*-*' as a, a", "The pattern has 2 *, for which…"),
        ("parse @message /a/", "A regular expression of parse must name its groups…"),
        ("parse @message /(?<a>x)/ as b", "A regular expression of parse must name its groups…"),
        ("parse @message /(?<a>x)(?<a>y)/", "Invalid regular expression: two groups are named a…"),
        ("fields x as a | parse /(?<a>x)/", "The field a is already defined…"),
        ("dedup", "unexpected symbol found <EOF>, expecting a field…"),
        ("filter " + "(" * 500 + "a", "Expressions are nested more than 50 deep…"),
        ("filter " + "not " * 500 + "a", "Expressions are nested more than 50 deep…"),
        ("filter " + "-" * 500 + "a", "Expressions are nested more than 50 deep…"),
        ("filter " + "2^" * 500 + "a", "Expressions are nested more than 50 deep…"),
        ("filter " + "a" * 9_994, "The query is longer than 10000 characters: 10001"),
        ("filter a = " + "1" * 400, "The number is too large…"),
    ],
)
def test_what_is_not_valid_is_refused(query: str, problem: str) -> None:
    pattern = ".*".join(re.escape(part) for part in problem.split("…"))
    with pytest.raises(QueryError, match=f"^{pattern}$"):
        parse(query)


def test_a_line_counts_its_own_positions() -> None:
    with pytest.raises(
        QueryError, match=r"^unexpected symbol found \].* at line 3 and position 2$"
    ):
        parse("fields a\n\n| ]")


@pytest.mark.parametrize("operator", [" + 1", " and a", " or a", " = a or a", " - a * 2"])
def test_a_long_row_of_terms_is_no_deep_one(operator: str) -> None:
    query = "filter a" + operator * (9_900 // len(operator))
    run(parse(query), [RECORD])


WORDS = (
    "fields filter parse stats sort limit dedup by as and or not like in asc desc | , ( ) [ ] = != "
    "< =~ + - * / ^ % a b @message count avg pct bin 5m 1 2.5 'x' \"y\" /a/ `q` strlen concat # \n"
).split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join) | st.text(max_size=20))
def test_any_query_is_read_or_refused(query: str) -> None:
    with suppress(QueryError):
        run(parse(query), [RECORD, RECORD])
    with suppress(QueryError):
        run(parse(f"fields a | stats count(*) as n by b | {query}"), [RECORD, RECORD])
