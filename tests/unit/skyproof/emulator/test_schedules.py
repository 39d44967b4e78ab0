"""Schedule expressions: the documented ones, the refused ones, and a naive matcher beside them.

* https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
* https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.schedules import At, Once, Rate, ScheduleError, parse

MINUTE = timedelta(minutes=1)
# To the second, in three years from 2022 on.
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(
    lambda seconds: datetime(2022, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(expression: str, after: str, count: int, timezone: str = "UTC") -> list[str]:
    """When a schedule is due, in UTC."""
    schedule, moment = parse(expression, timezone), utc(after)
    found = []
    for _ in range(count):
        due = schedule.next_after(moment)
        if due is None:
            break
        found.append(f"{due:%Y-%m-%d %H:%M}")
        moment = due
    return found


# 2023-01-01 is a Sunday.
@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("cron(0 10 * * ? *)", ["2023-01-01 10:00", "2023-01-02 10:00"]),
        ("cron(15 12 * * ? *)", ["2023-01-01 12:15", "2023-01-02 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2023-01-02 18:00", "2023-01-03 18:00"]),
        ("cron(0 8 1 * ? *)", ["2023-01-01 08:00", "2023-02-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["2023-01-01 00:15", "2023-01-01 00:30"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2023-01-02 00:00", "2023-01-02 00:10"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2023-01-02 08:00", "2023-01-02 08:05"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", ["2023-01-02 00:00", "2023-01-02 00:30"]),
        ("cron(0 12 * * ? *)", ["2023-01-01 12:00", "2023-01-02 12:00"]),
        ("cron(5,35 14 * * ? *)", ["2023-01-01 14:05", "2023-01-01 14:35"]),
        ("cron(15 10 ? * 6L 2019-2023)", ["2023-01-27 10:15", "2023-02-24 10:15"]),
        ("cron(0 2 ? * SAT#3 *)", ["2023-01-21 02:00", "2023-02-18 02:00"]),
        # "3#2 would be the second Tuesday of the month", "1/10 … the 11th, 21st, and 31st minute"
        ("cron(0 0 ? * 3#2 *)", ["2023-01-10 00:00", "2023-02-14 00:00"]),
        ("cron(1/10 0 1 1 ? *)", ["2023-01-01 00:01", "2023-01-01 00:11"]),
        # "3W specifies the weekday closest to the third day of the month"
        ("cron(0 0 3W * ? *)", ["2023-01-03 00:00", "2023-02-03 00:00"]),
        ("cron(0 0 L * ? *)", ["2023-01-31 00:00", "2023-02-28 00:00"]),
        ("cron(0 0 ? * 1 *)", ["2023-01-08 00:00", "2023-01-15 00:00"]),
        ("cron(0 0 ? * SUN *)", ["2023-01-08 00:00", "2023-01-15 00:00"]),
        ("cron(0 0 ? * 7 *)", ["2023-01-07 00:00", "2023-01-14 00:00"]),
        # "the last day of the … week"
        ("cron(0 0 ? * L *)", ["2023-01-07 00:00", "2023-01-14 00:00"]),
        ("cron(0 0 ? * FRI-MON *)", ["2023-01-02 00:00", "2023-01-06 00:00"]),
        ("cron(0 0 1 NOV-FEB ? *)", ["2023-02-01 00:00", "2023-11-01 00:00"]),
        ("cron(0 0 1 JAN,FEB,MAR ? *)", ["2023-02-01 00:00", "2023-03-01 00:00"]),
        ("cron(0 0 29 2 ? *)", ["2024-02-29 00:00", "2028-02-29 00:00"]),
        ("cron(0 0 LW * ? *)", ["2023-01-31 00:00", "2023-02-28 00:00"]),
        ("cron(0 0 1 1 ? 2030/5)", ["2030-01-01 00:00", "2035-01-01 00:00"]),
        ("cron(0 0 1 1 ? 2199)", ["2199-01-01 00:00"]),
        ("cron(0 0 1 1 ? 2022)", []),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 0 31W 2 ? *)", []),
    ],
)
def test_a_cron_expression_is_due(expression: str, due: list[str]) -> None:
    assert times(expression, "2023-01-01", 2) == due


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("1W", "2023-01-02"),  # a Sunday: the Saturday before is in another month
        ("7W", "2023-01-06"),  # a Saturday
        ("8W", "2023-01-09"),  # a Sunday
        ("10W", "2023-01-10"),
    ],
)
def test_w_is_the_nearest_weekday_of_the_same_month(day: str, due: str) -> None:
    assert times(f"cron(0 0 {day} 1 ? 2023)", "2022-12-31", 3) == [f"{due} 00:00"]


def test_w_does_not_leave_the_month_at_its_end() -> None:
    assert times("cron(0 0 30W 4 ? 2023)", "2023-04-01", 3) == ["2023-04-28 00:00"]


def test_w_of_a_first_that_is_a_saturday_is_the_monday() -> None:
    assert times("cron(0 0 1W 7 ? 2023)", "2023-06-30", 3) == ["2023-07-03 00:00"]


def test_seconds_count_in_strictly_after() -> None:
    schedule = parse("cron(0 10 * * ? *)")
    assert schedule.next_after(utc("2023-01-01T09:59:59")) == utc("2023-01-01T10:00:00")
    assert schedule.next_after(utc("2023-01-01T10:00:00")) == utc("2023-01-02T10:00:00")
    assert schedule.next_after(utc("2023-01-01T10:00:01")) == utc("2023-01-02T10:00:00")


class TestTimeZones:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#time-zones"""

    def test_cron_is_meant_in_the_time_zone(self) -> None:
        due = times("cron(0 8 * * ? *)", "2022-11-05", 3, "America/New_York")
        assert due == ["2022-11-05 12:00", "2022-11-06 13:00", "2022-11-07 13:00"]

    def test_a_time_that_spring_leaves_out_is_skipped(self) -> None:
        due = times("cron(30 2 * * ? *)", "2022-03-12T08:00", 2, "America/New_York")
        assert due == ["2022-03-14 06:30", "2022-03-15 06:30"]

    def test_a_time_that_autumn_repeats_is_due_once(self) -> None:
        due = times("cron(30 1 * * ? *)", "2022-11-06", 2, "America/New_York")
        assert due == ["2022-11-06 05:30", "2022-11-07 06:30"]

    def test_nothing_is_due_in_the_repeated_hour(self) -> None:
        due = times("cron(0/30 * * * ? *)", "2022-11-06T05:00", 2, "America/New_York")
        assert due == ["2022-11-06 05:30", "2022-11-06 07:00"]

    def test_at_is_meant_in_the_time_zone(self) -> None:
        schedule = parse("at(2022-11-20T13:00:00)", "America/Los_Angeles")
        assert schedule == At(utc("2022-11-20T21:00:00"))

    @pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd", "a\0b"])
    def test_an_unknown_one_is_refused(self, name: str) -> None:
        with pytest.raises(ScheduleError, match="unknown time zone"):
            parse("cron(0 8 * * ? *)", name)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ScheduleError, match="out of range"):
        parse("at(9999-12-31T23:00:00)", "America/New_York")


