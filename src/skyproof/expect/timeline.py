"""What a test saw while it waited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

SHOWN = 30


class UnmetExpectation(AssertionError):
    """Something that a test expected did not come about, or something that it ruled out did."""


@dataclass
class Timeline:
    """Observations in the order in which they were made; the same again is not repeated."""

    seen: list[tuple[datetime, str]] = field(default_factory=list)
    looks: int = 0

    def add(self, at: datetime, what: str) -> None:
        """Note what was seen at a moment."""
        self.looks += 1
        if not self.seen or self.seen[-1][1] != what:
            self.seen.append((at, what))

    def __str__(self) -> str:
        lines = [f"  {at:%Y-%m-%d %H:%M:%S}  {what}" for at, what in self.seen[-SHOWN:]]
        left_out = len(self.seen) - SHOWN
        return "\n".join(([f"  … {left_out} earlier"] if left_out > 0 else []) + lines)


def unmet(
    subject: str, expected: str, got: str, timeline: Timeline, explanation: list[str]
) -> UnmetExpectation:
    """The error, with address, expected, got, the timeline, and what is known of deliveries."""
    parts = [
        subject,
        f"expected: {expected}",
        f"got:      {got}",
        f"seen in {timeline.looks} looks:",
        str(timeline),
    ]
    if explanation:
        parts += ["what happened:", *(f"  {line}" for line in explanation)]
    return UnmetExpectation("\n".join(parts))
