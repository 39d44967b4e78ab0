"""What a metric alarm's data say, with the reason in CloudWatch's words.

Periods slide: at every evaluation they end now, at the last whole minute (or ten seconds).
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from skyproof.emulator.services.cloudwatch import history, statistics
from skyproof.emulator.services.cloudwatch.bands import Models
from skyproof.emulator.services.cloudwatch.evaluation import Criteria, Verdict, evaluate
from skyproof.emulator.services.cloudwatch.expressions import Series
from skyproof.emulator.services.cloudwatch.metrics import Distribution
from skyproof.emulator.services.cloudwatch.queries import Queries
from skyproof.emulator.services.cloudwatch.reading import Reader
from skyproof.emulator.services.cloudwatch.rules import State

Params = dict[str, Any]
Points = dict[int, float]

_COMPARE: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
#: Range comparison → whether leaving the band above, or below, breaches.
_LEAVES = {
    "LessThanLowerOrGreaterThanUpperThreshold": (True, True),
    "GreaterThanUpperThreshold": (True, False),
    "LessThanLowerThreshold": (False, True),
}


@dataclass(frozen=True)
class Data:
    """What an alarm looks at: values by period and, for a band alarm, the band."""

    values: Points
    samples: dict[int, Distribution]
    upper: Points
    lower: Points


@dataclass(frozen=True)
class Judgement:
    """What was found; most find the state that there was, and are asked for no reason.

    Attributes:
        seconds: the periods that counted.
    """

    configuration: Params
    criteria: Criteria
    data: Data
    seconds: list[int]
    verdict: Verdict
    now: datetime

    @property
    def state(self) -> State | None:
        """The state to go to; ``None``: stay."""
        return self.verdict.state

    @property
    def reason(self) -> str:
        """Why, in CloudWatch's words."""
        return _reason(self.configuration, self.criteria, self.data, self.seconds, self.verdict)

    @property
    def reason_data(self) -> str:
        """The data behind it, as JSON."""
        period = period_of(self.configuration)
        return _reason_data(self.configuration, self.data, self.seconds, self.now, period)


def period_of(configuration: Params) -> int:
    """The period of a metric alarm in seconds."""
    if "Period" in configuration:
        return int(configuration["Period"])
    queries = configuration["Metrics"]
    periods = [q["MetricStat"]["Period"] for q in queries if "MetricStat" in q]
    periods += [q["Period"] for q in queries if "Period" in q]
    return int(periods[0]) if periods else 60


def criteria_of(configuration: Params) -> Criteria:
    """M out of N, and the treatment of gaps; DynamoDB's metrics ignore them by default."""
    periods = int(configuration["EvaluationPeriods"])
    default = "ignore" if configuration.get("Namespace") == "AWS/DynamoDB" else "missing"
    treatment = configuration.get("TreatMissingData", default)
    return Criteria(periods, int(configuration.get("DatapointsToAlarm", periods)), treatment)


def queries_of(configuration: Params) -> list[Params]:
    """The queries of an alarm; that of a plain metric alarm has the id ``m``."""
    if "Metrics" in configuration:
        return list(configuration["Metrics"])
    metric = {k: configuration.get(k) for k in ("Namespace", "MetricName", "Dimensions")}
    stat = configuration.get("Statistic") or configuration["ExtendedStatistic"]
    shape = {"Metric": metric, "Stat": stat, "Period": configuration["Period"]}
    if configuration.get("Unit"):
        shape["Unit"] = configuration["Unit"]
    return [{"Id": "m", "MetricStat": shape}]


def subject_of(configuration: Params) -> str:
    """The id of the query that is compared."""
    if "Metrics" not in configuration:
        return "m"
    band = configuration.get("ThresholdMetricId")
    returned = [str(q["Id"]) for q in configuration["Metrics"] if q.get("ReturnData", True)]
    return next(one for one in returned if one != band)


def judge(reader: Reader, models: Models, configuration: Params, now: datetime) -> Judgement:
    """Evaluate a metric alarm at a moment.

    Raises:
        AwsError: the queries cannot be evaluated, e.g. a linked account no longer shares.
    """
    period, criteria = period_of(configuration), criteria_of(configuration)
    grain = min(period, 60)
    end = int(now.timestamp()) // grain * grain
    start = end - criteria.range * period
    data = _read(reader, models, configuration, start, end)
    seconds = range(start, end, period)
    points = [_breaches(configuration, data, second) for second in seconds]
    verdict = evaluate(points, criteria)
    kept = [seconds[at] for at in verdict.evaluated]
    if _lacks_samples(configuration, data, kept):
        verdict = Verdict(None, verdict.evaluated, verdict.filled)
    return Judgement(configuration, criteria, data, kept, verdict, now)


def _read(reader: Reader, models: Models, configuration: Params, start: int, end: int) -> Data:
    queries = Queries(
        reader, models, queries_of(configuration), start, end, period_of(configuration)
    )
    subject = subject_of(configuration)
    values = _merged(queries.series(subject))
    is_plain = "Metrics" not in configuration
    samples = queries.distributions(subject) if is_plain else {}
    band = configuration.get("ThresholdMetricId")
    if band is None:
        return Data(values, samples, {}, {})
    upper, lower = queries.series(band)
    return Data(values, samples, upper.points, lower.points)


