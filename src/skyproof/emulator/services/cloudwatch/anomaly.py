"""The model behind anomaly detection: what a metric is expected to be at a moment, and how exactly.

CloudWatch's own algorithm is not public. What the page says of it is kept: it learns from up to two
weeks, knows hourly, daily and weekly patterns in the metric's time zone, and leaves out what the
detector excludes. How the numbers come about is this module's choice:

- The week is cut into its 168 hours. Each hour expects the median of what it has seen; an hour of
  the week leans on the same hour of all days, and that on the whole, for one point's weight. Less
  than a week of data knows hours of the day only, less than a day only the whole.
- The spread is the distance from the centre within which 68.27 % of the points lie: what one
  standard deviation is where values are normal, and unlike it not moved by outliers.
- There is no trend: a metric that grows from week to week is expected to be what it was.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from math import inf, sqrt
from operator import itemgetter
from statistics import median
from zoneinfo import ZoneInfo

HOUR, DAY, WEEK = 3_600, 86_400, 7 * 86_400
#: A model learns from at most two weeks, in seconds.
LEARNED = 2 * WEEK
#: Enough to be trained; AWS names no number.
MIN_POINTS, MIN_EXTENT = 10, 3 * HOUR
#: Fewer points than these say too little of an hour's centre and spread: the next wider one's hold.
MIN_FOR_CENTRE, MIN_FOR_SPREAD = 2, 10
#: The share of a normal distribution within one standard deviation.
ONE_SIGMA = 0.6827
#: The least spread, as a share of the level, and where the level is zero.
FLOOR, LEAST = 0.01, 1e-9
#: A point so many spreads from the centre is a spike.
SPIKE = 3

_MINUTES_A_DAY = 24 * 60
_HOURS_A_WEEK = 7 * 24
#: Zones differ from UTC by whole quarters of an hour, and change on them.
_QUARTER = 900

Point = tuple[int, float]
#: The centre, and one standard deviation.
Expected = tuple[float, float]


class NotTrained(ValueError):
    """A model was asked that has seen too little to answer."""


@dataclass(frozen=True)
class Training:
    """A detector's configuration.

    Attributes:
        excluded: time ranges not to learn from, [start, end) in seconds since the epoch.
        timezone: the zone of the metric's daily and weekly patterns, by its name in the tz
            database.
        periodic_spikes: spikes that recur at the same minute are expected, rather than ignored.
            https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricCharacteristics.html
    """

    excluded: tuple[tuple[int, int], ...] = ()
    timezone: str = "UTC"
    periodic_spikes: bool = False


@dataclass(frozen=True)
class Model:
    """What has been learned. Equal data and training make equal models.

    Attributes:
        zone: in which the hours and minutes count.
        hours: what each hour of the week expects, from Monday 0:00; empty when not trained.
        spikes: what minutes of the week expect, where spikes recur.
        lowest: what the metric is never expected to fall below: 0 if it never was negative.
    """

    zone: ZoneInfo
    hours: tuple[Expected, ...] = ()
    spikes: Mapping[int, Expected] = field(default_factory=dict)
    lowest: float = -inf

    @classmethod
    def train(cls, points: Sequence[Point], now: int, training: Training) -> Model:
        """Learn from a metric's past.

        Args:
            points: seconds since the epoch and values, oldest first.
            now: seconds since the epoch; points older than two weeks are left out.
            training: the detector's configuration.

        Raises:
            zoneinfo.ZoneInfoNotFoundError: the time zone is not known.
        """
        zone = ZoneInfo(training.timezone)
        kept = _kept(points, now, training)
        extent = _extent(kept)
        if len(kept) < MIN_POINTS or extent < MIN_EXTENT:
            return cls(zone)
        minutes, values = _minutes(kept, zone), [value for _, value in kept]
        hours = _hours(minutes, values, extent)
        spikes = _spikes(minutes, values, hours) if training.periodic_spikes else {}
        return cls(zone, tuple(hours), spikes, 0.0 if min(values) >= 0 else -inf)

    @property
    def trained(self) -> bool:
        """Whether there were enough data: ten points that together stand for three hours.

        AWS says only that a new metric's model gets better with time; a point stands for the time
        until the next one.
        """
        return bool(self.hours)

    def expected(self, second: int) -> Expected:
        """The centre, and the spread (one standard deviation, never zero), at a moment.

        Raises:
            NotTrained: there were too few data.
        """
        if not self.trained:
            raise NotTrained(f"the model has seen fewer than {MIN_POINTS} points or three hours")
        minute = _minute_of_week(second, self.zone)
        centre, spread = self.spikes.get(minute, self.hours[minute // 60])
        return max(self.lowest, centre), spread

    def band(self, second: int, width: float) -> tuple[float, float]:
        """The lower and upper edge at a moment, so many standard deviations from the centre.

        Raises:
            NotTrained: there were too few data.
        """
        centre, spread = self.expected(second)
        return max(self.lowest, centre - width * spread), centre + width * spread


def _kept(points: Sequence[Point], now: int, training: Training) -> list[Point]:
    second = itemgetter(0)
    kept = list(points[bisect_left(points, now - LEARNED, key=second) :])
    for start, end in training.excluded:
        del kept[bisect_left(kept, start, key=second) : bisect_left(kept, end, key=second)]
    return kept


def _extent(points: Sequence[Point]) -> int:
    """The seconds that points stand for, the last one as long as the others on average."""
    if len(points) < 2:
        return 0
    return (points[-1][0] - points[0][0]) * len(points) // (len(points) - 1)


def _minute_of_week(second: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(second, zone)
    return local.weekday() * _MINUTES_A_DAY + local.hour * 60 + local.minute


def _minutes(points: Sequence[Point], zone: ZoneInfo) -> list[int]:
    """The minute of the week of each point; the calendar is asked once a quarter of an hour."""
    minutes: list[int] = []
    for quarter, group in groupby(points, key=lambda point: point[0] // _QUARTER):
        first = _minute_of_week(quarter * _QUARTER, zone)
        minutes += [first + second % _QUARTER // 60 for second, _ in group]
    return minutes


def _hours(minutes: list[int], values: list[float], extent: int) -> list[Expected]:
    """What each hour of the week expects."""
    seen: list[list[float]] = [[] for _ in range(_seasons(extent))]
    for minute, value in zip(minutes, values, strict=True):
        seen[minute // 60 % len(seen)].append(value)
    for own in seen:
        own.sort()
    centres = _centres(seen)
    spreads = _spreads([_distances(own, at) for own, at in zip(seen, centres, strict=True)])
    level = abs(median(values))
    expected = [
        (centre, max(spread, FLOOR * abs(centre), FLOOR * level, LEAST))
        for centre, spread in zip(centres, spreads, strict=True)
    ]
    return expected * (_HOURS_A_WEEK // len(expected))


def _seasons(extent: int) -> int:
    """How many hours can be told apart in data that stand for so many seconds."""
    if extent < DAY:
        return 1
    return 24 if extent < WEEK else _HOURS_A_WEEK


def _centres(seen: list[list[float]]) -> list[float]:
    """Medians. The wider centre counts as a point: it decides between two that differ."""
    centres = [median(_flat(seen))]
    for seasons in (24, _HOURS_A_WEEK):
        if len(seen) >= seasons:
            groups = [_flat(seen[hour::seasons]) for hour in range(seasons)]
            wider = centres * (seasons // len(centres))
            centres = [
                median([*own, at]) if len(own) >= MIN_FOR_CENTRE else at
                for own, at in zip(groups, wider, strict=True)
            ]
    return centres


def _distances(values: list[float], centre: float) -> list[float]:
    """How far values are from their middle, or a single one from the centre.

    The middle of few values is nearer to them than that of many would be, hence n / (n - 1), as in
    the standard deviation of a sample.
    """
    count = len(values)
    if count < 2:
        return [abs(value - centre) for value in values]
    middle, factor = median(values), sqrt(count / (count - 1))
    return [abs(value - middle) * factor for value in values]


def _spreads(distances: list[list[float]]) -> list[float]:
    """Of hours of the week with few points, those of the same hour and of the same day tell."""
    overall = _spread(_flat(distances))
    if len(distances) == 1:
        return [overall]
    daily = [_spread(_flat(distances[hour::24]), overall) for hour in range(24)]
    if len(distances) == 24:
        return daily
    days = [_spread(_flat(distances[day * 24 : day * 24 + 24]), overall) for day in range(7)]
    return [
        _spread(own, max(daily[hour % 24], days[hour // 24])) for hour, own in enumerate(distances)
    ]


def _spread(distances: list[float], wider: float | None = None) -> float:
    if wider is not None and len(distances) < MIN_FOR_SPREAD:
        return wider
    return sorted(distances)[int(ONE_SIGMA * len(distances))]


def _flat(groups: list[list[float]]) -> list[float]:
    return list(chain.from_iterable(groups))


def _spikes(minutes: list[int], values: list[float], hours: list[Expected]) -> dict[int, Expected]:
    """What the minutes of the week expect in which spikes recur, every day or every week."""
    lifts: dict[int, list[float]] = defaultdict(list)
    for minute, value in zip(minutes, values, strict=True):
        lifts[minute].append(value - hours[minute // 60][0])
    spiky = {
        minute % _MINUTES_A_DAY
        for minute, seen in lifts.items()
        if any(abs(lift) > SPIKE * hours[minute // 60][1] for lift in seen)
    }
    expected: dict[int, Expected] = {}
    for minute_of_day in spiky:
        same_minute = range(minute_of_day, 7 * _MINUTES_A_DAY, _MINUTES_A_DAY)
        every_day = _flat([lifts[minute] for minute in same_minute])
        for minute in same_minute:
            # Two weeks tell whether this day of the week differs; less leaves only the other days.
            seen = lifts[minute] if len(lifts[minute]) > 1 else every_day
            centre, spread = hours[minute // 60]
            if _recurs(seen, spread):
                expected[minute] = _spike(seen, centre, spread)
    return expected


def _recurs(lifts: list[float], spread: float) -> bool:
    """Whether most of at least two are spikes: a single one is an outlier."""
    return len(lifts) > 1 and 2 * sum(abs(lift) > SPIKE * spread for lift in lifts) > len(lifts)


def _spike(lifts: list[float], centre: float, spread: float) -> Expected:
    """What spikes come to. They vary more than what they rise from, so their own spread counts."""
    lift = median(lifts)
    own = _spread(_distances(lifts, lift))
    return centre + lift, max(spread, own, FLOOR * abs(centre + lift))
