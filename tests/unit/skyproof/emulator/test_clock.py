"""The clock: what is due happens, in order, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.clock import MOST_AT_ONCE, Clock, ClockError

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    clock.set(MONDAY, "manual")
    yield clock
    clock.close()


def test_a_manual_clock_stands(clock: Clock) -> None:
    assert (clock.now(), clock.now()) == (MONDAY, MONDAY)


def test_an_event_happens_at_its_time_and_the_clock_then_goes_on(clock: Clock) -> None:
    seen: list[datetime] = []
    clock.after(90, "look", lambda: seen.append(clock.now()))

    assert clock.advance(89) == 0
    assert clock.advance(11) == 1

    assert seen == [MONDAY + timedelta(seconds=90)]
    assert clock.now() == MONDAY + timedelta(seconds=100)


def test_what_is_due_at_once_happens_in_the_order_of_its_entry(clock: Clock) -> None:
    seen: list[int] = []
    for number in range(5):
        clock.after(1, "note", partial(seen.append, number))

    clock.advance(1)

    assert seen == [0, 1, 2, 3, 4]


def test_what_an_event_causes_happens_in_the_same_advance(clock: Clock) -> None:
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        clock.soon("second", lambda: seen.append("second"))
        clock.after(3600, "later", lambda: seen.append("later"))

    clock.after(10, "first", first)

    assert clock.advance(20) == 2
    assert seen == ["first", "second"]


def test_what_lies_in_the_past_happens_next(clock: Clock) -> None:
    seen: list[datetime] = []
    clock.at(MONDAY - timedelta(days=1), "late", lambda: seen.append(clock.now()))

    clock.advance(0)

    assert seen == [MONDAY]


def test_a_cancelled_event_does_not_happen(clock: Clock) -> None:
    seen: list[str] = []
    event = clock.after(1, "never", lambda: seen.append("never"))
    event.cancel()

    assert clock.advance(5) == 0
    assert (seen, clock.pending) == ([], [])


def test_an_event_that_fails_stops_no_other(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    clock.after(1, "trouble", lambda: seen.append(seen[7]))
    clock.after(2, "other", lambda: seen.append("other"))

    assert clock.advance(5) == 2

    assert seen == ["other"]
    assert "trouble failed" in caplog.text


def test_setting_the_time_moves_what_waits_along(clock: Clock) -> None:
    seen: list[datetime] = []
    clock.after(60, "look", lambda: seen.append(clock.now()))
    year_later = MONDAY + timedelta(days=365)

    clock.set(year_later)
    clock.advance(60)

    assert seen == [year_later + timedelta(seconds=60)]


def test_setting_the_time_asks_what_keeps_to_full_hours(clock: Clock) -> None:
    seen: list[datetime] = []

    def next_hour(now: datetime) -> datetime:
        return now.replace(minute=0, second=0) + timedelta(hours=1)

    clock.at(next_hour(clock.now()), "hourly", lambda: seen.append(clock.now()), next_hour)

    clock.set(MONDAY + timedelta(days=3, minutes=17))
    clock.advance(3600)

    assert seen == [MONDAY + timedelta(days=3, hours=1)]


def test_the_process_sees_the_time_of_the_clock_until_it_is_closed() -> None:
    before = datetime.now(UTC)
    clock = Clock()
    clock.set(MONDAY, "manual")
    try:
        assert datetime.now(UTC) == MONDAY
    finally:
        clock.close()

    assert datetime.now(UTC) >= before


def test_a_real_clock_can_be_set_and_then_goes_on() -> None:
    clock = Clock()
    try:
        clock.set(MONDAY)

        assert MONDAY <= clock.now() < MONDAY + timedelta(minutes=1)
        assert clock.mode == "real"
    finally:
        clock.close()


def test_a_real_clock_does_what_is_due_by_itself() -> None:
    clock, done = Clock(), threading.Event()
    try:
        clock.after(0.01, "signal", done.set)

        assert done.wait(10)
    finally:
        clock.close()


def test_a_clock_made_real_goes_on_with_what_waited(clock: Clock) -> None:
    done = threading.Event()
    clock.soon("signal", done.set)

    clock.set(mode="real")

    assert done.wait(10)


def test_a_real_clock_is_not_advanced() -> None:
    with pytest.raises(ClockError, match="goes by itself"):
        Clock().advance(1)


def test_time_does_not_run_backwards(clock: Clock) -> None:
    with pytest.raises(ClockError, match="does not run backwards: seconds is -1"):
        clock.advance(-1)


def test_events_that_cause_one_another_without_end_are_reported(clock: Clock) -> None:
    def again() -> None:
        clock.soon("echo", again)

    again()

    with pytest.raises(ClockError, match=f"more than {MOST_AT_ONCE} events .* 'echo'"):
        clock.advance(1)


def test_an_idle_year_costs_nothing(clock: Clock) -> None:
    assert clock.advance(450 * 86_400) == 0
    assert clock.now() == MONDAY + timedelta(days=450)


@given(delays=st.lists(st.integers(0, 50), max_size=30), steps=st.lists(st.integers(0, 20)))
def test_events_happen_in_order_of_time_then_entry_however_time_is_cut(
    delays: list[int], steps: list[int]
) -> None:
    clock = Clock()
    clock.set(MONDAY, "manual")
    try:
        seen: list[tuple[float, int]] = []

        def note(number: int) -> None:
            seen.append(((clock.now() - MONDAY).total_seconds(), number))

        for number, delay in enumerate(delays):
            clock.after(delay, "note", partial(note, number))
        for step in steps:
            clock.advance(step)
        clock.advance(50)

        assert seen == sorted((float(delay), number) for number, delay in enumerate(delays))
    finally:
        clock.close()


def test_what_is_last_happens_after_all_that_comes_of_the_moment(clock: Clock) -> None:
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        clock.last("last", lambda: seen.append("last"))
        clock.last("very last", lambda: seen.append("very last"))
        clock.soon("second", second)

    def second() -> None:
        seen.append("second")
        clock.soon("third", lambda: seen.append("third"))

    clock.after(1, "first", first)
    clock.after(1.5, "later", lambda: seen.append("later"))

    clock.advance(2)

    assert seen == ["first", "second", "third", "last", "very last", "later"]
