"""Schedule expressions of canaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.synthetics.schedule import (
    ONCE,
    Cron,
    Rate,
    ScheduleError,
    normalised,
    parse,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(60 minutes)", 3600),
        ("rate(1 hour)", 3600),
        ("rate(0 minute)", 0),
        ("rate(0 hour)", 0),
    ],
)
def test_a_rate_is_a_number_of_seconds(text: str, seconds: int) -> None:
    assert parse(text) == Rate(seconds)


@given(st.integers(2, 60))
def test_every_number_of_minutes_up_to_an_hour_is_a_rate(minutes: int) -> None:
    text = f"rate({minutes} minutes)"
    assert parse(text) == Rate(60 * minutes)
    assert normalised(text) == text


@pytest.mark.parametrize("text", ["rate(0 minute)", "rate(0 minutes)", "rate(0 hour)"])
def test_once_is_given_back_in_one_way(text: str) -> None:
    assert normalised(text) == ONCE


def test_a_cron_knows_the_values_of_each_field() -> None:
    assert parse("cron(0/15 8-10 ? JAN,MAR MON-FRI *)") == Cron(
        minutes=frozenset({0, 15, 30, 45}),
        hours=frozenset({8, 9, 10}),
        days=None,
        months=frozenset({1, 3}),
        weekdays=frozenset({2, 3, 4, 5, 6}),
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("*", None),
        ("*/20", {0, 20, 40}),
        ("5", {5}),
        ("50/5", {50, 55}),
        ("1-7/3", {1, 4, 7}),
        ("1,2,59", {1, 2, 59}),
    ],
)
def test_minutes_may_be_written_in_many_ways(field: str, expected: set[int] | None) -> None:
    parsed = parse(f"cron({field} * * * ? *)")
    assert isinstance(parsed, Cron)
    assert parsed.minutes == (None if expected is None else frozenset(expected))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("every minute", "neither rate"),
        ("rate(5 days)", "neither rate"),
        ("rate(1 minutes)", "it must be rate(1 minute)"),
        ("rate(5 minute)", "it must be rate(5 minutes)"),
        ("rate(61 minutes)", "between rate(1 minute) and rate(1 hour)"),
        ("cron(* * * * *)", "six fields"),
        ("cron(* * * * * *)", "exactly one of day-of-month and day-of-week"),
        ("cron(* * ? * ? *)", "exactly one of day-of-month and day-of-week"),
        ("cron(* * * * ? 2026)", "the year must be *"),
        ("cron(60 * * * ? *)", "60 is not within 0-59 for minutes"),
        ("cron(5-1 * * * ? *)", "the minutes 5-1 go backwards"),
        ("cron(1,, * * * ? *)", "nothing is not within 0-59 for minutes"),
        ("cron(* * * FOO ? *)", "FOO is not within 1-12 for month"),
        ("cron(*/0 * * * ? *)", "0 is not within 1-59 for minutes"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse(text)
    assert said in str(caught.value)
