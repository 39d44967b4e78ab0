"""States of metric alarms, by the tables of the documentation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.evaluation import Criteria, Treatment, evaluate
from skyproof.emulator.services.cloudwatch.rules import State

ALARM, OK, NO_DATA = State.ALARM, State.OK, State.INSUFFICIENT_DATA
KEEP = None
TREATMENTS: tuple[Treatment, ...] = ("missing", "ignore", "breaching", "notBreaching")
POINT = {"X": True, "0": False, "-": None}

THREE_OF_THREE = {
    "0-X-X": (OK, OK, OK, OK),
    "0----": (OK, OK, OK, OK),
    "-----": (NO_DATA, KEEP, ALARM, OK),
    "0XX-X": (ALARM, ALARM, ALARM, ALARM),
    "--X--": (ALARM, KEEP, ALARM, OK),
}
TWO_OF_THREE = {
    "0-X-X": (ALARM, ALARM, ALARM, ALARM),
    "00X0X": (ALARM, ALARM, ALARM, ALARM),
    "0-X--": (OK, OK, ALARM, OK),
    "----0": (OK, OK, ALARM, OK),
    "---X-": (ALARM, KEEP, ALARM, OK),
}

points = st.lists(st.sampled_from([True, False, None]), min_size=0, max_size=12)


def _table() -> list[tuple[str, int, Treatment, State | None]]:
    tables = ((THREE_OF_THREE, 3), (TWO_OF_THREE, 2))
    return [
        (series, datapoints, treatment, state)
        for table, datapoints in tables
        for series, states in table.items()
        for treatment, state in zip(TREATMENTS, states, strict=True)
    ]


@pytest.mark.parametrize(("series", "datapoints", "treatment", "state"), _table())
def test_the_documented_tables_hold(
    series: str, datapoints: int, treatment: Treatment, state: State | None
) -> None:
    criteria = Criteria(periods=3, datapoints=datapoints, treatment=treatment)

    assert evaluate([POINT[sign] for sign in series], criteria).state == state


def test_the_last_point_alone_is_no_premature_alarm() -> None:
    """The documentation: for ``- - - - X`` the alarm does not immediately go to ALARM."""
    verdict = evaluate([None, None, None, None, True], Criteria(3, 3))

    assert verdict.state is not ALARM


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_gaps_do_not_matter_where_there_are_points_enough(treatment: Treatment) -> None:
    verdict = evaluate([True, None, True, None, True], Criteria(3, 3, treatment))

    assert (verdict.state, verdict.filled) == (ALARM, 0)


def test_only_the_newest_periods_count() -> None:
    verdict = evaluate([True, True, False, False, False], Criteria(3, 1))

    assert (verdict.state, verdict.evaluated) == (OK, (2, 3, 4))


@given(points, st.integers(1, 6), st.data())
def test_without_gaps_it_is_m_of_the_newest_n(
    series: list[bool | None], periods: int, data: st.DataObject
) -> None:
    datapoints = data.draw(st.integers(1, periods))
    whole = [bool(point) for point in series] + [False] * periods
    newest = whole[-periods:]

    verdict = evaluate(whole, Criteria(periods, datapoints, data.draw(st.sampled_from(TREATMENTS))))

    assert verdict.state == (ALARM if sum(newest) >= datapoints else OK)


@given(points, st.integers(1, 6), st.data())
def test_treating_gaps_as_breaching_alarms_no_less_than_as_not_breaching(
    series: list[bool | None], periods: int, data: st.DataObject
) -> None:
    datapoints = data.draw(st.integers(1, periods))
    lenient = evaluate(series, Criteria(periods, datapoints, "notBreaching"))
    strict = evaluate(series, Criteria(periods, datapoints, "breaching"))

    assert strict.state is ALARM or lenient.state is OK


@given(points, st.integers(1, 6), st.sampled_from(TREATMENTS), st.data())
def test_real_points_are_never_invented(
    series: list[bool | None], periods: int, treatment: Treatment, data: st.DataObject
) -> None:
    datapoints = data.draw(st.integers(1, periods))

    verdict = evaluate(series, Criteria(periods, datapoints, treatment))

    assert all(series[at] is not None for at in verdict.evaluated)
    assert len(verdict.evaluated) + verdict.filled <= max(periods, len(verdict.evaluated))
