"""What X-Ray keeps for one account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Tags = dict[str, str]


@dataclass
class Group:
    """A group of traces; ``filter`` is the filter expression as given."""

    name: str
    arn: str
    filter: str | None
    insights: dict[str, bool]


@dataclass
class SamplingRule:
    """A sampling rule; ``settings`` is a ``SamplingRule`` of the API, name and ARN included."""

    settings: dict[str, Any]
    created: datetime
    modified: datetime


@dataclass(frozen=True)
class SamplingReport:
    """What one client said of one rule: a ``SamplingStatisticsDocument``."""

    rule: str
    client: str
    timestamp: datetime
    requests: int
    sampled: int
    borrowed: int


@dataclass
class ResourcePolicy:
    """A resource policy; the revision counts up from 1 with every change."""

    name: str
    document: str
    revision: int
    updated: datetime


@dataclass
class Segment:
    """A segment document: parsed, and as it came."""

    id: str
    trace_id: str
    fields: dict[str, Any]
    document: str


@dataclass
class Store:
    """One account and region; tags by the ARN of the group or rule.

    Attributes:
        rules: by name; the Default rule is added when first looked at.
        segments: by trace and segment id: a segment that is sent again replaces the first.
        telemetry: ``TelemetryRecord`` of the API, as daemons sent them.
    """

    groups: dict[str, Group] = field(default_factory=dict)
    rules: dict[str, SamplingRule] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)
    encryption: dict[str, str] = field(default_factory=lambda: {"Type": "NONE"})
    policies: dict[str, ResourcePolicy] = field(default_factory=dict)
    reports: list[SamplingReport] = field(default_factory=list)
    segments: dict[str, dict[str, Segment]] = field(default_factory=dict)
    telemetry: list[dict[str, Any]] = field(default_factory=list)