def test_at_is_due_once() -> None:
    schedule = parse("at(2022-11-20T13:00:00)")
    due = utc("2022-11-20T13:00:00")
    assert schedule.next_after(due - timedelta(seconds=1)) == due
    assert schedule.next_after(due) is None


@pytest.mark.parametrize(
    ("expression", "every"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(5 minutes)", timedelta(minutes=5)),
        ("rate(1 hour)", timedelta(hours=1)),
        ("rate(36 hours)", timedelta(hours=36)),
        ("rate(1 day)", timedelta(days=1)),
        ("rate(14 days)", timedelta(days=14)),
    ],
)
def test_a_rate_is_a_number_and_a_unit(expression: str, every: timedelta) -> None:
    assert parse(expression) == Rate(every)


@given(
    number=st.integers(2, 1000),
    anchor=MOMENTS,
    since=st.timedeltas(timedelta(0), timedelta(days=100)),
)
def test_a_rate_counts_from_its_anchor(number: int, anchor: datetime, since: timedelta) -> None:
    due = parse(f"rate({number} minutes)").next_after(anchor + since, anchor=anchor)
    assert due is not None
    assert timedelta(0) < due - (anchor + since) <= number * MINUTE
    assert (due - anchor) % (number * MINUTE) == timedelta(0)


