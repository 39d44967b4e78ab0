"""Whom a notification configuration names, and what each is told.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.services.s3.filters import KeyFilter

#: Member of the configuration → member that holds the destination's ARN.
DESTINATIONS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}


@dataclass(frozen=True)
class Notification:
    """One destination and the events that it is told."""

    id: str
    arn: str
    events: tuple[str, ...]
    filter: KeyFilter

    def wants(self, name: str, key: str) -> bool:
        """Whether it is told an event, by its name without ``s3:``."""
        wanted = (f"s3:{name}", f"s3:{name.partition(':')[0]}:*")
        return any(event in wanted for event in self.events) and self.filter.matches(key)


def notifications(configuration: dict[str, Any]) -> Iterator[Notification]:
    """The destinations of a configuration but EventBridge, in the order of its members."""
    for member, arn in DESTINATIONS.items():
        for one in configuration.get(member, []):
            yield Notification(one["Id"], one[arn], tuple(one["Events"]), KeyFilter.of(one))
