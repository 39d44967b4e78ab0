"""The metric store and the statistics drawn from it."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch import statistics
from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricId, MetricStore

CPU = MetricId("AWS/EC2", "CPUUtilization", (("InstanceId", "i-1"),))
VALUES = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=50)


def distribution(*values: float) -> Distribution:
    made = Distribution()
    for value in values:
        made.add(value)
    return made


def test_a_metric_is_its_dimensions_in_any_order() -> None:
    a, b = {"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}
    metric = {"Namespace": "N", "MetricName": "m"}
    assert MetricId.of(metric | {"Dimensions": [b, a]}) == MetricId.of(
        metric | {"Dimensions": [a, b]}
    )
    assert MetricId.of(metric) != MetricId.of(metric | {"Dimensions": [a]})


@given(VALUES)
def test_plain_statistics_are_what_they_say(values: list[float]) -> None:
    samples = distribution(*values)
    got = {name: statistics.value(name, samples) for name in statistics.SIMPLE}
    assert got == {
        "SampleCount": len(values),
        "Sum": sum(values),
        "Average": sum(values) / len(values),
        "Minimum": min(values),
        "Maximum": max(values),
    }


@given(VALUES, st.integers(0, 100))
def test_a_percentile_is_the_nearest_rank(values: list[float], percent: int) -> None:
    rank = max(1, math.ceil(percent * len(values) / 100))
    got = statistics.value(f"p{percent}", distribution(*values))
    assert got == sorted(values)[rank - 1]


@given(VALUES, VALUES)
def test_merging_is_adding_all_of_both(one: list[float], other: list[float]) -> None:
    merged = distribution(*one)
    merged.merge(distribution(*other))
    assert merged == distribution(*one, *other)


def test_a_count_stands_for_so_many_samples() -> None:
    made = Distribution()
    made.add(10.0, 3.0)
    assert made == distribution(10.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (distribution(1.0, 2.0, 3.0), 3.0),
        (distribution(-1.0, 2.0), None),
        (Distribution(), None),
    ],
)
def test_where_percentiles_are_to_be_had(made: Distribution, expected: float | None) -> None:
    assert statistics.value("p100", made) == expected


def test_statistic_sets_end_percentiles_unless_their_values_are_known() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""
    known = distribution(1.0)
    known.add_set(2.0, 10.0, 5.0, 5.0)
    assert known == distribution(1.0, 5.0, 5.0)
    unknown = distribution(1.0)
    unknown.add_set(2.0, 10.0, 4.0, 6.0)
    assert statistics.value("p50", unknown) is None
    assert statistics.value("Sum", unknown) == 11.0
    assert (unknown.minimum, unknown.maximum, unknown.samples) == (1.0, 6.0, 3.0)
    later = distribution(1.0)
    later.merge(unknown)
    assert later.values is None


@pytest.mark.parametrize(
    "name",
    [
        *("p0", "p99", "p99.9", "p100", "tm90", "tc90", "ts90", "wm98", "IQM"),
        *(
            "TM(10%:90%)",
            "TC(:90%)",
            "TS(80%:)",
            "WM(2%:98%)",
            "PR(:300)",
            "PR(1.5:2e3)",
            "PR(10:)",
            "TM(150:1000)",
        ),
    ],
)
def test_extended_statistics_that_exist(name: str) -> None:
    assert statistics.is_extended(name)
    assert statistics.is_valid(name)


@pytest.mark.parametrize(
    "name", ["p", "p101", "P90", "p-1", "tm", "TM()", "TM(:)", "PR(10%:90%)", "median", "Sum ", ""]
)
def test_extended_statistics_that_do_not(name: str) -> None:
    assert not statistics.is_valid(name)


#: 1 to 10, once each.
TEN = [float(number) for number in range(1, 11)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("p50", 5.0),
        ("p100", 10.0),
        ("tm90", 5.0),
        ("TM(:90%)", 5.0),
        ("TM(10%:90%)", 5.5),
        ("TM(2:4)", 3.5),
        ("TM(20:30)", None),
        ("IQM", 6.0),
        ("tc90", 9.0),
        ("TS(8:)", 19.0),
        ("PR(:3)", 30.0),
        ("WM(20%:80%)", 5.3),
    ],
)
def test_trimmed_statistics_count_what_lies_between_the_bounds(
    name: str, value: float | None
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""
    assert statistics.value(name, distribution(*TEN)) == value


def test_resolution_decides_how_fine_data_are_kept() -> None:
    store = MetricStore()
    for second in (61, 62, 119):
        store.add(CPU, "Count", second, 60).add(1.0)
    store.add(CPU, "Count", 125, 1).add(1.0)
    assert [(s, d.samples) for s, d in store.periods(CPU, "Count", 0, 1000, 1)] == [
        (60, 3.0),
        (125, 1.0),
    ]


POINTS = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 9).map(float)), max_size=60)


@given(POINTS, st.integers(0, 300), st.integers(1, 300), st.integers(1, 120))
def test_periods_hold_what_a_naive_sum_holds(
    points: list[tuple[int, float]], start: int, length: int, period: int
) -> None:
    store, end = MetricStore(), start + length
    for second, value in points:
        store.add(CPU, "None", second, 1).add(value)
    naive: dict[int, list[float]] = {}
    for second, value in points:
        if start <= second < end:
            naive.setdefault(start + (second - start) // period * period, []).append(value)
    got = [
        (second, d.samples, d.total) for second, d in store.periods(CPU, "None", start, end, period)
    ]
    assert got == [(second, len(v), sum(v)) for second, v in sorted(naive.items())]


def test_units_are_kept_apart() -> None:
    store = MetricStore()
    store.add(CPU, "Seconds", 60, 60).add(1.0)
    store.add(CPU, "Count", 120, 60).add(2.0)
    assert store.units(CPU, 0, 1000) == ["Count", "Seconds"]
    assert store.units(CPU, 0, 100) == ["Seconds"]
    assert store.units(MetricId("N", "other"), 0, 100) == []
    assert store.periods(CPU, "Bytes", 0, 1000, 60) == []
    assert store.last_seen(CPU) == 120


def test_a_store_is_plain_data() -> None:
    store = MetricStore()
    store.add(CPU, "None", 60, 60).add(1.0)
    assert pickle.loads(pickle.dumps(store)) == store  # noqa: S301