def test_a_rate_begins_with_an_anchor_that_is_to_come() -> None:
    anchor = utc("2023-01-01")
    assert parse("rate(1 hour)").next_after(anchor - timedelta(days=9), anchor=anchor) == anchor


def test_a_rate_needs_an_anchor() -> None:
    with pytest.raises(ValueError, match="anchor"):
        parse("rate(1 hour)").next_after(utc("2023-01-01"))


def test_a_rate_beyond_all_calendars_is_not_due() -> None:
    now = utc("2023-01-01")
    assert parse("rate(999999999 days)").next_after(now, anchor=now) is None


@pytest.mark.parametrize(
    "expression", ["rate(1 hour)", "cron(0 8 * * ? *)", "at(2022-11-20T13:00:00)"]
)
def test_a_moment_without_a_time_zone_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        parse(expression).next_after(datetime(2023, 1, 1), anchor=utc("2023-01-01"))  # noqa: DTZ001


@pytest.mark.parametrize("expression", ["rate(0 minute)", "rate(0 hour)"])
def test_a_rate_of_zero_is_once_where_it_is_allowed(expression: str) -> None:
    """…/monitoring/CloudWatch_Synthetics_Canaries_cron.html"""
    schedule = parse(expression, allow_zero=True)
    assert schedule == Once()
    assert schedule.next_after(utc("2023-01-01")) is None
    with pytest.raises(ScheduleError, match="positive"):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    [
        # Recorded from PutRule.
        "rate(10 seconds)",
        "rate(10 years)",
        "rate(1 minutes)",
        "rate(1 hours)",
        "rate(1 days)",
        "rate(10 minute)",
        "rate(10 hour)",
        "rate(10 day)",
        "rate()",
        "rate(10)",
        "rate(10 minutess)",
        "rate(foo minutes)",
        "rate(0 minutes)",
        "rate(-10 minutes)",
        "rate(10 MINUTES)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)",
        # From the fields' table and its notes.
        "cron(0 10 * * ?)",
        "cron(0 10 * * ? * *)",
        "cron(0 10 ? * ? *)",
        "cron(? 10 * * ? *)",
        "cron(0 10 1 ? ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 0 * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 * * ? 1969)",
        "cron(0 10 * * ? 2200)",
        "cron(0 10 * * ? 2030-2029)",
        "cron(0/0 10 * * ? *)",
        "cron(0/ 10 * * ? *)",
        "cron(0/-1 10 * * ? *)",
        "cron(0,, 10 * * ? *)",
        "cron(1-2-3 10 * * ? *)",
        "cron(0 10 ? * 2/2 *)",
        "cron(0 10 ? * 3#1,6#3 *)",
        "cron(0 10 ? * 3#6 *)",
        "cron(0 10 ? * 2L,3L *)",
        "cron(0 10 1W,15W * ? *)",
        "cron(0 10 32W * ? *)",
        "cron(0 10 3L * ? *)",
        "cron(0 10 W * ? *)",
        "cron(٣ 10 * * ? *)",
        "at(2022-11-20)",
        "at(2022-11-20T13:00)",
        "at(2022-11-20T13:00:00Z)",
        "at(2022-02-30T13:00:00)",
        "at(0000-01-01T00:00:00)",
        "every(5 minutes)",
        "",
        "rate(1 minute)\n",
        f"cron({'0,' * 200}0 10 * * ? *)",
    ],
)
def test_what_aws_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleError):
        parse(expression)


def test_a_refusal_names_the_expression_and_the_reason() -> None:
    with pytest.raises(ScheduleError) as refusal:
        parse("cron(0 25 * * ? *)")
    assert str(refusal.value) == "'cron(0 25 * * ? *)' is not valid: '25' is no hour"


# A naive matcher, minute by minute --------------------------------------------------------------


def matches(expression: str, moment: datetime) -> bool:
    """Whether a minute is named; entries are numbers, ranges, increments, L, W and #."""
    minute, hour, day, month, weekday, year = expression[5:-1].split()
    sunday_is_1 = moment.isoweekday() % 7 + 1
    return (
        named(minute, moment.minute, 59)
        and named(hour, moment.hour, 23)
        and day_named(day, moment)
        and named(month, moment.month, 12)
        and weekday_named(weekday, sunday_is_1, moment)
        and named(year, moment.year, 2199)
    )


