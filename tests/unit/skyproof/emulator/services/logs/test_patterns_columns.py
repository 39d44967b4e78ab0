"""Space-delimited filter patterns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-term-space-delimited-log-events
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.patterns import PatternError, parse
from skyproof.emulator.services.logs.patterns.columns import fields_of

GET = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
APACHE = [
    '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
    '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
    '127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.gif HTTP/1.0" 200 4355',
]
TOP = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200"
CHILD = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"
WARNING = "WARNING 09/25/2014 12:00:02 Invalid user request"
ERROR = "ERROR 09/25/2014 12:00:02 Failed to process request"
ORDERED = [TOP, CHILD, WARNING, ERROR]


def matching(pattern: str, messages: list[str]) -> list[str]:
    parsed = parse(pattern)
    return [message for message in messages if parsed.match(message)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, "
        "bytes]",
        "[..., request =*.html*, status_code = 4*, bytes]",
        "[ip, user, username, timestamp, request =*.html*, "
        "status_code = 404 || status_code = 410, bytes]",
        "[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]",
        "[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]",
        "[ip, user, ..., status_code, bytes]",
        "[ip, user, ...]",
    ],
)
def test_the_documented_examples_match_the_documented_event(pattern: str) -> None:
    assert parse(pattern).match(GET)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[w1=ERROR, w2]", [ERROR]),
        ("[w1=ERROR || w1=WARNING, w2]", [WARNING, ERROR]),
        ("[w1!=ERROR && w1!=WARNING, w2]", [TOP, CHILD]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", [TOP]),
        (
            "[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, "
            "response_time]",
            [CHILD],
        ),
    ],
)
def test_the_documented_order_of_terms_matches_as_documented(
    pattern: str, matches: list[str]
) -> None:
    assert matching(pattern, ORDERED) == matches


@pytest.mark.parametrize(
    ("column", "matches"),
    [
        ("bytes > 1534", APACHE[1:]),
        ("bytes >= 1534", APACHE),
        ("bytes < 1534", []),
        ("bytes <= 1534.0", APACHE[:1]),
        ("bytes = 1.534e3", APACHE[:1]),
        ("bytes != 1534", APACHE[1:]),
        ('bytes = "1534"', APACHE[:1]),
        ("(bytes = 1* || bytes = 5*) && bytes != *4", []),
        ("bytes = 1* || bytes = 5* && bytes != *4", APACHE[:1]),
    ],
)
def test_a_column_compares_as_a_number_or_as_text(column: str, matches: list[str]) -> None:
    assert matching(f"[..., {column}]", APACHE) == matches


def test_a_column_of_text_has_no_order() -> None:
    assert matching("[a > 1, b]", ["x 1"]) == []


def test_the_extracted_values_are_the_documented_ones() -> None:
    match = parse("[..., request=*.html*, status_code=4*,]").match(
        '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
    )
    assert match is not None
    assert match.columns == {
        "$status_code": "404",
        "$request": "GET /index.html HTTP/1.0",
        "$7": "1534",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$3": "frank",
        "$2": "-",
        "$1": "127.0.0.1",
    }
    assert match.value("$status_code") == "404"
    assert match.value("$bytes") is None
    assert match.value("$.bytes") is None


@pytest.mark.parametrize(
    ("message", "texts"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ('[a b] "c d" [] ""', ["a b", "c d", "", ""]),
        ('["a] b"', ['"a', 'b"']),
        ("[a b", ["[a", "b"]),
        ("[ERROR]: it", ["[ERROR]:", "it"]),
        ('a"b c"', ['a"b', 'c"']),
        ("", []),
    ],
)
def test_brackets_and_quotation_marks_make_one_field(message: str, texts: list[str]) -> None:
    assert [field.text for field in fields_of(message)] == texts


def test_the_last_column_is_all_the_rest() -> None:
    match = parse("[level, text]").match('ERROR it "is" broken')
    assert match is not None
    assert match.columns == {"$level": "ERROR", "$text": 'it "is" broken'}
    assert matching("[text=*broken*]", [ERROR, "all is broken now"]) == ["all is broken now"]


@pytest.mark.parametrize("pattern", ["[a, b, c]", "[a, b, c, ...]", "[a, ..., b, c]"])
def test_a_message_with_too_few_fields_does_not_match(pattern: str) -> None:
    assert matching(pattern, ["1 2", "1 2 3"]) == ["1 2 3"]


@pytest.mark.parametrize(
    ("pattern", "at", "problem"),
    [
        ("[a, b", 5, "the end where ',', '&&', '||' or ']'"),
        ("[a, b] c", 7, "'c' where the end"),
        ("[a b]", 3, "'b' where an operator"),
        ("[a, ..., b, ...]", 12, "more than one ellipsis"),
        ("[a, b, a]", 7, "'a' is there twice"),
        ("[a = 1 && b = 2]", 10, "'b' in the condition of the column 'a'"),
        ("[a = !ERROR]", 5, "'!' where a text"),
        ("[a > b]", 5, "'>' compares with numbers only"),
        ("[(a = 1, b]", 7, "',' where ')'"),
        ("[= 1]", 1, "'=' where the name of a column"),
        ("[a=%a%, b=%b%, c=%c%]", 17, "more than 2 regular expressions"),
    ],
)
def test_a_malformed_pattern_is_refused_with_what_is_wrong_and_where(
    pattern: str, at: int, problem: str
) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert problem in str(refused.value)
    assert refused.value.at == at


@given(st.lists(st.text("ab1", min_size=1), min_size=1, max_size=6), st.integers(0, 6))
def test_an_ellipsis_stands_for_any_number_of_fields(fields: list[str], split: int) -> None:
    split = min(split, len(fields))
    left = [f'c{i}="{text}"' for i, text in enumerate(fields[:split])]
    right = [f'd{i}="{text}"' for i, text in enumerate(fields[split:])]
    pattern = parse(f"[{', '.join([*left, '...', *right])}]")
    assert pattern.match(" ".join(fields))
    assert pattern.match(" ".join([*fields[:split], "x", "y", *fields[split:]]))
