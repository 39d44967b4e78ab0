"""What is kept of Logs. The base has the groups' names, creation times and tags beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.services.logs.events import LogEvent, LogStream

Tags = dict[str, str]


@dataclass
class Document:
    """A policy's JSON text as put, and when."""

    text: str
    updated: datetime


@dataclass
class Group:
    """A log group.

    Attributes:
        retention: days; ``None`` keeps events for ever.
        streams: by name.
        numbers: one for each event that came.
        data_protection: the present policy; ``None`` without one.
        data_protection_status: ACTIVATED or DELETED; ``None`` while it never had a policy.
        metric_filters, subscription_filters: by name; each as the API describes it.
    """

    name: str
    arn: str
    log_class: str = "STANDARD"
    kms_key: str | None = None
    deletion_protected: bool = False
    data_protection: Document | None = None
    data_protection_status: str | None = None
    index_policy: Document | None = None
    metric_filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscription_filters: dict[str, dict[str, Any]] = field(default_factory=dict)
    retention: int | None = None
    streams: dict[str, LogStream] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    def kept_from(self, now: datetime) -> int:
        """The time before which events are gone; milliseconds."""
        return milliseconds(now - timedelta(days=self.retention)) if self.retention else 0

    def forget_expired(self, now: datetime) -> None:
        """Let go of what is past its retention: whoever looks does it first, no clock ticks."""
        kept_from = self.kept_from(now)
        if kept_from:
            for stream in self.streams.values():
                stream.forget_before(kept_from)

    def between(self, first: int, end: int, streams: Iterable[LogStream]) -> list[LogEvent]:
        """The events of some streams from one id up to another, which is not among them."""
        return sorted(event for stream in streams for event in stream.between(first, end))


@dataclass
class QueryDefinition:
    """A saved query of Logs Insights."""

    id: str
    name: str
    settings: dict[str, Any]
    modified: datetime


@dataclass
class AnomalyDetector:
    """A log anomaly detector; ``settings`` are those of CreateLogAnomalyDetector, without tags."""

    arn: str
    settings: dict[str, Any]
    tags: Tags
    created: datetime
    modified: datetime
    status: str = "INITIALIZING"


@dataclass
class AccountPolicy:
    """A policy for a whole account and Region; at most a few of each type."""

    name: str
    type: str
    document: Document
    scope: str
    criteria: str | None


@dataclass
class Store:
    """One account and Region.

    Attributes:
        groups: by name, made when first looked at.
        queries, detectors: by id and by ARN.
        account_policies: by type and name.
        exports: by id; each as the API describes it.
    """

    groups: dict[str, Group] = field(default_factory=dict)
    queries: dict[str, QueryDefinition] = field(default_factory=dict)
    detectors: dict[str, AnomalyDetector] = field(default_factory=dict)
    account_policies: dict[tuple[str, str], AccountPolicy] = field(default_factory=dict)
    exports: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Minutes:
    """What metric filters with a default wait for: the end of a minute that had log events.

    Attributes:
        waiting: account, region and group, with the minute.
        matched: the same with the filters that matched in it.
    """

    waiting: set[tuple[str, str, str, datetime]] = field(default_factory=set)
    matched: set[tuple[str, str, str, datetime, str]] = field(default_factory=set)
