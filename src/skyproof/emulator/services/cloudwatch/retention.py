"""How long metric data are kept, and how coarse they grow.

"Data points with a period of less than 60 seconds are available for 3 hours … of 60 seconds … for
15 days … of 300 seconds … for 63 days … of 3600 seconds … for 455 days". What was published with
a shorter period is "aggregated together for long-term storage":
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html

Reading goes by a datum's age alone. The store follows by and by, when something is written: it
then holds less, and tells the same.
"""

from __future__ import annotations

from bisect import bisect_left

from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricStore, Series

MINUTE, HOUR, DAY = 60, 3_600, 86_400
#: From what age on, in seconds, data are to be had in what grain alone; the coarsest first.
GRAINS = ((63 * DAY, HOUR), (15 * DAY, 5 * MINUTE), (3 * HOUR, MINUTE))
KEPT = 455 * DAY
#: How often the store is gone through at the most. Measured with a datum a minute: sweeps take 2 %
#: of the time that writing takes, 10 % once data are older than two weeks.
SWEPT_EVERY = HOUR


def grain(age: float) -> int:
    """The grain in which data of an age in seconds are to be had; 1 for all that was written."""
    return next((each for oldest, each in GRAINS if age >= oldest), 1)


def readable(start: int, period: int, now: float) -> int:
    """The start of the first period, counted from ``start``, that may be read.

    "You must specify the period as follows or no data points in that time range is returned": a
    multiple of the grain.
    """
    age = next((oldest for oldest, each in reversed(GRAINS) if period % each), KEPT)
    since = int(now) - age
    return start if start >= since else start - (start - since) // period * period


def sweep(store: MetricStore, now: float) -> None:
    """Aggregate what has aged since the last sweep, unless that was just now; drop what is over."""
    second = int(now)
    if second < store.swept + SWEPT_EVERY:
        return
    for metric, units in list(store.series.items()):
        for unit, series in list(units.items()):
            _forget(series, second - KEPT)
            for age, each in GRAINS:
                _aggregate(series, store.swept - age, second - age, each)
            if not series.times:
                del units[unit]
        if not units:
            del store.series[metric]
    store.swept = second


def _forget(series: Series, before: int) -> None:
    count = bisect_left(series.times, before)
    for second in series.times[:count]:
        del series.spans[second]
    del series.times[:count]


def _aggregate(series: Series, start: int, end: int, each: int) -> None:
    """Merge the spans of a stretch of time into spans of a grain, those that are whole."""
    first = bisect_left(series.times, start - start % each)
    last = bisect_left(series.times, end - end % each)
    seconds = series.times[first:last]
    if not any(second % each for second in seconds):
        return
    merged: dict[int, Distribution] = {}
    for second in seconds:
        merged.setdefault(second - second % each, Distribution()).merge(series.spans.pop(second))
    series.times[first:last] = merged
    series.spans.update(merged)
