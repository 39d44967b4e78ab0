"""What a strict emulator did to those who called it, for ``GET /_skyproof/strict``."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Literal

Counted = Literal["requests", "refused", "expired", "throttled", "errors", "resets", "stale"]
_ALL: tuple[Counted, ...] = (
    *("requests", "refused", "expired", "throttled", "errors", "resets", "stale"),
)


class Counts:
    """Counted since the emulator started."""

    def __init__(self) -> None:
        self._counted: Counter[Counted] = Counter()
        self._lock = threading.Lock()

    def add(self, what: Counted) -> None:
        """Once more."""
        with self._lock:
            self._counted[what] += 1

    def describe(self) -> dict[str, int]:
        """As JSON, what never happened too."""
        with self._lock:
            return {what: self._counted[what] for what in _ALL}
