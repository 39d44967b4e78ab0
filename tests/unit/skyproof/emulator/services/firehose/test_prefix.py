"""Prefixes are evaluated as their page says.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.firehose import prefix

#: "10:30 AM UTC on Aug 27, 2018", the time of the page's examples.
MOMENT = datetime(2018, 8, 27, 10, 30, 5, tzinfo=UTC)
ERROR = "!{firehose:error-output-type}"


def draw() -> str:
    return "5abf82daaa5"


@pytest.mark.parametrize(
    ("given", "evaluated"),
    [
        ("", "2018/08/27/10/"),
        ("myFirehosePrefix/", "myFirehosePrefix/2018/08/27/10/"),
        ("no-slash", "no-slash2018/08/27/10/"),
        ("!{timestamp:yyyy}", "2018"),
        (
            "myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}",
            "myFirehose/DeliveredYear=2018/anyMonth/rand=5abf82daaa5",
        ),
        (
            "myPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}"
            "/hour=!{timestamp:HH}/",
            "myPrefix/year=2018/month=08/day=27/hour=10/",
        ),
        ("!{timestamp:'year='yyyy'/month='MM'/'}", "year=2018/month=08/"),
    ],
)
def test_the_prefix_of_delivered_records_is_evaluated(given: str, evaluated: str) -> None:
    assert prefix.evaluate(given, MOMENT, draw) == evaluated


@pytest.mark.parametrize(
    ("given", "before", "evaluated"),
    [
        ("", "", "processing-failed/2018/08/27/10/"),
        ("", "myFirehosePrefix/", "myFirehosePrefix/processing-failed/2018/08/27/10/"),
        ("errors/", "data/", "errors/processing-failed/2018/08/27/10/"),
        (f"myFirehoseFailures/{ERROR}/", "", "myFirehoseFailures/processing-failed/"),
        (
            f"myPrefix/result={ERROR}/!{{timestamp:yyyy/MM/dd}}",
            "!{timestamp:yyyy}",
            "myPrefix/result=processing-failed/2018/08/27",
        ),
    ],
)
def test_the_prefix_of_failed_records_is_evaluated(given: str, before: str, evaluated: str) -> None:
    found = prefix.evaluate_error(given, before, "processing-failed", MOMENT, draw)
    assert found == evaluated


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("yyyy-MM-dd-HH-mm-ss", "2018-08-27-10-30-05"),
        ("yy/M/d/H/m/s", "18/8/27/10/30/5"),
        ("uuuuDDD", "2018239"),
        ("'T'HH", "T10"),
        ("'o''clock' ''", "o'clock '"),
    ],
)
def test_a_pattern_is_written_as_java_writes_it(pattern: str, written: str) -> None:
    assert prefix.format_time(pattern, MOMENT) == written


def test_each_random_string_is_a_new_one() -> None:
    drawn = iter(["a", "b"])
    text = "!{firehose:random-string}/!{firehose:random-string}"
    assert prefix.evaluate(text, MOMENT, lambda: next(drawn)) == "a/b"


@pytest.mark.parametrize(
    ("before", "error", "because"),
    [
        ("!{timestamp:yyyy/MM/dd}", "", "ErrorOutputPrefix cannot be null"),
        (ERROR, ERROR, "Prefix cannot contain"),
        ("", "e/!{timestamp:yyyy}", "at least one instance"),
        ("!{nothing:x}", ERROR, "is no expression"),
        ("!{firehose:x}", ERROR, "is no expression"),
        ("!{timestamp", ERROR, "can only appear in"),
        ("!{timestamp:'yyyy}", ERROR, "does not end"),
    ],
)
def test_prefixes_that_break_a_rule_are_refused(before: str, error: str, because: str) -> None:
    with pytest.raises(AwsError, match=because) as caught:
        prefix.check(before, error)
    assert caught.value.code == "InvalidArgumentException"


@pytest.mark.parametrize(
    "before",
    [
        "!{partitionKeyFromQuery:customer}",
        "!{timestamp:MMM}",
        "!{timestamp:yyyyy}",
        "!{timestamp:[yyyy]}",
    ],
)
def test_what_is_not_evaluated_here_is_named(before: str) -> None:
    with pytest.raises(AwsError) as caught:
        prefix.check(before, ERROR)
    assert caught.value.code == "NotImplemented"


@given(st.text(alphabet="!{}:'yMdHmsx/ T", max_size=40))
def test_a_prefix_that_is_accepted_can_be_evaluated(text: str) -> None:
    try:
        prefix.check(text, ERROR)
    except AwsError:
        return
    assert "!{" not in prefix.evaluate(text, MOMENT, draw) or "'" in text


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_default_prefix_has_four_parts_at_any_time(moment: datetime) -> None:
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\d\d/", prefix.evaluate("", moment, draw))
