"""Bad days: requests that are throttled, fail, or lose their connection.

What happens to the n-th request of an operation follows from the seed, whatever else is asked in
between: so two runs of the same stack have the same bad day.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Literal

from skyproof.emulator.strict.settings import Settings

Fault = Literal["throttled", "failure", "unavailable", "reset before", "reset after"]


class Faults:
    """What is to happen to each request."""

    def __init__(self, settings: Settings) -> None:
        self._seed = settings.seed
        self._rates: tuple[tuple[float, tuple[Fault, ...]], ...] = (
            (settings.throttle, ("throttled",)),
            (settings.errors, ("failure", "unavailable")),
            (settings.resets, ("reset before", "reset after")),
        )
        self._asked: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def next(self, service: str, operation: str) -> Fault | None:
        """What happens to the next request of an operation; ``None`` if nothing does."""
        with self._lock:
            self._asked[service, operation] += 1
            number = self._asked[service, operation]
        chance = random.Random(f"{self._seed}:{service}:{operation}:{number}")  # noqa: S311
        drawn = chance.random()
        for rate, faults in self._rates:
            if drawn < rate:
                return chance.choice(faults)
            drawn -= rate
        return None
