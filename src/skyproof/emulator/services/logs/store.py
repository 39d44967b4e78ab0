"""What is kept here of Logs, beside the groups, streams and events that the base has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Tags = dict[str, str]


@dataclass
class Document:
    """A policy's JSON text as put, and when."""

    text: str
    updated: datetime


@dataclass
class Group:
    """A log group, as far as the base does not know it.

    Attributes:
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
    """

    groups: dict[str, Group] = field(default_factory=dict)
    queries: dict[str, QueryDefinition] = field(default_factory=dict)
    detectors: dict[str, AnomalyDetector] = field(default_factory=dict)
    account_policies: dict[tuple[str, str], AccountPolicy] = field(default_factory=dict)


@dataclass
class Minutes:
    """What metric filters with a default wait for: the end of a minute that had log events.

    Attributes:
        waiting: account, region and group, with the minute.
        matched: the same with the filters that matched in it.
    """

    waiting: set[tuple[str, str, str, datetime]] = field(default_factory=set)
    matched: set[tuple[str, str, str, datetime, str]] = field(default_factory=set)
