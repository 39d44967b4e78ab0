"""How many processes there were, and how much memory the largest had."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Census:
    """Counts processes.

    Attributes:
        most: how many there were at once.
        peak_bytes: the most resident memory of one that has ended.
    """

    started: int = 0
    running: int = 0
    most: int = 0
    peak_bytes: int = 0

    def begun(self) -> None:
        """Another one runs."""
        self.started += 1
        self.running += 1
        self.most = max(self.most, self.running)

    def ended(self, peak_bytes: int) -> None:
        """One has ended."""
        self.running -= 1
        self.peak_bytes = max(self.peak_bytes, peak_bytes)
