"""What PutLogEvents takes, and what of it.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.services.logs.events import size_of
from skyproof.emulator.services.logs.validation import invalid

MAX_BYTES = 1_048_576
#: "Events older than 14 days or preceding the log group's retention period are rejected while
#: processing remaining valid events", and "more than 2 hours in the future" as well.
OLDEST, NEWEST = timedelta(days=14), timedelta(hours=2)
#: "For valid events …, the time span in a single batch cannot exceed 24 hours."
LONGEST_SPAN = 86_400_000

InputEvent = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """The events that are taken, and ``rejectedLogEventsInfo`` of the others, empty without any."""

    taken: list[InputEvent]
    rejected: dict[str, int]


def accepted(events: list[InputEvent], now: datetime, kept_from: int) -> Batch:
    """What is taken of some events.

    Args:
        events: as PutLogEvents gets them.
        kept_from: the time before which the group's retention lets go of events; milliseconds.

    Raises:
        AwsError: InvalidParameterException, in recorded words, for what AWS takes nothing of.
    """
    _check_size(events)
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    too_old = bisect_left(times, milliseconds(now - OLDEST))
    expired = bisect_left(times, kept_from)
    too_new = bisect_right(times, milliseconds(now + NEWEST))
    taken = events[max(too_old, expired) : too_new]
    if taken and taken[-1]["timestamp"] - taken[0]["timestamp"] > LONGEST_SPAN:
        raise invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours."
        )
    # The ends are exclusive, the start is inclusive:
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_RejectedLogEventsInfo.html
    rejected = {}
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    if too_new < len(times):
        rejected["tooNewLogEventStartIndex"] = too_new
    return Batch(taken, rejected)


def _check_size(events: list[InputEvent]) -> None:
    sizes = [size_of(event["message"]) for event in events]
    if max(sizes) > MAX_BYTES:
        raise invalid(f"Log event too large: {max(sizes)} bytes exceeds limit of {MAX_BYTES}")
    if sum(sizes) > MAX_BYTES:
        raise invalid(f"Upload too large: {sum(sizes)} bytes exceeds limit of {MAX_BYTES}")
