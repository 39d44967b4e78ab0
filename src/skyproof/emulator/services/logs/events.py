"""Log streams and their events, kept in the order of time."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

#: What an event counts beside its message, in bytes.
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
OVERHEAD = 26
#: An id holds the event's time above these bits, as on AWS: the tokens in the example of
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
#: are such ids, and their times those of the example's events.
_BITS_BELOW_TIME = 144


class LogEvent(NamedTuple):
    """One event; events compare by their ids, in the order of time and then of arrival.

    Attributes:
        timestamp, ingested: milliseconds since 1970.
        stream: the name of its stream.
    """

    id: int
    timestamp: int
    message: str
    ingested: int
    stream: str

    @property
    def size(self) -> int:
        return size_of(self.message)


def size_of(message: str) -> int:
    """What an event counts, in bytes."""
    return len(message.encode()) + OVERHEAD


def id_at(timestamp: int, number: int = 0) -> int:
    """The id of the event that came as number so-and-so; without one, the least of a time."""
    return (timestamp << _BITS_BELOW_TIME) + number


def written(id_: int) -> str:
    """An id as AWS writes it, 56 digits."""
    return f"{id_:056d}"


@dataclass
class LogStream:
    """A log stream.

    Attributes:
        created, ingested: milliseconds since 1970; ``None`` while nothing came.
        first, last: the times of the earliest and latest event that it ever had.
        batches: how many came.
        size: of the events that are there.
    """

    name: str
    created: int
    ingested: int | None = None
    first: int | None = None
    last: int | None = None
    batches: int = 0
    size: int = 0
    _events: list[LogEvent] = field(default_factory=list)

    def add(self, events: list[LogEvent], now: int) -> None:
        """Take a batch, which is in order; it may be older than what is there."""
        self.batches += 1
        if not events:
            return
        self.ingested = now
        follows = not self._events or self._events[-1] < events[0]
        self._events += events
        if not follows:
            self._events.sort()
        self.size += sum(event.size for event in events)
        earliest, latest = events[0].timestamp, events[-1].timestamp
        self.first = earliest if self.first is None else min(self.first, earliest)
        self.last = latest if self.last is None else max(self.last, latest)

    def between(self, first: int, end: int) -> list[LogEvent]:
        """The events from one id up to another, which is not among them."""
        return self._events[self._place(first) : self._place(end)]

    def forget_before(self, timestamp: int) -> None:
        """Let go of what is older than a time."""
        if not self._events or self._events[0].timestamp >= timestamp:
            return
        place = self._place(id_at(timestamp))
        self.size -= sum(event.size for event in self._events[:place])
        del self._events[:place]

    def _place(self, id_: int) -> int:
        return bisect_left(self._events, id_, key=lambda event: event.id)
