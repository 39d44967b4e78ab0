"""When alarms are evaluated, so that nothing is done for those whose data cannot have changed.

Alarms of a minute's period or more are evaluated at every full minute, the others every ten
seconds. An alarm is awake from the arrival of data until they have left its evaluation range; what
it would find after that is what it found last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.cloudwatch import judging
from skyproof.emulator.services.cloudwatch.metrics import MetricId

#: Account, region and name of an alarm; account, region and id of a metric.
AlarmKey = tuple[str, str, str]
MetricKey = tuple[str, str, MetricId]
Evaluate = Callable[[AlarmKey], None]
#: Expressions that tell the time change without data.
_TIMELY = re.compile(r"\b(MINUTE|HOUR|DAY|DATE|MONTH|YEAR|EPOCH)\s*\(", re.IGNORECASE)


@dataclass
class Watched:
    """What is known of an alarm without looking at its data.

    Attributes:
        step: seconds between evaluations.
        span: seconds that its evaluation range reaches back.
        tireless: never sleeps, for its expression depends on the time.
    """

    step: int
    span: int
    metrics: tuple[MetricKey, ...]
    tireless: bool


@dataclass
class Evaluator:
    """Wakes alarms, and evaluates those awake, in the order of their keys."""

    clock: Clock
    lock: AbstractContextManager[Any]
    evaluate: Evaluate
    last_seen: Callable[[MetricKey], int | None]
    _watched: dict[AlarmKey, Watched] = field(default_factory=dict)
    _by_metric: dict[MetricKey, set[AlarmKey]] = field(default_factory=dict)
    _awake: dict[int, set[AlarmKey]] = field(default_factory=dict)
    _scheduled: set[int] = field(default_factory=set)

    def watch(self, key: AlarmKey, configuration: dict[str, Any]) -> None:
        """Begin with a new alarm, or with the new configuration of an old one."""
        self.forget(key)
        watched = self._watched[key] = _watched(key, configuration)
        for metric in watched.metrics:
            self._by_metric.setdefault(metric, set()).add(key)
        self._wake(key)

    def forget(self, key: AlarmKey) -> None:
        """The alarm is gone; harmless when it never was."""
        watched = self._watched.pop(key, None)
        if watched is not None:
            for metric in watched.metrics:
                self._by_metric[metric].discard(key)
            self._awake[watched.step].discard(key)

    def arrived(self, metric: MetricKey) -> None:
        """There are new data of a metric."""
        for key in self._by_metric.get(metric, ()):
            self._wake(key)

    def _wake(self, key: AlarmKey) -> None:
        step = self._watched[key].step
        self._awake.setdefault(step, set()).add(key)
        if step not in self._scheduled:
            self._scheduled.add(step)
            self._schedule(step)

    def _schedule(self, step: int) -> None:
        def following(now: datetime) -> datetime:
            return datetime.fromtimestamp(now.timestamp() // step * step, UTC) + timedelta(
                seconds=step
            )

        due = following(self.clock.now())
        self.clock.at(due, "cloudwatch: evaluate alarms", lambda: self._tick(step), following)

    def _tick(self, step: int) -> None:
        # Whole, so that no data arrive between an evaluation and the sleep after it.
        with self.lock:
            for key in sorted(self._awake[step]):
                watched = self._watched[key]
                self.evaluate(key)
                if not watched.tireless and not self._has_data(watched):
                    self._awake[step].discard(key)
            if self._awake[step]:
                self._schedule(step)
            else:
                self._scheduled.discard(step)

    def _has_data(self, watched: Watched) -> bool:
        """Whether any datum is still in range, or to come."""
        oldest = self.clock.now().timestamp() - watched.span
        seen = (self.last_seen(metric) for metric in watched.metrics)
        return any(second is not None and second >= oldest for second in seen)


def _watched(key: AlarmKey, configuration: dict[str, Any]) -> Watched:
    period, criteria = judging.period_of(configuration), judging.criteria_of(configuration)
    queries = judging.queries_of(configuration)
    expressions = [query["Expression"] for query in queries if "Expression" in query]
    return Watched(
        step=60 if period >= 60 else 10,
        span=(criteria.range + 1) * period,
        metrics=tuple(_metrics(key, queries)),
        tireless=any(_TIMELY.search(text) for text in expressions),
    )


def _metrics(key: AlarmKey, queries: list[dict[str, Any]]) -> Iterator[MetricKey]:
    account, region, _ = key
    for query in queries:
        if "MetricStat" in query:
            owner = query.get("AccountId") or account
            yield owner, region, MetricId.of(query["MetricStat"]["Metric"])
