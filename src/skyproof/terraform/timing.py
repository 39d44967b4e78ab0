"""How long Terraform took, when several of its commands may run at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """One command: what it was, and when it began and ended on the monotonic clock, in seconds."""

    what: str
    begun: float
    ended: float


def wall_seconds(spans: Iterable[Span]) -> float:
    """The seconds in which at least one of the spans ran; what ran at once counts once."""
    total, reached = 0.0, float("-inf")
    for span in sorted(spans, key=lambda one: one.begun):
        total += max(0.0, span.ended - max(span.begun, reached))
        reached = max(reached, span.ended)
    return total
