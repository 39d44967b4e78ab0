"""What ECS remembers of services and task definitions beyond the base."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
FARGATE_PROVIDERS = {"FARGATE", "FARGATE_SPOT"}


@dataclass
class Deployment:
    """The primary deployment of a service: there is no other, since each completes at once."""

    id: str
    created: datetime
    updated: datetime


@dataclass
class ServiceRecord:
    """A service as ECS keeps it.

    Attributes:
        request: what CreateService was asked, to tell a repetition from another service.
        fields: the members of the answer that requests set, as they stand.
        deployed: the members that only a deployment tells.
        family: the platform family, of Fargate services alone.
        events: latest first, as the answer has them.
    """

    arn: str
    cluster: str
    name: str
    created: datetime
    request: dict[str, Any]
    fields: dict[str, Any]
    deployed: dict[str, Any]
    deployment: Deployment
    family: str | None = None
    status: str = ACTIVE
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def controller(self) -> str:
        return str(self.fields["deploymentController"]["type"])

    @property
    def is_fargate(self) -> bool:
        strategy = self.fields.get("capacityProviderStrategy", [])
        providers = {item["capacityProvider"] for item in strategy}
        return self.fields.get("launchType") == "FARGATE" or bool(providers & FARGATE_PROVIDERS)

    @property
    def kind(self) -> str:
        """The launch type that statistics count it under."""
        return str(self.fields.get("launchType", "FARGATE" if self.is_fargate else "EC2"))

    @property
    def is_daemon(self) -> bool:
        return bool(self.fields["schedulingStrategy"] == "DAEMON")

    def desired(self, instances: int) -> int:
        """How many tasks there are to be, in a cluster of so many container instances."""
        if not self.is_active:
            return 0
        return instances if self.is_daemon else int(self.fields["desiredCount"])


@dataclass
class Store:
    """One account's ECS in one region.

    Attributes:
        services: by cluster and name; deleted ones stay, inactive, as on AWS.
        task_definitions: by ARN, the members of the answer that the base drops or changes.
    """

    services: dict[tuple[str, str], ServiceRecord] = field(default_factory=dict)
    task_definitions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def active(self, cluster: str) -> list[ServiceRecord]:
        """The services of a cluster that were not deleted, by name."""
        found = [s for s in self.services.values() if s.cluster == cluster and s.is_active]
        return sorted(found, key=lambda service: service.name)
