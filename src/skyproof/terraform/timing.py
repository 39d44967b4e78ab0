"""How long Terraform took: its commands, of which several may run at once, and its resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Span:
    """One command: what it was, and when it began and ended on the monotonic clock, in seconds."""

    what: str
    begun: float
    ended: float


@dataclass(frozen=True)
class ResourceTime:
    """What one resource took of an apply or destroy.

    Attributes:
        action: ``create``, ``update``, ``delete`` or ``read``.
        seconds: failed ones count too.
    """

    address: str
    action: str
    seconds: float


def resource_times(events: Iterable[Mapping[str, Any]]) -> Iterator[ResourceTime]:
    """The resources of a ``-json`` stream; its own elapsed seconds are whole ones, its times not.

    https://developer.hashicorp.com/terraform/internals/machine-readable-ui
    """
    begun: dict[tuple[str, str], datetime] = {}
    for event in events:
        hook = event.get("hook", {})
        key = (hook.get("resource", {}).get("addr", ""), hook.get("action", ""))
        if event.get("type") == "apply_start":
            begun[key] = datetime.fromisoformat(event["@timestamp"])
        elif event.get("type") in ("apply_complete", "apply_errored") and key in begun:
            took = datetime.fromisoformat(event["@timestamp"]) - begun.pop(key)
            yield ResourceTime(*key, took.total_seconds())


def wall_seconds(spans: Iterable[Span]) -> float:
    """The seconds in which at least one of the spans ran; what ran at once counts once."""
    total, reached = 0.0, float("-inf")
    for span in sorted(spans, key=lambda one: one.begun):
        total += max(0.0, span.ended - max(span.begun, reached))
        reached = max(reached, span.ended)
    return total
