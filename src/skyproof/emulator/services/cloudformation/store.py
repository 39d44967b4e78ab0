"""What CloudFormation remembers: stacks, their resources and their events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Resource:
    """One resource of a stack.

    Attributes:
        physical_id: what Ref gives.
        properties: as resolved when it was last made or changed.
        attributes: what Fn::GetAtt gives.
    """

    logical_id: str
    type: str
    properties: dict[str, Any]
    physical_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""
    updated: datetime | None = None


@dataclass
class Event:
    """One line of a stack's history."""

    id: str
    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str


@dataclass
class Stack:
    """A stack with its template, parameters and resources, in the order of their making."""

    id: str
    name: str
    created: datetime
    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    notification_arns: list[str]
    on_failure: str
    timeout: int | None
    status: str = "CREATE_IN_PROGRESS"
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    policy: str | None = None
    termination_protection: bool = False
    role_arn: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass
class Store:
    """The stacks of one account and region, by id; deleted ones stay, as on AWS for 90 days."""

    stacks: dict[str, Stack] = field(default_factory=dict)

    def find(self, name_or_id: str) -> Stack | None:
        """A living stack by name, or any by id."""
        if name_or_id in self.stacks:
            return self.stacks[name_or_id]
        for stack in self.stacks.values():
            if stack.name == name_or_id and stack.deleted is None:
                return stack
        return None
