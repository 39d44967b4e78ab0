"""What happened in a world by itself: deliveries, runs, evaluations, and why one failed.

Tests that wait in vain read it to say what went wrong, and runs are compared by it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

#: Older ones are forgotten: a day of the whole platform makes some 20,000.
KEPT = 100_000

Outcome = Literal["done", "refused", "failed", "dropped"]


@dataclass(frozen=True)
class Happening:
    """One thing that a service did of its own accord.

    Attributes:
        source: the ARN of what acted, e.g. an alarm or a topic.
        what: in a few words, e.g. ``"notify"``, ``"deliver"``, ``"run"``.
        target: the ARN of what it acted on; empty where there is none.
        outcome: ``refused`` by the other side, ``failed`` in itself, ``dropped`` by configuration.
        reason: why it was not done, in the words of whoever refused.
    """

    at: datetime
    source: str
    what: str
    target: str = ""
    outcome: Outcome = "done"
    reason: str = ""

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"at": self.at.isoformat()}


class Happenings:
    """The newest happenings of a world, oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Happening] = deque(maxlen=KEPT)

    def add(self, happening: Happening) -> None:
        self._kept.append(happening)

    def __iter__(self) -> Iterator[Happening]:
        return iter(list(self._kept))

    def about(self, part: str) -> list[Happening]:
        """Those whose source or target holds a text, such as a name or an ARN."""
        return [one for one in self if part in one.source or part in one.target]
