"""Log events on their way in: kept, counted by filters, passed on to subscribers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import (
    batches,
    embedded_metrics,
    extraction,
    forwarding,
    patterns,
)
from skyproof.emulator.services.logs.batches import InputEvent
from skyproof.emulator.services.logs.events import LogEvent, LogStream, id_at, written
from skyproof.emulator.services.logs.lookup import group_named, stream_named
from skyproof.emulator.services.logs.store import Group, Minutes, Store
from skyproof.emulator.services.logs.validation import invalid, operation

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: A group's minute, with the filters that matched in it.
Minute = tuple[str, str, str, datetime]


class Ingestion:
    """The operation that takes log events, and what follows from it."""

    stores: Regional[Store]
    world: World
    minutes: Minutes

    @operation("PutLogEvents")
    def put_log_events(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        stream = stream_named(group, params["logStreamName"])
        now = call.world.clock.now()
        batch = batches.accepted(params["logEvents"], now, group.kept_from(now))
        _keep(group, stream, batch.taken, now)
        if batch.taken:
            self._follow_up(call, group, stream, batch.taken)
        rejected = {"rejectedLogEventsInfo": batch.rejected} if batch.rejected else {}
        return {"nextSequenceToken": written(stream.batches), **rejected}

    @operation("TestMetricFilter")
    def try_metric_filter(self, _: Call, params: Params) -> Result:
        try:
            pattern = patterns.parse(params["filterPattern"])
        except patterns.PatternError as error:
            raise invalid(f"Invalid metric filter pattern: {error}") from error
        found = []
        for number, text in enumerate(params["logEventMessages"], 1):
            match = pattern.match(text)
            if match is not None:
                values = {name: str(value) for name, value in match.columns.items()}
                found.append(
                    {"eventNumber": number, "eventMessage": text, "extractedValues": values}
                )
        return {"matches": found}

    def _follow_up(
        self, call: Call, group: Group, stream: LogStream, events: list[InputEvent]
    ) -> None:
        """What becomes of events that were taken."""
        self._count(call, group, events)
        for namespace, datum in embedded_metrics.found(events):
            self._publish(call, namespace, [datum])
        for subscription in group.subscription_filters.values():
            pattern = parsed(subscription["filterPattern"])
            passed = [one for one in events if pattern.match(one["message"]) is not None]
            if passed:
                forwarding.forward(call, group, subscription, stream.name, passed)

    def _count(self, call: Call, group: Group, events: list[InputEvent]) -> None:
        """Publish what metric filters find; those with a default wait for the minute's end."""
        for filter_ in group.metric_filters.values():
            pattern = parsed(filter_["filterPattern"])
            matches = [(one, pattern.match(one["message"])) for one in events]
            hits = [(one, match) for one, match in matches if match is not None]
            for transformation in filter_["metricTransformations"]:
                data = [extraction.datum(transformation, one, match) for one, match in hits]
                known = [datum for datum in data if datum is not None]
                if known:
                    self._publish(call, transformation["metricNamespace"], known)
            if any("defaultValue" in one for one in filter_["metricTransformations"]):
                self._wait_for_minute(call, group)
                if hits:
                    self.minutes.matched.add((*self._minute(call, group), filter_["filterName"]))

    def _minute(self, call: Call, group: Group) -> Minute:
        now = call.world.clock.now()
        return call.account, call.region, group.name, now.replace(second=0, microsecond=0)

    def _wait_for_minute(self, call: Call, group: Group) -> None:
        minute = self._minute(call, group)
        if minute in self.minutes.waiting:
            return
        self.minutes.waiting.add(minute)
        due = minute[3] + timedelta(minutes=1)
        what = f"logs: defaults of {group.name}"
        call.world.clock.at(due, what, lambda: self._publish_defaults(call, group, minute))

    def _publish_defaults(self, call: Call, group: Group, minute: Minute) -> None:
        """The default of every filter that matched nothing in a minute that had log events.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
        """
        with self.world.lock:
            self.minutes.waiting.discard(minute)
            for filter_ in group.metric_filters.values():
                key = (*minute, filter_["filterName"])
                if key in self.minutes.matched:
                    self.minutes.matched.discard(key)
                    continue
                for transformation in filter_["metricTransformations"]:
                    if "defaultValue" in transformation:
                        datum = extraction.default(transformation, minute[3])
                        self._publish(call, transformation["metricNamespace"], [datum])

    def _publish(self, call: Call, namespace: str, data: list[dict[str, Any]]) -> None:
        from skyproof.emulator.services.cloudwatch.service import CloudWatch

        cloudwatch = CloudWatch.of(self.world)
        cloudwatch.accept(call.account, call.region, namespace, data)


def _keep(group: Group, stream: LogStream, events: list[InputEvent], now: datetime) -> None:
    ingested = milliseconds(now)
    kept = [
        LogEvent(
            id_at(event["timestamp"], next(group.numbers)),
            event["timestamp"],
            event["message"],
            ingested,
            stream.name,
        )
        for event in events
    ]
    stream.add(kept, ingested)


@lru_cache(maxsize=1024)
def parsed(text: str) -> patterns.Pattern:
    """A pattern that was checked when it was put."""
    return patterns.parse(text)
