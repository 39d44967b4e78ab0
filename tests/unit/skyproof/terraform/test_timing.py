"""Wall time of commands that run at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform.timing import Span, wall_seconds

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
