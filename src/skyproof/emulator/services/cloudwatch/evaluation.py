"""In which state a metric alarm is, given the newest data points.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from skyproof.emulator.services.cloudwatch.rules import State

Treatment = Literal["missing", "ignore", "breaching", "notBreaching"]
#: Points that are looked at beyond the evaluation periods. CloudWatch fetches "a higher number of
#: data points than … Evaluation Periods"; its one example is a range of 5 for 3 periods.
EXTRA_POINTS = 2


@dataclass(frozen=True)
class Criteria:
    """M out of N, and what a gap stands for."""

    periods: int
    datapoints: int
    treatment: Treatment = "missing"

    @property
    def range(self) -> int:
        """How many points are looked at."""
        return self.periods + EXTRA_POINTS


@dataclass(frozen=True)
class Verdict:
    """What an evaluation found.

    Attributes:
        state: ``None`` where the present state is kept.
        evaluated: the positions (0 is the oldest of the range) of the real points that counted.
        filled: how many gaps were filled by the treatment.
    """

    state: State | None
    evaluated: tuple[int, ...]
    filled: int = 0


def evaluate(points: Sequence[bool | None], criteria: Criteria) -> Verdict:
    """Judge the points of an evaluation range.

    Args:
        points: oldest first, the newest last; breaching, not breaching, or ``None`` for a gap.
        criteria: what the alarm asks for.
    """
    real = [at for at, point in enumerate(points) if point is not None]
    if not real:
        return _nothing(criteria)
    if len(real) >= criteria.periods:
        # Enough of them: the gaps between do not matter.
        newest = tuple(real[-criteria.periods :])
        return Verdict(_compare(_breaching(points, newest), criteria), newest)
    return _few(points, tuple(real), criteria)


def _nothing(criteria: Criteria) -> Verdict:
    states: dict[Treatment, State | None] = {
        "missing": State.INSUFFICIENT_DATA,
        "ignore": None,
        "breaching": State.ALARM,
        "notBreaching": State.OK,
    }
    return Verdict(states[criteria.treatment], (), criteria.periods)


def _few(points: Sequence[bool | None], real: tuple[int, ...], criteria: Criteria) -> Verdict:
    """Fewer real points than periods: all of them count, and as few gaps as it takes are filled."""
    gaps = criteria.periods - len(real)
    breaching = _breaching(points, real)
    if criteria.treatment == "breaching":
        return Verdict(_compare(breaching + gaps, criteria), real, gaps)
    if criteria.treatment == "notBreaching" or breaching >= criteria.datapoints:
        return Verdict(_compare(breaching, criteria), real, gaps)
    if breaching == len(real) and len(points) - real[0] >= criteria.datapoints:
        # "Avoiding premature transitions to alarm state": all that is there breaches, and the
        # oldest is at least as old as Datapoints to Alarm. The tables keep the state where gaps are
        # ignored, and one point that does not breach turns the rule off (2 of 3, "0 - X - -").
        return Verdict(None if criteria.treatment == "ignore" else State.ALARM, real, gaps)
    return Verdict(State.OK, real, gaps)


def _breaching(points: Sequence[bool | None], which: tuple[int, ...]) -> int:
    return sum(points[at] is True for at in which)


def _compare(breaching: int, criteria: Criteria) -> State:
    return State.ALARM if breaching >= criteria.datapoints else State.OK