def _merged(series: list[Series]) -> Points:
    return {second: value for one in series for second, value in one.points.items()}


def _breaches(configuration: Params, data: Data, second: int) -> bool | None:
    value = data.values.get(second)
    if value is None:
        return None
    if "ThresholdMetricId" not in configuration:
        compare, _ = _COMPARE[configuration["ComparisonOperator"]]
        return compare(value, configuration["Threshold"])
    if second not in data.upper:
        return None  # the model is not trained yet
    above, below = _LEAVES[configuration["ComparisonOperator"]]
    return (above and value > data.upper[second]) or (below and value < data.lower[second])


def _lacks_samples(configuration: Params, data: Data, seconds: list[int]) -> bool:
    """Whether a percentile rests on too few samples, and the alarm is told to wait for more.

    Few are fewer than 10 / (1 - percentile), below the median 10 / percentile.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
    """
    name = configuration.get("ExtendedStatistic", "")
    if configuration.get("EvaluateLowSampleCountPercentile") != "ignore":
        return False
    if not statistics.is_percentile(name):
        return False
    share = float(name[1:]) / 100
    tail = min(share, 1 - share)
    enough = 10 / tail if tail > 0 else 10
    return any(data.samples[second].samples < enough for second in seconds)


def _reason(
    configuration: Params,
    criteria: Criteria,
    data: Data,
    seconds: list[int],
    verdict: Verdict,
) -> str:
    if verdict.state is State.INSUFFICIENT_DATA:
        count = criteria.periods
        return f"Insufficient Data: {count} datapoint{_s(count)} {_were(count)} unknown."
    if not seconds:
        count = criteria.periods
        treated = "[Breaching]" if criteria.treatment == "breaching" else "[NonBreaching]"
        return (
            f"Threshold Crossed: no datapoints were received for {count} period{_s(count)} and "
            f"{count} missing datapoint{_s(count)} {_were(count)} treated as {treated}."
        )
    is_alarm = verdict.state is State.ALARM
    shown = [s for s in seconds if _breaches(configuration, data, s) == is_alarm] or seconds
    values = ", ".join(f"{data.values[s]} ({_day(s)})" for s in reversed(shown))
    least = criteria.datapoints if is_alarm else criteria.periods - criteria.datapoints + 1
    change = "OK -> ALARM" if is_alarm else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {len(seconds)} datapoints [{values}] "
        f"{'were' if len(shown) > 1 else 'was'} {'' if is_alarm else 'not '}"
        f"{_compared(configuration, data, shown)} "
        f"(minimum {least} datapoint{_s(least)} for {change} transition)."
    )


def _compared(configuration: Params, data: Data, seconds: list[int]) -> str:
    if "ThresholdMetricId" not in configuration:
        _, words = _COMPARE[configuration["ComparisonOperator"]]
        return f"{words} the threshold ({configuration['Threshold']})"
    above, below = _LEAVES[configuration["ComparisonOperator"]]
    uppers = ", ".join(str(data.upper.get(s)) for s in reversed(seconds))
    lowers = ", ".join(str(data.lower.get(s)) for s in reversed(seconds))
    parts = []
    if below:
        parts.append(f"less than the lower thresholds [{lowers}]")
    if above:
        parts.append(f"greater than the upper thresholds [{uppers}]")
    return " or ".join(parts)


def _reason_data(
    configuration: Params, data: Data, seconds: list[int], now: datetime, period: int
) -> str:
    """As recorded: ``recentDatapoints`` and, newest first, ``evaluatedDatapoints``."""
    evaluated = []
    for second in reversed(seconds):
        point: dict[str, Any] = {"timestamp": _stamp(second)}
        if second in data.samples:
            point["sampleCount"] = data.samples[second].samples
        point["value"] = data.values[second]
        if second in data.upper:
            point["threshold"] = data.upper[second]
        evaluated.append(point)
    shown: dict[str, Any] = {"version": "1.0", "queryDate": history.stamp(now)}
    if seconds:
        shown["startDate"] = _stamp(seconds[0])
    statistic = configuration.get("Statistic") or configuration.get("ExtendedStatistic")
    if statistic:
        shown["statistic"] = statistic
    shown |= {"period": period, "recentDatapoints": [data.values[s] for s in seconds]}
    if "Threshold" in configuration:
        shown["threshold"] = configuration["Threshold"]
    return json.dumps({**shown, "evaluatedDatapoints": evaluated}, separators=(",", ":"))


def _stamp(second: int) -> str:
    return history.stamp(datetime.fromtimestamp(second, UTC))


def _day(second: int) -> str:
    """``05/01/26 13:00:00``, as reasons show times."""
    return f"{datetime.fromtimestamp(second, UTC):%d/%m/%y %H:%M:%S}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
