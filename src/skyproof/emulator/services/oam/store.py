"""What OAM keeps for one account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Tags = dict[str, str]


@dataclass
class Sink:
    """The attachment point in a monitoring account.

    Attributes:
        policy: the JSON text as put; ``None`` before the first PutSinkPolicy.
    """

    id: str
    arn: str
    name: str
    tags: Tags
    policy: str | None = None


@dataclass
class Link:
    """What a source account shares, and with which sink.

    Attributes:
        configuration: a ``LinkConfiguration`` of the API; empty when everything is shared.
    """

    id: str
    arn: str
    sink_arn: str
    label_template: str
    label: str
    resource_types: list[str]
    configuration: dict[str, Any]
    tags: Tags


@dataclass
class Store:
    """One account and region: at most one sink, and the links that start here; both by ARN."""

    sinks: dict[str, Sink] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