def named(field: str, value: int, high: int) -> bool:
    if field in ("*", "?"):
        return True
    for entry in field.split(","):
        span, _, step = entry.partition("/")
        first, _, last = span.partition("-")
        end = int(last) if last else high if step else int(first)
        if value in range(int(first), end + 1, int(step or 1)):
            return True
    return False


def day_named(field: str, moment: datetime) -> bool:
    last = monthrange(moment.year, moment.month)[1]
    if field == "L":
        return moment.day == last
    if field.endswith("W"):
        wanted = int(field[:-1])
        weekdays = [day for day in range(1, last + 1) if moment.replace(day=day).isoweekday() < 6]
        return wanted <= last and moment.day == min(weekdays, key=lambda day: abs(day - wanted))
    return named(field, moment.day, 31)


def weekday_named(field: str, weekday: int, moment: datetime) -> bool:
    if field.endswith("L"):
        last = monthrange(moment.year, moment.month)[1]
        return weekday == int(field[:-1]) and moment.day + 7 > last
    if "#" in field:
        wanted, which = map(int, field.split("#"))
        return weekday == wanted and (moment.day - 1) // 7 + 1 == which
    return named(field, weekday, 7)


def fields(low: int, high: int, *, increments: bool = True) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    spans = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    entries = number.map(str) | spans
    if increments:
        entries |= st.builds(lambda span, step: f"{span}/{step}", entries, st.integers(1, high))
    return st.just("*") | st.lists(entries, min_size=1, max_size=3).map(",".join)


DAYS = fields(1, 31) | st.just("L") | st.integers(1, 31).map(lambda day: f"{day}W")
WEEKDAYS = (
    fields(1, 7, increments=False)
    | st.integers(1, 7).map(lambda day: f"{day}L")
    | st.builds(lambda day, which: f"{day}#{which}", st.integers(1, 7), st.integers(1, 5))
)
DAY_AND_WEEKDAY = st.tuples(DAYS, st.just("?")) | st.tuples(st.just("?"), WEEKDAYS)


def check_next(expression: str, moment: datetime, step: timedelta, count: int) -> None:
    """What is due next matches, and of so many steps before it none does."""
    due = parse(expression).next_after(moment)
    each = moment.replace(minute=0, hour=0, second=0, microsecond=0)
    while each <= moment:
        each += step
    for _ in range(count):
        if due is not None and each >= due:
            break
        assert not matches(expression, each)
        each += step
    if due is not None:
        assert due > moment
        assert due.second == due.microsecond == 0
        assert matches(expression, due)


@settings(max_examples=60)
@given(minute=fields(0, 59), hour=fields(0, 23), day=DAY_AND_WEEKDAY, moment=MOMENTS)
def test_no_minute_of_half_a_day_is_skipped(
    minute: str, hour: str, day: tuple[str, str], moment: datetime
) -> None:
    expression = f"cron({minute} {hour} {day[0]} * {day[1]} *)"
    check_next(expression, moment, timedelta(minutes=1), 12 * 60)


@given(
    day=DAY_AND_WEEKDAY,
    month=fields(1, 12),
    year=st.sampled_from(["*", "2023", "2022-2024", "2023/2", "2024,2026"]),
    moment=MOMENTS,
)
def test_no_day_of_a_year_is_skipped(
    day: tuple[str, str], month: str, year: str, moment: datetime
) -> None:
    expression = f"cron(0 0 {day[0]} {month} {day[1]} {year})"
    check_next(expression, moment, timedelta(days=1), 366)


@given(
    minute=fields(0, 59),
    hour=fields(0, 23),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"]),
    moment=MOMENTS,
)
def test_in_any_time_zone_local_times_match_and_go_on(
    minute: str, hour: str, zone: str, moment: datetime
) -> None:
    expression = f"cron({minute} {hour} * * ? *)"
    schedule = parse(expression, zone)
    for _ in range(5):
        due = schedule.next_after(moment)
        assert due is not None
        assert due > moment
        assert matches(expression, due.astimezone(ZoneInfo(zone)))
        moment = due
