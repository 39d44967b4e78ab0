"""Messages that outlived their queue's retention period are gone.

moto keeps them, and one at the head of a queue lets nothing behind it be received
(docs/upstream.md).
"""

from __future__ import annotations

from moto.sqs.models import sqs_backends


def drop_expired(account: str, region: str, name: str) -> None:
    """Remove what has expired from a queue; a queue that is not there has nothing."""
    backend = sqs_backends[account][region]
    queue = backend.queues.get(name)
    if queue is None:
        return
    kept = [
        message
        for message in queue._messages
        if backend.is_message_valid_based_on_retention_period(name, message)
    ]
    if len(kept) < len(queue._messages):
        queue._messages = kept
