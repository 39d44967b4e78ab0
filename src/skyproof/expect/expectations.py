"""The vocabulary: what can be expected of which resource."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, overload

from skyproof.expect.clock import Clock
from skyproof.expect.timeline import Timeline, unmet
from skyproof.expect.times import minutes
from skyproof.expect.views import Alarm, AlarmState, Bucket, Canary, Message, Metric, Queue
from skyproof.expect.waiting import Watch

AT_ONCE = timedelta(0)
#: How long a test waits where it does not say: deliveries take seconds, copies up to 15 minutes
#: (https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html).
SOON, REPLICATION_TIME = minutes(5), minutes(15)


@dataclass(frozen=True)
class Expect:
    """``expect(view)``: what to expect of a view, in the time of its AWS."""

    clock: Clock

    @overload
    def __call__(self, view: Alarm) -> AlarmExpectation: ...
    @overload
    def __call__(self, view: Queue) -> QueueExpectation: ...
    @overload
    def __call__(self, view: Metric) -> MetricExpectation: ...
    @overload
    def __call__(self, view: Canary) -> CanaryExpectation: ...
    @overload
    def __call__(self, view: Bucket) -> BucketExpectation: ...
    def __call__(self, view: Any) -> Any:
        """Expect something of a view.

        Raises:
            TypeError: nothing is known of such a view.
        """
        for kind, expectation in _EXPECTATIONS.items():
            if isinstance(view, kind):
                return expectation(view, self.clock)
        known = ", ".join(kind.__name__ for kind in _EXPECTATIONS)
        raise TypeError(f"nothing is expected of {type(view).__name__}; of {known} it is")


@dataclass(frozen=True)
class AlarmExpectation:
    """Of an alarm."""

    alarm: Alarm
    clock: Clock

    def fires(self, within: timedelta, *, not_before: timedelta = AT_ONCE) -> AlarmState:
        """It goes to ALARM in this time, and not sooner than ``not_before``."""
        return self.becomes("ALARM", within, not_before=not_before)

    def recovers(self, within: timedelta) -> AlarmState:
        """It goes to OK in this time."""
        return self.becomes("OK", within)

    def becomes(
        self, state: str, within: timedelta, *, not_before: timedelta = AT_ONCE
    ) -> AlarmState:
        """It reaches a state in this time, and not sooner than ``not_before``."""
        begun, watch = self.clock.now(), self._watch()
        found, seen, _ = watch.until(lambda now: now.value == state, within)
        expected = f"{state} within {within}" + (f", not before {not_before}" if not_before else "")
        if not found:
            raise self._unmet(expected, str(seen), watch.timeline)
        if seen.since < begun + not_before and not_before:
            after = seen.since - begun
            raise self._unmet(expected, f"{state} after {after} already: {seen}", watch.timeline)
        return seen

    def stays(self, state: str, for_: timedelta) -> None:
        """It is in a state now, and goes to no other in this time."""
        begun, watch = self.clock.now(), self._watch()
        left, seen, _ = watch.until(lambda now: now.value != state, for_)
        passed = [(at, to) for at, to in self.alarm.transitions(begun) if to != state]
        if left or passed:
            also = "".join(f"; {to} at {at:%H:%M:%S}" for at, to in passed)
            raise self._unmet(f"{state} for {for_}", f"{seen}{also}", watch.timeline)

    def _watch(self) -> Watch[AlarmState]:
        return Watch(self.clock, self.alarm.state, str)

    def _unmet(self, expected: str, got: str, timeline: Timeline) -> AssertionError:
        explanation = self.clock.explain(self.alarm.name)
        return unmet(str(self.alarm), expected, got, timeline, explanation)


@dataclass(frozen=True)
class QueueExpectation:
    """Of a queue: what arrives in it."""

    queue: Queue
    clock: Clock

    def receives(
        self,
        where: Callable[[Message], bool] = lambda _: True,
        *,
        exactly: int | None = None,
        within: timedelta = SOON,
        **attributes: str,
    ) -> list[Message]:
        """A message arrives that fits, and carries these attributes.

        With ``exactly`` so many arrive in all of the time, and no more.
        """

        def fitting(messages: list[Message]) -> list[Message]:
            return [one for one in messages if _carries(one, attributes) and where(one)]

        watch = Watch(self.clock, self.queue.messages, _several)
        wanted = f"{'a message' if exactly is None else f'exactly {exactly}'}" + _with(attributes)
        enough = 1 if exactly is None else exactly + 1
        watch.until(lambda seen: len(fitting(seen)) >= enough, within)
        found = fitting(self.queue.messages())
        if len(found) != exactly if exactly is not None else not found:
            got = f"{len(found)} that fit of {len(self.queue.taken)} in all" + _nearest(
                self.queue.taken, attributes
            )
            raise self._unmet(f"{wanted} within {within}", got, watch.timeline)
        return found

    def stays_empty(self, for_: timedelta) -> None:
        """Nothing arrives in this time."""
        watch = Watch(self.clock, self.queue.messages, _several)
        arrived, seen, _ = watch.until(bool, for_)
        if arrived:
            raise self._unmet(f"no message for {for_}", _several(seen), watch.timeline)

    def _unmet(self, expected: str, got: str, timeline: Timeline) -> AssertionError:
        explanation = self.clock.explain(self.queue.name)
        return unmet(str(self.queue), expected, got, timeline, explanation)


@dataclass(frozen=True)
class MetricExpectation:
    """Of a metric: which values it takes."""

    metric: Metric
    clock: Clock

    def reports(
        self,
        where: Callable[[float], bool] = lambda _: True,
        *,
        within: timedelta = SOON,
        since: datetime | None = None,
    ) -> float:
        """A value that fits is there in this time; looked for from ``since``, or from now on."""
        begin = (since or self.clock.now()).replace(second=0, microsecond=0)

        def look() -> list[float]:
            end = self.clock.now() + timedelta(minutes=1)
            return [value for _, value in self.metric.points(begin, end)]

        watch = Watch(self.clock, look, _values)
        found, seen, _ = watch.until(lambda values: any(map(where, values)), within)
        if not found:
            expected = f"a value that fits within {within}"
            raise unmet(str(self.metric), expected, _values(seen), watch.timeline, [])
        return next(value for value in seen if where(value))


@dataclass(frozen=True)
class CanaryExpectation:
    """Of a canary: how its runs end."""

    canary: Canary
    clock: Clock

    def passes(self, within: timedelta) -> dict[str, Any]:
        """A run that ends from now on passes in this time."""
        return self._ends("PASSED", within)

    def fails(self, within: timedelta) -> dict[str, Any]:
        """A run that ends from now on fails in this time."""
        return self._ends("FAILED", within)

    def _ends(self, state: str, within: timedelta) -> dict[str, Any]:
        begun = self.clock.now()

        def look() -> list[dict[str, Any]]:
            runs = self.canary.runs()
            return [run for run in runs if run["Timeline"]["Started"] >= begun]

        def fitting(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [run for run in runs if run["Status"]["State"] == state]

        watch = Watch(self.clock, look, _runs)
        found, seen, _ = watch.until(lambda runs: bool(fitting(runs)), within)
        if not found:
            explanation = self.clock.explain(self.canary.name)
            expected = f"a run {state} within {within}"
            raise unmet(str(self.canary), expected, _runs(seen), watch.timeline, explanation)
        return fitting(seen)[-1]


@dataclass(frozen=True)
class BucketExpectation:
    """Of a bucket: which objects it holds."""

    bucket: Bucket
    clock: Clock

    def holds(
        self,
        prefix: str = "",
        where: Callable[[dict[str, Any]], bool] = lambda _: True,
        *,
        within: timedelta = REPLICATION_TIME,
    ) -> str:
        """An object under a prefix whose head fits is there in this time; its key."""

        def look() -> dict[str, dict[str, Any]]:
            heads = {key: self.bucket.head(key) for key in self.bucket.keys(prefix)}
            return {key: head for key, head in heads.items() if head is not None}

        watch = Watch(self.clock, look, _objects)
        found, seen, _ = watch.until(lambda heads: any(map(where, heads.values())), within)
        if not found:
            expected = f"an object under {prefix!r} that fits within {within}"
            raise self._unmet(expected, _objects(seen), watch.timeline)
        return next(key for key, head in seen.items() if where(head))

    def is_rid_of(self, prefix: str, *, within: timedelta) -> None:
        """No version under a prefix is left in this time."""
        watch = Watch(self.clock, lambda: self.bucket.versions(prefix), "{} versions".format)
        found, seen, _ = watch.until(lambda left: left == 0, within)
        if not found:
            expected = f"nothing under {prefix!r} within {within}"
            raise self._unmet(expected, f"{seen} versions", watch.timeline)

    def _unmet(self, expected: str, got: str, timeline: Timeline) -> AssertionError:
        explanation = self.clock.explain(self.bucket.name)
        return unmet(str(self.bucket), expected, got, timeline, explanation)


_EXPECTATIONS: dict[type, Callable[[Any, Clock], Any]] = {
    Alarm: AlarmExpectation,
    Queue: QueueExpectation,
    Metric: MetricExpectation,
    Canary: CanaryExpectation,
    Bucket: BucketExpectation,
}


def _carries(message: Message, attributes: dict[str, str]) -> bool:
    return all(message.attributes.get(name) == value for name, value in attributes.items())


def _with(attributes: dict[str, str]) -> str:
    pairs = [f"{name}={value}" for name, value in attributes.items()]
    return f" with {', '.join(pairs)}" if pairs else ""


def _nearest(messages: list[Message], attributes: dict[str, str]) -> str:
    """The message that fits best of those that do not fit."""
    if not messages:
        return ""
    best = max(messages, key=lambda m: sum(m.attributes.get(k) == v for k, v in attributes.items()))
    return f"; the nearest: {best}"


def _several(messages: list[Message]) -> str:
    last = f", the last {messages[-1]}" if messages else ""
    return f"{len(messages)} messages{last}"


def _values(values: list[float]) -> str:
    return f"values {', '.join(f'{value:g}' for value in values) or 'none'}"


def _runs(runs: list[dict[str, Any]]) -> str:
    if not runs:
        return "no run"
    status = runs[0]["Status"]
    reason = f": {status['StateReason']}" if status.get("StateReason") else ""
    return f"{len(runs)} runs, the newest {status['State']}{reason}"


def _objects(heads: dict[str, dict[str, Any]]) -> str:
    shown = [
        f"{key} ({head.get('StorageClass', 'STANDARD')}"
        + (f", {head['ReplicationStatus']}" if "ReplicationStatus" in head else "")
        + ")"
        for key, head in sorted(heads.items())
    ]
    return f"{len(heads)} objects: {', '.join(shown[:5])}" if shown else "no objects"
