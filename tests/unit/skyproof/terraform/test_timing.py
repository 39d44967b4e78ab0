"""Wall time of commands that run at once, and the time of each resource."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform.timing import ResourceTime, Span, resource_times, wall_seconds

spans = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20)).map(
        lambda one: Span("apply", one[0], one[0] + one[1])
    )
)


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        ([], 0),
        ([(0, 3)], 3),
        ([(0, 3), (5, 6)], 4),
        ([(0, 3), (2, 6)], 6),
        ([(0, 9), (2, 6)], 9),
        ([(5, 6), (0, 3)], 4),
    ],
)
def test_what_runs_at_once_counts_once(given_spans: list[tuple[int, int]], expected: int) -> None:
    assert wall_seconds(Span("apply", *one) for one in given_spans) == expected


@given(spans)
def test_it_is_the_number_of_seconds_in_which_something_ran(some: list[Span]) -> None:
    ran = {second for one in some for second in range(int(one.begun), int(one.ended))}
    assert wall_seconds(some) == len(ran)


def event(kind: str, second: float, address: str, action: str) -> dict[str, Any]:
    hook = {"resource": {"addr": address}, "action": action}
    return {"type": kind, "@timestamp": f"2026-01-05T12:00:{second:06.3f}+00:00", "hook": hook}


def test_resources_are_timed_from_start_to_end() -> None:
    events = [
        {"type": "version", "@timestamp": "2026-01-05T12:00:00Z"},
        event("apply_start", 1.0, "a.b", "create"),
        event("apply_start", 1.5, 'a.c["x"]', "delete"),
        event("apply_complete", 3.25, "a.b", "create"),
        event("apply_errored", 4.0, 'a.c["x"]', "delete"),
        event("apply_complete", 5.0, "never.begun", "create"),
    ]
    assert list(resource_times(events)) == [
        ResourceTime("a.b", "create", 2.25),
        ResourceTime('a.c["x"]', "delete", 2.5),
    ]
