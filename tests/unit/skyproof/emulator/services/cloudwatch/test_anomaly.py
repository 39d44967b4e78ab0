"""The model of anomaly detection.

CloudWatch's algorithm is not public: the tests hold what its page promises, and this model's own
rules. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from statistics import NormalDist
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.anomaly import Model, NotTrained, Point, Training

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
#: A Monday, 0:00 in UTC.
NOW = 1_704_067_200

Metric = Callable[[datetime], float]


def history(
    metric: Metric, extent: int, period: int = 5 * MINUTE, zone: str = "UTC", noise: float = 0.0
) -> list[Point]:
    """What a metric was over some time until now, with normal noise of a share of its value."""
    seconds = range(NOW - extent, NOW, period)
    factors = NormalDist(1, noise).samples(len(seconds), seed=1)
    return [
        (second, metric(datetime.fromtimestamp(second, ZoneInfo(zone))) * factor)
        for second, factor in zip(seconds, factors, strict=True)
    ]


def train(
    points: list[Point],
    excluded: tuple[tuple[int, int], ...] = (),
    timezone: str = "UTC",
    periodic_spikes: bool = False,
) -> Model:
    return Model.train(points, NOW, Training(excluded, timezone, periodic_spikes))


def holds(model: Model, second: int, value: float, width: float = 2) -> bool:
    lower, upper = model.band(second, width)
    return lower <= value <= upper


def constant(_: datetime) -> float:
    return 100.0


def busy_mondays(local: datetime) -> float:
    """Higher by day than by night; ten times as much on Mondays."""
    return (100.0 + 5 * local.hour) * (10 if local.weekday() == 0 else 1)


def office_hours(local: datetime) -> float:
    return 500.0 if 9 <= local.hour < 17 else 20.0


@pytest.mark.parametrize("period", [MINUTE, 5 * MINUTE, HOUR])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_two_weeks_tell_one_day_of_the_week_from_another(period: int, hour: int) -> None:
    model = train(history(busy_mondays, 2 * WEEK, period, noise=0.02))
    monday, sunday = NOW + hour * HOUR, NOW + 6 * DAY + hour * HOUR
    usual = 100.0 + 5 * hour
    # Hourly data have two points for an hour of the week, hence the three standard deviations.
    assert holds(model, monday, 10 * usual, width=3)
    assert not holds(model, sunday, 10 * usual, width=3)
    assert holds(model, sunday, usual, width=3)
    assert not holds(model, monday, usual, width=3)


def test_a_week_of_data_is_enough_for_the_days_of_the_week() -> None:
    model = train(history(busy_mondays, WEEK))
    assert model.expected(NOW + 9 * HOUR)[0] == 1_450
    assert model.expected(NOW + DAY + 9 * HOUR)[0] == 145


def test_less_than_a_week_knows_hours_of_the_day_only() -> None:
    model = train(history(office_hours, WEEK - 5 * MINUTE, noise=0.02))
    for day in range(7):
        assert holds(model, NOW + day * DAY + 12 * HOUR, 500)
        assert not holds(model, NOW + day * DAY + 3 * HOUR, 500)
    assert len({model.expected(NOW + day * DAY) for day in range(7)}) == 1


def test_less_than_a_day_knows_the_overall_level_only() -> None:
    model = train(history(office_hours, DAY - 5 * MINUTE))
    assert len({model.expected(NOW + hour * HOUR) for hour in range(168)}) == 1


@pytest.mark.parametrize(
    ("zone", "hours_ahead"), [("UTC", 0), ("Europe/Berlin", 1), ("Asia/Kolkata", 5.5)]
)
def test_hours_and_days_are_those_of_the_metrics_time_zone(zone: str, hours_ahead: float) -> None:
    model = train(history(busy_mondays, 2 * WEEK, zone=zone), timezone=zone)
    midnight = NOW - int(hours_ahead * HOUR)
    assert model.expected(midnight)[0] == 1_000
    assert model.expected(midnight - 1)[0] == 215


def test_office_hours_stay_where_they_are_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = int(datetime(2024, 4, 7, tzinfo=zone).timestamp())  # a week after the change
    seconds = range(now - 2 * WEEK, now, 5 * MINUTE)
    points = [(s, office_hours(datetime.fromtimestamp(s, zone))) for s in seconds]
    model = Model.train(points, now, Training(timezone="Europe/Berlin"))
    for hour, expected in [(8, 20), (9, 500), (16, 500), (17, 20)]:
        moment = int(datetime(2024, 4, 8, hour, 30, tzinfo=zone).timestamp())
        assert model.expected(moment)[0] == expected


@pytest.mark.parametrize("extent", [6 * HOUR, 3 * DAY, 2 * WEEK])
@pytest.mark.parametrize("period", [5 * MINUTE, HOUR])
@pytest.mark.parametrize("outlier", [-1e6, 1e6])
def test_one_outlier_does_not_move_the_band(extent: int, period: int, outlier: float) -> None:
    points = history(constant, max(extent, 12 * period), period)
    second = points[len(points) // 2][0]
    points[len(points) // 2] = (second, outlier)
    model = train(points)
    assert model.expected(second + 2 * WEEK) == (100, 1)


def test_a_spread_is_the_standard_deviation_of_normal_noise() -> None:
    model = train(history(constant, 2 * WEEK, MINUTE, noise=0.1))
    spreads = [model.expected(NOW + hour * HOUR)[1] for hour in range(168)]
    assert sum(spreads) / len(spreads) == pytest.approx(10, rel=0.05)


def test_the_width_counts_in_standard_deviations() -> None:
    model = train(history(constant, 2 * WEEK))
    assert model.band(NOW, 2) == (98, 102)
    assert model.band(NOW, 0.5) == (99.5, 100.5)


@pytest.mark.parametrize("level", [0.0, 1e-6, 1.0, 1e9])
def test_a_constant_metric_has_a_band_of_some_width(level: float) -> None:
    lower, upper = train(history(lambda _: level, 2 * WEEK)).band(NOW, 2)
    assert 0 <= lower <= level < upper


def test_a_metric_that_never_was_negative_is_never_expected_to_be() -> None:
    model = train(history(lambda t: float(t.minute % 2), 2 * WEEK, MINUTE))
    assert model.band(NOW, 10)[0] == 0


def test_a_metric_that_was_negative_may_be_so_again() -> None:
    model = train(history(lambda t: float(t.minute % 2) - 0.5, 2 * WEEK, MINUTE))
    assert model.band(NOW, 10)[0] < -1


@pytest.mark.parametrize(
    ("count", "period", "enough"),
    [
        (36, 5 * MINUTE, True),
        (35, 5 * MINUTE, False),
        (180, MINUTE, True),
        (179, MINUTE, False),
        (10, HOUR, True),
        (9, HOUR, False),
        (0, MINUTE, False),
        (1, MINUTE, False),
    ],
)
def test_ten_points_that_stand_for_three_hours_are_enough(
    count: int, period: int, enough: bool
) -> None:
    assert train(history(constant, count * period, period)).trained is enough


def test_a_model_with_too_few_data_does_not_answer() -> None:
    with pytest.raises(NotTrained, match="fewer than 10 points"):
        train([]).band(NOW, 2)


def test_points_older_than_two_weeks_are_left_out() -> None:
    points = history(constant, 2 * WEEK)
    old = [(second - 2 * WEEK, -5_000.0) for second, _ in points]
    assert train(old + points) == train(points)
    assert not train(old).trained


def test_the_start_of_an_excluded_range_is_left_out_and_its_end_is_not() -> None:
    points = history(constant, 2 * WEEK, HOUR)
    first, last = points[100][0], points[110][0]
    kept = points[:100] + points[110:]
    assert train(points, excluded=((first, last),)) == train(kept)


def test_all_of_the_past_may_be_excluded() -> None:
    assert not train(history(constant, 2 * WEEK), excluded=((0, NOW),)).trained


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        train(history(constant, DAY), timezone="Mars/Olympus_Mons")


def backup(local: datetime) -> float:
    """Three minutes a night."""
    return 900.0 if local.hour == 3 and local.minute in (10, 11, 12) else 100.0


def weekly_report(local: datetime) -> float:
    return 900.0 if local.weekday() == 2 and (local.hour, local.minute) == (8, 30) else 100.0


def not_on_sundays(local: datetime) -> float:
    return backup(local) if local.weekday() < 6 else 100.0


NIGHT, REPORT = 3 * HOUR + 10 * MINUTE, 2 * DAY + 8 * HOUR + 30 * MINUTE


@pytest.mark.parametrize(
    ("metric", "moment"), [(backup, NIGHT), (backup, 5 * DAY + NIGHT), (weekly_report, REPORT)]
)
def test_recurring_spikes_are_expected_only_where_the_detector_says_so(
    metric: Metric, moment: int
) -> None:
    points = history(metric, 2 * WEEK, MINUTE, noise=0.02)
    assert not holds(train(points), NOW + moment, 900)
    assert holds(train(points, periodic_spikes=True), NOW + moment, 900)


def test_recurring_spikes_change_nothing_at_other_times() -> None:
    points = history(backup, 2 * WEEK, MINUTE, noise=0.02)
    plain, spiky = train(points), train(points, periodic_spikes=True)
    assert spiky.hours == plain.hours
    assert {minute % 1440 for minute in spiky.spikes} == {190, 191, 192}


def test_a_day_without_the_spike_does_not_expect_it() -> None:
    model = train(history(not_on_sundays, 2 * WEEK, MINUTE), periodic_spikes=True)
    assert model.expected(NOW + NIGHT)[0] == 900
    assert model.expected(NOW + 6 * DAY + NIGHT)[0] == 100


def test_days_not_seen_twice_expect_the_spike_of_the_others() -> None:
    model = train(history(backup, 3 * DAY, MINUTE), periodic_spikes=True)
    assert [model.expected(NOW + day * DAY + NIGHT)[0] for day in range(7)] == [900] * 7


def test_a_spike_that_was_seen_once_does_not_recur() -> None:
    points = history(constant, 2 * WEEK, MINUTE)
    points[5_000] = (points[5_000][0], 900.0)
    model = train(points, periodic_spikes=True)
    assert model == train(points)
    assert not holds(model, points[5_000][0] + 2 * WEEK, 900)


def test_spikes_that_differ_are_expected_as_they_differ() -> None:
    points = [
        (second, value * (1.1 if second // DAY % 2 else 0.9) if value > 500 else value)
        for second, value in history(backup, 2 * WEEK, MINUTE)
    ]
    model = train(points, periodic_spikes=True)
    assert holds(model, NOW + NIGHT, 810)
    assert holds(model, NOW + NIGHT, 990)
    assert not holds(model, NOW + NIGHT, 2_000)


def test_two_weeks_of_minutes_are_learned_quickly() -> None:
    points = history(busy_mondays, 2 * WEEK, MINUTE, noise=0.1)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        train(points, timezone="Europe/Berlin")
        spent.append(time.process_time() - begun)
    # It takes 20 ms; the rest is for slow machines and for measuring coverage.
    assert min(spent) < 0.25


#: Whole numbers, so that shifted and scaled values are exact.
VALUES = st.lists(st.integers(1_000, 2_000), min_size=200, max_size=400)
PERIODS = st.sampled_from([5 * MINUTE, HOUR, 3 * HOUR])


def points_of(values: list[int], period: int, shift: float = 0, scale: float = 1) -> list[Point]:
    start = NOW - len(values) * period
    return [
        (start + at * period, value * scale + shift)
        for at, value in enumerate(values)
        if start + at * period >= NOW - 2 * WEEK
    ]


@settings(max_examples=25, deadline=None)
@given(VALUES, PERIODS, st.sampled_from([0.125, 0.5, 4.0, 1024.0]), st.booleans())
def test_scaled_data_make_a_scaled_band(
    values: list[int], period: int, scale: float, spikes: bool
) -> None:
    one = train(points_of(values, period), periodic_spikes=spikes)
    other = train(points_of(values, period, scale=scale), periodic_spikes=spikes)
    for second in range(NOW, NOW + WEEK, HOUR):
        scaled = tuple(edge * scale for edge in one.band(second, 2))
        assert other.band(second, 2) == pytest.approx(scaled)


@settings(max_examples=25, deadline=None)
@given(VALUES, PERIODS, st.integers(-900, 5_000))
def test_shifted_data_make_a_shifted_band(values: list[int], period: int, shift: int) -> None:
    one, other = train(points_of(values, period)), train(points_of(values, period, shift))
    for second in range(NOW, NOW + WEEK, HOUR):
        (centre, spread), (shifted, same) = one.expected(second), other.expected(second)
        assert shifted == pytest.approx(centre + shift)
        # The least spread follows the level, and is at most 1 % of the highest value.
        assert same == pytest.approx(spread) or max(same, spread) <= 0.01 * (2_000 + abs(shift))


@settings(max_examples=25, deadline=None)
@given(VALUES, PERIODS, st.data())
def test_excluded_points_have_no_influence(
    values: list[int], period: int, data: st.DataObject
) -> None:
    points = points_of(values, period)
    spans = st.tuples(st.integers(0, len(points)), st.integers(0, len(points))).map(sorted)
    ranges = [
        (NOW - (len(points) - a) * period, NOW - (len(points) - b) * period)
        for a, b in data.draw(st.lists(spans, max_size=4))
    ]
    wild = [
        (second, -1e9 if any(a <= second < b for a, b in ranges) else value)
        for second, value in points
    ]
    without = [point for point in wild if point[1] > 0]
    assert train(wild, excluded=tuple(ranges)) == train(without)


@settings(max_examples=25, deadline=None)
@given(VALUES, PERIODS, st.booleans())
def test_the_same_data_make_the_same_model(values: list[int], period: int, spikes: bool) -> None:
    points = points_of(values, period)
    one, other = train(points, periodic_spikes=spikes), train(points, periodic_spikes=spikes)
    assert one == other
    assert all(one.band(s, 2)[0] < one.band(s, 2)[1] for s in range(NOW, NOW + WEEK, HOUR))
