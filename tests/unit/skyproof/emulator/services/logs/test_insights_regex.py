"""The regular expressions of Logs Insights queries.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from skyproof.emulator.services.logs.insights.regex import Regex
from skyproof.emulator.services.logs.insights.regex_syntax import RegexError


@pytest.mark.parametrize(
    ("expression", "matching", "others"),
    [
        ("Exception", ["an Exception!"], ["exception", ""]),
        ("(?i)exception", ["An EXCEPTION"], ["except"]),
        ("a(?i)b", ["ab", "aB"], ["AB"]),
        ("((?i)a)b", ["Ab"], ["AB"]),
        (r"2\d\d", ["200", "1299"], ["2x0", "20"]),
        ("^a$", ["a", "a\n"], ["ab", "ba", "\na"]),
        ("", ["", "x"], []),
        ("a|b|", ["x"], []),
        ("^(?:a|bc)+$", ["abca"], ["", "b", "abb"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]),
        ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
        ("^a{0}$", [""], ["a"]),
        ("^[a-c_]+$", ["abc_"], ["d", ""]),
        (r"^[^\s/]+$", ["ab"], ["a b", "a/b"]),
        (r"^[\]\-]$", ["]", "-"], ["a"]),
        ("^.$", ["a", "\u00e4", "\U0001f600"], ["ab", "\n\n"]),
        ("\u00e4", ["\u00e4"], ["a"]),
        (r"^\w$", ["a", "_", "1"], ["\u00e4", "-"]),
        (r"\berror\b", ["an error.", "error"], ["errors", "terror"]),
        (r"a\Bb", ["ab"], ["a b"]),
        (r"^\x41\t\.\[\\$", ["A\t.[\\"], ["A"]),
        (r"^\[\{}]$", ["[{}]"], ["[]"]),
        ("^(a+)+$", ["aaa"], ["aab"]),
        ("^(a?b)*$", ["", "abb"], ["aa"]),
    ],
)
def test_what_matches(expression: str, matching: list[str], others: list[str]) -> None:
    regex = Regex(expression)
    assert [text for text in matching + others if regex.matches(text)] == matching


@pytest.mark.parametrize(
    ("expression", "text", "groups"),
    [
        ("(?<a>x+)(?<b>y*)", "_xxyx", {"a": "xx", "b": "y"}),
        ("(?<a>x+?)(?<b>x*)", "xxx", {"a": "x", "b": "xx"}),
        ("(?P<a>.*),", "1,2,3", {"a": "1,2"}),
        ("(?<a>.*?),", "1,2,3", {"a": "1"}),
        ("(?:(?<a>x)|(?<b>y))", "y", {"a": "", "b": "y"}),
        ("(?:(?<a>.);)+", "1;2;", {"a": "2"}),
        ("(?<a>a|ab)(?<b>c|bcd)", "abcd", {"a": "a", "b": "bcd"}),
        (
            # A documented example, of a log of Squid.
            r"(?<time>[0-9]{10}\.[0-9]{1,3}) .* "
            r"(?<code>[A-Z_]+\/[0-9]{3}) (?<url>[a-zA-Z.]+:[0-9]{1,5})",
            "1286536308.779 180 192.168.0.224 TCP_MISS/200 411 CONNECT TCP_MISS/200 a.b.com:443 -",
            {"time": "1286536308.779", "code": "TCP_MISS/200", "url": "a.b.com:443"},
        ),
    ],
)
def test_the_groups_of_the_first_match(expression: str, text: str, groups: dict[str, str]) -> None:
    assert Regex(expression).groups(text) == groups


def test_where_nothing_matches_there_are_no_groups() -> None:
    assert Regex("(?<a>x)").groups("y") is None


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("(a", "the group at its character 0 is not closed"),
        ("a)", r"unmatched \) at its character 1"),
        ("[a", r"\[ at its character 0 is not implemented"),
        ("[]a]", r"\[ at its character 0 is not implemented"),
        ("[[a]]", r"\[ at its character 0 is not implemented"),
        ("[a&&b]", r"\[ at its character 0 is not implemented"),
        ("[b-a]", "bad character range"),
        ("*a", r"\* at its character 0 is not implemented"),
        ("a**", r"\* at its character 2 is not implemented"),
        ("a++", r"\+ at its character 2 is not implemented"),
        ("^*", r"\* at its character 1 is not implemented"),
        ("a{,3}", r"\{ at its character 1 is not implemented"),
        ("a{3,2}", "has its limits the wrong way round"),
        (r"(a)\1", "is not implemented"),
        (r"\p{L}", "is not implemented"),
        ("a\\", "is not implemented"),
        ("(?=a)", "the group at its character 0 is not implemented"),
        ("(?<!a)", "the group at its character 0 is not implemented"),
        ("(?s)a", "the group at its character 0 is not implemented"),
        ("(?<a>x)(?<a>y)", "two groups are named a"),
        ("(" * 30 + ")" * 30, "groups are nested more than 20 deep"),
        ("(a*)*", r"\* repeats what may be empty"),
        ("(a|b?)+", r"\+ repeats what may be empty"),
        ("(?:^|a){2,}", "repeats what may be empty"),
        ("a{1001}", "it takes more than 1000 steps"),
        ("a{9999}", "it takes more than 1000 steps"),
        ("((a{100}){100}){100}", "it takes more than 1000 steps"),
        ("((a{0,100}){0,100}){0,100}", "it takes more than 1000 steps"),
        ("a" * 1001, "it takes more than 1000 steps"),
    ],
)
def test_what_is_not_implemented_is_refused(expression: str, problem: str) -> None:
    with pytest.raises(RegexError, match=problem):
        Regex(expression)


@pytest.mark.parametrize(
    "expression", ["(a+)+b", "(a|aa)+b", "a.*a.*a.*a.*b", "(?<x>a+a+a+)+b", "a{0,300}b"]
)
def test_an_expression_over_which_backtracking_takes_years_is_done_at_once(expression: str) -> None:
    assert not Regex(expression).matches("a" * 1_000)


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    quantifier = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{0,2}?"])
    return (
        st.builds("{}{}".format, parts, parts)
        | st.builds("(?:{}|{})".format, parts, parts)
        | st.builds("(?:{}){}".format, parts, quantifier)
    )


PARTS = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\b", r"\B", "^", "$"]),
    _joined,
    max_leaves=6,
)


@given(PARTS, PARTS, st.text("ab_ \n", min_size=1, max_size=8))
@settings(max_examples=400)
def test_matches_are_those_of_backtracking(first: str, second: str, text: str) -> None:
    expression = f"(?P<x>{first})(?P<y>{second})"
    try:
        regex = Regex(expression)
    except RegexError:
        # It repeats what may be empty, on which engines differ.
        reject()
    expected = re.search(expression, text, re.ASCII)
    found = regex.groups(text)
    assert found == (expected and {name: one or "" for name, one in expected.groupdict().items()})
