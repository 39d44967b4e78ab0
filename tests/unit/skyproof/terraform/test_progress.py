"""Progress: counts, what is waited for, and where it is shown."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from skyproof.terraform.progress import LINE_EVERY_SECONDS, Display, Progress


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress("apply shop", now=clock)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def line(kind: str, address: str = "", action: str = "create", **members: Any) -> str:
    hook = {"resource": {"addr": address}, "action": action} if address else None
    return json.dumps({"type": kind, **({"hook": hook} if hook else {}), **members})


def summary(**changes: int) -> str:
    return line("change_summary", changes=changes)


def test_it_counts_done_of_total_and_names_the_longest_wait(
    progress: Progress, clock: Clock
) -> None:
    progress.read(summary(add=2, change=1, remove=0))
    progress.read(line("apply_start", "a.slow"))
    clock.seconds = 5
    progress.read(line("apply_start", "a.fast"))
    progress.read(line("apply_complete", "a.fast"))
    clock.seconds = 12
    assert str(progress) == "apply shop: 1/3 resources, 12 s, waits for a.slow"
    progress.read(line("apply_complete", "a.slow"))
    assert str(progress) == "apply shop: 2/3 resources, 12 s"


def test_what_failed_is_not_done_and_not_waited_for(progress: Progress) -> None:
    progress.read(line("apply_start", "a.bad"))
    progress.read(line("apply_errored", "a.bad"))
    assert str(progress) == "apply shop: 0 resources, 0 s"


def test_the_first_summary_is_the_plan_and_counts(progress: Progress) -> None:
    progress.read(summary(add=3, change=0, remove=0))
    progress.read(summary(add=1, change=0, remove=0))
    assert progress.total == 3


@pytest.mark.parametrize(
    "text", ["", "plain text", "[1]", "3", line("apply_start"), line("version"), '{"type": 7}']
)
def test_other_lines_are_passed_over(progress: Progress, text: str) -> None:
    progress.read(text)
    assert (progress.done, progress.total) == (0, 0)


def test_data_sources_do_not_count(progress: Progress) -> None:
    progress.read(line("apply_complete", "data.x", action="read"))
    assert progress.done == 0


def test_in_a_log_it_is_a_line_now_and_then_and_one_at_the_end(
    progress: Progress, clock: Clock
) -> None:
    stream = io.StringIO()
    with Display(stream).showing(progress) as take:
        take(summary(add=1, change=0, remove=0))
        clock.seconds = LINE_EVERY_SECONDS
        take(line("apply_start", "a.b"))
        take("x")
        clock.seconds += 1
        take(line("apply_complete", "a.b"))
    assert stream.getvalue().splitlines() == [
        "apply shop: 0/1 resources, 15 s, waits for a.b",
        "apply shop: 1/1 resources, 16 s",
    ]


def test_on_a_terminal_it_is_live_for_all_that_runs(clock: Clock) -> None:
    stream = Terminal()
    display = Display(stream)
    first, second = Progress("apply one", now=clock), Progress("apply two", now=clock)
    with display.showing(first), display.showing(second):
        assert str(display._render()) == "apply one: 0 resources, 0 s\napply two: 0 resources, 0 s"
    shown = stream.getvalue()
    assert shown.index("apply two: 0 resources") < shown.rindex("apply one: 0 resources")


def test_a_dumb_terminal_gets_lines(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    with Display(stream).showing(progress):
        pass
    assert stream.getvalue() == "apply shop: 0 resources, 0 s\n"


def test_a_line_is_shown_as_it_is() -> None:
    stream = io.StringIO()
    Display(stream).tell("[red] is no colour here")
    assert stream.getvalue() == "[red] is no colour here\n"


def test_a_failure_ends_the_display(progress: Progress) -> None:
    stream = Terminal()
    display = Display(stream)
    with pytest.raises(RuntimeError), display.showing(progress):
        raise RuntimeError
    assert display._live is None
    assert "apply shop: 0 resources, 0 s" in stream.getvalue()
