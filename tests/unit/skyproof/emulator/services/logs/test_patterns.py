"""Filter patterns of terms, and what all patterns have in common.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.patterns import PatternError, parse

BAD_REQUEST = "[ERROR 400] BAD REQUEST"
UNAUTHORIZED = "[ERROR 401] UNAUTHORIZED REQUEST"
MISSING = "[ERROR 419] MISSING ARGUMENTS"
INVALID = "[ERROR 420] INVALID ARGUMENTS"
INTERNAL = "[ERROR 500] INTERNAL SERVER ERROR"
ERRORS = [BAD_REQUEST, UNAUTHORIZED, MISSING, INVALID]

INFO = "[INFO] REQUEST FAILED"
BOTH = "ERROR WARN message"
ERROR = "ERROR message"
WARN = "WARN message"


def matching(pattern: str, messages: list[str]) -> list[str]:
    parsed = parse(pattern)
    return [message for message in messages if parsed.match(message)]


@pytest.mark.parametrize(
    ("pattern", "messages", "matches"),
    [
        ("ERROR", ERRORS, ERRORS),
        ("ERROR ARGUMENTS", ERRORS, [MISSING, INVALID]),
        ("?ERROR ?ARGUMENTS", ERRORS, ERRORS),
        ('"INTERNAL SERVER ERROR"', [*ERRORS, INTERNAL], [INTERNAL]),
        ("ERROR -ARGUMENTS", ERRORS, [BAD_REQUEST, UNAUTHORIZED]),
        ('" "', [*ERRORS, "word"], [*ERRORS, "word"]),
        ("%AUTHORIZED%", [*ERRORS, "[SUCCESS 200] AUTHORIZED REQUEST"], [
            UNAUTHORIZED, "[SUCCESS 200] AUTHORIZED REQUEST",
        ]),
        ("?ERROR ?ARGUMENTS REQUEST", [INFO, BAD_REQUEST, MISSING], [INFO, BAD_REQUEST]),
        ("ERROR", [BOTH, ERROR, WARN], [BOTH, ERROR]),
        ("?ERROR ?WARN", [BOTH, ERROR, WARN], [BOTH, ERROR, WARN]),
        ("ERROR WARN", [BOTH, ERROR, WARN], [BOTH]),
        ("ERROR -WARN", [BOTH, ERROR, WARN], [ERROR]),
        ('"ERROR" - "Exiting"', ["[ERROR] A fatal exception", "Exiting with ERRORCODE: -1"], [
            "[ERROR] A fatal exception",
        ]),
    ],
)  # fmt: skip
def test_the_documented_examples_match_as_documented(
    pattern: str, messages: list[str], matches: list[str]
) -> None:
    assert matching(pattern, messages) == matches


@pytest.mark.parametrize("message", ["", " ", "anything", '{"a": 1}'])
@pytest.mark.parametrize("pattern", ["", "  ", '""'])
def test_an_empty_pattern_matches_everything(pattern: str, message: str) -> None:
    assert parse(pattern).match(message)


def test_a_term_is_case_sensitive() -> None:
    assert matching("Error", ["Error", "ERROR", "error"]) == ["Error"]


def test_an_exclusion_alone_matches_all_other_messages() -> None:
    assert matching("-ERROR", [ERROR, WARN]) == [WARN]


def test_an_exclusion_too_makes_the_optional_terms_void() -> None:
    assert matching("?ERROR -WARN", [BOTH, ERROR, INFO]) == [ERROR, INFO]


def test_optional_terms_alone_need_one_of_them() -> None:
    assert matching("?ERROR ?WARN", [INFO]) == []


def test_quotation_marks_and_backslashes_in_a_phrase_are_escaped() -> None:
    assert matching(r'"say \"C:\\\""', [r'say "C:\"', "say C:"]) == [r'say "C:\"']


def test_a_match_of_terms_has_no_values() -> None:
    match = parse("ERROR").match(ERROR)
    assert match is not None
    assert (match.value("$.a"), match.value("$a")) == (None, None)


@pytest.mark.parametrize(
    ("pattern", "at", "problem"),
    [
        ("ERROR:", 5, "':' in a term"),
        ("a b-c", 3, "'-' in a term"),
        ("#a", 0, "'#' where a term"),
        ("a -", 3, "the end where a term"),
        ("a - !", 4, "'!' where a term"),
        ("?-a", 1, "'-' where a term"),
        ("ü", 0, "'ü' where a term"),
        ('a "b', 2, "quotation mark is not closed"),
        (r'"a\d"', 2, "may follow a backslash"),
        ("%a", 0, "not closed by '%'"),
        ("%a% b", 4, "a regular expression and terms"),
        ("b -%a%", 3, "a regular expression and terms"),
        ("a" * 1025, 1024, "longer than 1024 characters"),
    ],
)
def test_a_malformed_pattern_is_refused_with_what_is_wrong_and_where(
    pattern: str, at: int, problem: str
) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert refused.value.at == at
    assert f"at character {at}:" in str(refused.value)
    assert problem in str(refused.value)


texts = st.text('ab \\"-?%[{', max_size=6)


@given(texts.filter(str.strip), texts, texts)
def test_a_required_term_matches_exactly_the_messages_that_hold_it(
    term: str, message: str, more: str
) -> None:
    quoted = '"' + term.replace("\\", "\\\\").replace('"', '\\"') + '"'
    pattern = parse(quoted)
    assert bool(pattern.match(message)) == (term in message)
    assert pattern.match(message + term + more)


@given(st.text('{}[]()$.*%"\\ab1e+ =!<>&|,?-^ü', max_size=30))
def test_any_text_is_a_pattern_or_is_refused(text: str) -> None:
    with suppress(PatternError):
        parse(text).match(text)
