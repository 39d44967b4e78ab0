"""When the messages of a queue can be received, which moto decides only when it is asked.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moto.core.utils import unix_time_millis
from moto.sqs.models import sqs_backends

if TYPE_CHECKING:
    from moto.sqs.models import Message, Queue

#: moto counts in milliseconds, as a float of the clock's microseconds.
_MICROSECOND = 0.001


def uncover(account: str, region: str, name: str) -> None:
    """Let all messages be seen whose time to be hidden is over.

    moto hides a message for longer than its timeout on a clock that stands. Of a message group
    whose messages come back together it gives out the last one first, for it takes one after the
    other for no longer in flight (docs/upstream.md).
    """
    queue = _queue(account, region, name)
    if queue is None:
        return
    now = unix_time_millis() + _MICROSECOND
    for message in queue._messages:
        if message.visible_at <= now:
            message.visible_at = 0.0
            queue.pending_messages.discard(message)
        if message.delayed_until <= now:
            message.delayed_until = 0.0


def receivable(account: str, region: str, name: str) -> datetime | None:
    """When the first message can be received, in the past if it can be now; None without one."""
    queue = _queue(account, region, name)
    if queue is None:
        return None
    groups = _groups_in_flight(queue)
    retained = queue.message_retention_period * 1000  # type: ignore[attr-defined]
    times = []
    for message in queue._messages:
        time = max(_shown(message), groups.get(message.group_id or "", 0.0))
        # moto declares that it is None, and sets it.
        sent = float(message.sent_timestamp)  # type: ignore[arg-type]
        if max(time, unix_time_millis()) < sent + retained:
            times.append(time)
    if not times:
        return None
    return datetime.fromtimestamp(math.ceil(min(times) * 1000) / 1_000_000, UTC)


def dead_letter_queue(account: str, region: str, name: str) -> str | None:
    """The ARN of the queue to which receiving may move messages."""
    queue = _queue(account, region, name)
    target = queue.dead_letter_queue if queue is not None else None
    return target.queue_arn if target is not None else None


def _groups_in_flight(queue: Queue) -> dict[str, float]:
    """Until when a message in flight keeps back its group: of a FIFO queue alone."""
    until: dict[str, float] = {}
    if queue.fifo_queue:
        for message in list(queue.pending_messages):
            group = message.group_id or ""
            until[group] = max(until.get(group, 0.0), message.visible_at)
    return until


def _shown(message: Message) -> float:
    return max(message.visible_at, message.delayed_until)


def _queue(account: str, region: str, name: str) -> Queue | None:
    found: Queue | None = sqs_backends[account][region].queues.get(name)
    return found
