"""All that CloudWatch keeps for one account and region: plain data, which a fork can copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from skyproof.emulator.services.cloudwatch.metrics import MetricStore
from skyproof.emulator.services.cloudwatch.rules import Rule, State, children

AlarmType = Literal["MetricAlarm", "CompositeAlarm"]
HistoryType = Literal["ConfigurationUpdate", "StateUpdate", "Action"]
Tags = dict[str, str]


@dataclass
class AlarmState:
    """A state with the reason for it.

    Attributes:
        reason_data: JSON text, or ``None`` where CloudWatch gives none.
        updated: when value or reason last changed.
        transitioned: when the value last changed.
    """

    value: State
    reason: str
    reason_data: str | None
    updated: datetime
    transitioned: datetime


@dataclass
class Alarm:
    """A metric or composite alarm.

    Attributes:
        configuration: what Put…Alarm was given, in its names, with defaults filled in; neither name
            nor tags are in it.
        rule: the parsed ``AlarmRule`` of a composite alarm, ``None`` for a metric alarm.
    """

    name: str
    arn: str
    type: AlarmType
    configuration: dict[str, Any]
    configured: datetime
    state: AlarmState
    rule: Rule | None = None

    @property
    def children(self) -> tuple[str, ...]:
        """The names of the alarms that a composite alarm's rule mentions; ARNs become names."""
        if self.rule is None:
            return ()
        return tuple(dict.fromkeys(map(alarm_name, children(self.rule))))

    @property
    def suppressor(self) -> str | None:
        """The name of the alarm that suppresses this one's actions."""
        named = self.configuration.get("ActionsSuppressor")
        return alarm_name(named) if named else None

    @property
    def actions(self) -> Iterator[str]:
        """The ARNs of all actions, for whatever state."""
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            yield from self.configuration[kind]


@dataclass(frozen=True)
class HistoryItem:
    """One line of an alarm's history; ``data`` is JSON text."""

    alarm: str
    alarm_type: AlarmType
    timestamp: datetime
    type: HistoryType
    summary: str
    data: str


@dataclass
class AnomalyDetector:
    """A model: of a single metric or of a metric math expression.

    Attributes:
        single: a ``SingleMetricAnomalyDetector``, or ``None``.
        math: a ``MetricMathAnomalyDetector``, or ``None``.
    """

    id: str
    single: dict[str, Any] | None
    math: dict[str, Any] | None
    configuration: dict[str, Any]
    characteristics: dict[str, Any] | None
    created: datetime
    state: str = "PENDING_TRAINING"


@dataclass
class MetricStream:
    """A metric stream; ``configuration`` is what was put, without name and tags."""

    name: str
    arn: str
    configuration: dict[str, Any]
    created: datetime
    updated: datetime
    state: Literal["running", "stopped"] = "running"


@dataclass
class Dashboard:
    """A dashboard; ``body`` is the JSON text exactly as put."""

    name: str
    arn: str
    body: str
    modified: datetime


@dataclass
class InsightRule:
    """A Contributor Insights rule.

    Attributes:
        template: the managed rule's template, ``None`` for a rule of one's own.
        resource: the ARN of the resource that a managed rule watches.
    """

    name: str
    arn: str
    definition: str
    schema: str
    enabled: bool = True
    on_transformed_logs: bool | None = None
    template: str | None = None
    resource: str | None = None


@dataclass
class Store:
    """One account and region. Tags are kept by ARN; every taggable thing has an entry there."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    history: list[HistoryItem] = field(default_factory=list)
    detectors: dict[str, AnomalyDetector] = field(default_factory=dict)
    streams: dict[str, MetricStream] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)
    insight_rules: dict[str, InsightRule] = field(default_factory=dict)
    metrics: MetricStore = field(default_factory=MetricStore)
    tags: dict[str, Tags] = field(default_factory=dict)


def alarm_name(reference: str) -> str:
    """The alarm's name in a name or an ARN (``arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME``)."""
    parts = reference.split(":", 6)
    is_arn = (
        len(parts) == 7 and parts[0] == "arn" and parts[2] == "cloudwatch" and parts[5] == "alarm"
    )
    return parts[6] if is_arn else reference
