"""Metric data that grow old: coarser, then gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.cloudwatch import retention, statistics
from skyproof.emulator.services.cloudwatch.metrics import MetricId, MetricStore
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

HOUR, DAY = 3_600, 86_400
METRIC = MetricId("App", "m")
#: A multiple of every grain.
NOW = 500_000 * HOUR


def filled(*data: tuple[int, float]) -> MetricStore:
    """A store with data of so many seconds ago."""
    store = MetricStore()
    for ago, value in data:
        store.add(METRIC, "None", NOW - ago, 1).add(value)
    return store


def seconds(store: MetricStore) -> list[int]:
    """How long ago the spans begin that a store holds."""
    return [NOW - second for second in store.series[METRIC]["None"].times]


@pytest.mark.parametrize(
    ("ago", "period", "is_readable"),
    [
        (3 * HOUR - 60, 10, True),
        (3 * HOUR + 60, 10, False),
        (3 * HOUR + 60, 60, True),
        (15 * DAY - 600, 60, True),
        (15 * DAY + 600, 60, False),
        (15 * DAY + 600, 240, False),
        (15 * DAY + 600, 300, True),
        (63 * DAY - 7200, 300, True),
        (63 * DAY + 7200, 300, False),
        (63 * DAY + 7200, 3600, True),
        (63 * DAY + 7200, 86_400, True),
        (455 * DAY - 7200, 3600, True),
        (455 * DAY + 7200, 3600, False),
    ],
)
def test_the_period_decides_how_far_back_is_read(
    cloudwatch: Any, clock: Clock, ago: int, period: int, is_readable: bool
) -> None:
    datum = {"MetricName": "m", "Timestamp": START, "Value": 7, "StorageResolution": 1}
    cloudwatch.put_metric_data(Namespace="App", MetricData=[datum])
    clock.advance(ago)
    span = {"StartTime": START, "EndTime": START + timedelta(seconds=period)}
    stat = {"Metric": {"Namespace": "App", "MetricName": "m"}, "Period": period, "Stat": "Sum"}

    def read() -> tuple[list[float], list[float]]:
        told = cloudwatch.get_metric_statistics(
            Namespace="App", MetricName="m", Period=period, Statistics=["Sum"], **span
        )
        query = {"Id": "a", "MetricStat": stat}
        [result] = cloudwatch.get_metric_data(MetricDataQueries=[query], **span)[
            "MetricDataResults"
        ]
        return [point["Sum"] for point in told["Datapoints"]], result["Values"]

    expected = ([7.0], [7.0]) if is_readable else ([], [])
    assert read() == expected
    # Whatever the store made of them meanwhile.
    cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "new", "Value": 1}])
    assert read() == expected


def test_what_is_too_old_for_a_period_leaves_the_rest(cloudwatch: Any, clock: Clock) -> None:
    def put(value: float) -> None:
        data = [{"MetricName": "m", "Value": value}]
        cloudwatch.put_metric_data(Namespace="App", MetricData=data)

    put(1)
    clock.advance(10 * DAY)
    put(2)
    clock.advance(10 * DAY)
    told = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "a",
                "MetricStat": {
                    "Metric": {"Namespace": "App", "MetricName": "m"},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=START,
        EndTime=START + timedelta(days=20),
    )
    [result] = told["MetricDataResults"]
    assert result["Values"] == [2.0]
    assert result["Timestamps"] == [START + timedelta(days=10)]


def test_a_store_holds_less_of_what_is_older() -> None:
    ends = [day * DAY for day in (0, 1, 20, 100, 460)]
    store = filled(*((ago, 1.0) for end in ends for ago in range(end + 7200, end, -1)))

    retention.sweep(store, NOW)

    ages = seconds(store)
    counts = [sum(day * DAY < ago <= (day + 1) * DAY for ago in ages) for day in (0, 1, 20, 100)]
    assert counts == [7200, 120, 24, 2]
    assert max(ages) < 455 * DAY


def test_a_store_is_swept_when_something_is_written(
    cloudwatch: Any, clock: Clock, world: World
) -> None:
    from skyproof.emulator.services.cloudwatch.service import CloudWatch

    data = [
        {"MetricName": "m", "Timestamp": START - timedelta(minutes=minute), "Value": 1}
        for minute in range(120)
    ]
    cloudwatch.put_metric_data(Namespace="App", MetricData=data)
    store = CloudWatch.of(world).stores.at("123456789012", "us-east-1").metrics
    held = []
    for days in (0, 20, 50, 400):
        clock.advance(days * DAY)
        cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "n", "Value": 1}])
        held.append(sum(len(one.times) for one in store.series.get(METRIC, {}).values()))

    # From 10:01 to 12:00, of which the last minute is another span of five, and another hour.
    assert held == [120, 25, 3, 0]
    assert METRIC not in store.series


def test_a_sweep_waits_for_an_hour() -> None:
    store = filled((4 * HOUR, 1.0))
    retention.sweep(store, NOW)
    store.add(METRIC, "None", NOW - 4 * HOUR + 7, 1).add(1.0)

    retention.sweep(store, NOW + HOUR - 1)
    assert store.swept == NOW
    retention.sweep(store, NOW + HOUR)
    assert store.swept == NOW + HOUR


AGES = st.integers(0, 100 * DAY)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(AGES, st.integers(0, 50).map(float)), min_size=1, max_size=30),
    st.lists(st.integers(0, 40 * DAY), max_size=4),
)
def test_coarse_periods_tell_the_same_after_sweeps(
    data: list[tuple[int, float]], steps: list[int]
) -> None:
    store, untouched = filled(*data), filled(*data)
    now = NOW
    for step in steps:
        now += step
        retention.sweep(store, now)

    def told(of: MetricStore) -> list[tuple[int, list[float | None]]]:
        names = (*sorted(statistics.SIMPLE), "p50", "p90", "TM(10%:90%)")
        periods = of.periods(METRIC, "None", NOW - 101 * DAY, NOW + 1, HOUR)
        return [(at, [statistics.value(name, one) for name in names]) for at, one in periods]

    assert told(store) == told(untouched)


def test_statistic_sets_grow_old_as_sets() -> None:
    store = filled((20 * DAY, 1.0))
    store.add(METRIC, "None", NOW - 20 * DAY + 60, 60).add_set(10.0, 50.0, 2.0, 9.0)

    retention.sweep(store, NOW)

    [(_, samples)] = store.periods(METRIC, "None", NOW - 20 * DAY, NOW, 300)
    names = ("SampleCount", "Sum", "Minimum", "Maximum", "p50")
    assert [statistics.value(name, samples) for name in names] == [11.0, 51.0, 1.0, 9.0, None]
