"""Answers kept until something changes them.

Deliveries ask the same questions again and again: what a role may do, where a topic's messages go.
A day of a busy world asks them a hundred thousand times, at a few milliseconds each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_READS = ("Get", "List", "Describe", "Head", "Search", "Lookup", "Filter", "Test", "Batch")
#: Operations that change data, not configuration.
_DATA = frozenset(
    (
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "CreateLogStream",
        "Decrypt",
        "DeleteMessage",
        "DeleteMessageBatch",
        "DeleteObject",
        "Encrypt",
        "GenerateDataKey",
        "Invoke",
        "Publish",
        "PublishBatch",
        "PutEvents",
        "PutLogEvents",
        "PutMetricData",
        "PutObject",
        "PutRecord",
        "PutRecordBatch",
        "PutRecords",
        "ReceiveMessage",
        "SendMessage",
        "SendMessageBatch",
    )
)


class Memo:
    """What was computed of each service's configuration."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[Hashable, Any]] = {}

    def get(self, service: str, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of a key, computed when the service has changed since it was asked for last."""
        kept = self._kept.setdefault(service, {})
        if key not in kept:
            value = compute()
            # What changed while it was computed has put another dict in place.
            kept[key] = value
            return value
        found: T = kept[key]
        return found

    def operated(self, service: str, operation: str) -> None:
        """An operation was called: unless it only reads, or moves data, forget the service."""
        if changes_configuration(operation):
            self._kept[service] = {}


def only_reads(operation: str) -> bool:
    """Whether an operation changes nothing, by its name."""
    return operation.startswith(_READS)


def changes_configuration(operation: str) -> bool:
    """Whether an operation changes more than data."""
    return operation not in _DATA and not only_reads(operation)
