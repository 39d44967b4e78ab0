"""The regular expressions of filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.patterns import PatternError, parse
from skyproof.emulator.services.logs.patterns.regex import Regex


@pytest.mark.parametrize(
    ("expression", "yes", "no"),
    [
        ("^[hc]at", ["hat", "cat", "cats"], ["that", "bat"]),
        ("[hc]at$", ["hat", "that", "cat"], ["hats"]),
        ("colou?r", ["color", "colour"], ["colouur"]),
        ("[abc]", ["a", "xb", "c"], ["d"]),
        ("[a-z]", ["a", "m", "z"], ["A", "5"]),
        ("[abcx-z]", ["a", "b", "c", "x", "y", "z"], ["d", "w"]),
        ("^a{3,5}$", ["aaa", "aaaa", "aaaaa"], ["aa", "aaaaaa"]),
        ("^a{3,}$", ["aaa", "aaaaaaaa"], ["aa"]),
        ("^a{,3}$", ["", "aaa"], ["aaaa"]),
        ("^a{3}$", ["aaa"], ["aa", "aaaa"]),
        ("gra|ey", ["gray", "grey"], ["gry"]),
        (
            "^starting|^initializing|^shutting down",
            ["starting ...", "initializing ...", "shutting down"],
            ["skipping initializing ..."],
        ),
        ("abcc|ab[^c]$", ["abcc ...", "... aba"], ["aac ...", "abc"]),
        (r"\[.\]", ["[a]", "[b]", "[7]", "[@]", "[]]", "[ ]"], ["[]", "a"]),
        (r"10\.10\.0\.1", ["10.10.0.1"], ["10010,051"]),
        ("10.10.0.1", ["10.10.0.1", "10010,051"], ["10.10.0"]),
        ("ab*c", ["ac", "abc", "abbbc"], ["ab"]),
        ("ab[0-9]*", ["ab", "ab0", "ab129"], ["a"]),
        ("ab+c", ["abc", "abbc", "abbbc"], ["ac"]),
        (".at", ["hat", "cat", "bat", "4at", "#at", " at"], ["at"]),
        (r"^\d$", ["5"], ["a", "٣"]),
        (r"^\D$", ["a", "ü"], ["5"]),
        (r"^\s$", ["\t", " ", "\n"], ["a"]),
        (r"^\S$", ["a"], [" "]),
        (r"^\w$", ["a", "Z", "_", "0"], ["-", "ü"]),
        (r"^\W$", ["-", "ü"], ["_"]),
        (r"\x3A", [":"], ["3A"]),
        (r"\x28", ["("], ["28"]),
        (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", ["from 10.0.0.1 on"], ["10.0.0"]),
        ("[Ee]rror|[Ff]ail", ["Error", "a failure"], ["ERROR"]),
        (r"^[^\d.-]+$", ["abc"], ["a1", "a.", "a-"]),
        ("^$", [""], ["a", "\n"]),
        ("a|", ["", "b"], []),
    ],
)
def test_an_expression_matches_as_documented(
    expression: str, yes: list[str], no: list[str]
) -> None:
    regex = Regex(expression)
    assert [text for text in [*yes, *no] if regex.search(text)] == yes


@pytest.mark.parametrize(
    ("pattern", "at", "problem"),
    [
        ("%something!%", 10, "'!' is not supported"),
        ("%(a)%", 1, "'(' is not supported"),
        ("%aü%", 2, "'ü' is not supported"),
        ("%a++%", 3, "'+' has no character before it to repeat"),
        ("%a*?%", 3, "'?' has no character before it to repeat"),
        ("%a{2}{3}%", 5, "'{' has no character before it to repeat"),
        ("%*a%", 1, "'*' has no character before it to repeat"),
        ("%^*%", 2, "'*' has no character before it to repeat"),
        ("%a{5,3}%", 2, "wrong way round"),
        ("%a{,}%", 2, "'{' has no character"),
        ("%a{9999}%", 2, "repeats more than 1000 times"),
        (r"%\b%", 2, r"'\b' is not supported"),
        (r"%\xFF%", 2, r"'\x' is not supported"),
        (r"%\1%", 2, r"'\1' is not supported"),
        ("%[a%", 1, "'[' is not closed"),
        ("%[]a]%", 2, "']' is not supported"),
        ("%[z-a]%", 3, "'-' is not between two characters in order"),
        (r"%[a-\d]%", 3, "'-' is not between two characters in order"),
        ("%a]%", 2, "']' is not supported"),
        ("%%", 1, "the regular expression is empty"),
    ],
)
def test_what_is_not_documented_is_refused(pattern: str, at: int, problem: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert problem in str(refused.value)
    assert refused.value.at == at


@pytest.mark.parametrize(
    "expression", ["a.*a.*a.*a.*a.*b", r"\w+\w+\w+\w+$", "a?" * 30 + "a" * 30 + "b", "[ab]*a.{12}b"]
)
def test_no_expression_takes_long_on_a_long_message(expression: str) -> None:
    assert not Regex(expression).search("a" * 20_000 + "-")


characters = st.sampled_from(["a", "b", "-", r"\d", r"\W", ".", "[ab]", "[^a]", r"[^\w]", "[a-]"])
quantifiers = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "{,2}"])
parts = st.one_of(st.builds(str.__add__, characters, quantifiers), st.sampled_from(["^", "$", "|"]))
expressions = st.lists(parts, min_size=1, max_size=6).map("".join)


@given(expressions, st.text("ab1- \nü", max_size=8))
def test_the_subset_means_what_it_means_in_python(expression: str, text: str) -> None:
    """Except that ``$`` is the very end, also after a line feed."""
    python = re.sub(r"\$", r"\\Z", expression)
    expected = re.search(python, text, re.ASCII | re.DOTALL) is not None
    assert Regex(expression).search(text) is expected
