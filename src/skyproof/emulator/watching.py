"""Who waits for what arrives in a queue or a stream: told, so that nobody need look in vain.

And how long to wait for one that refuses to be read.
"""

from __future__ import annotations

from collections.abc import Callable

Told = Callable[[], None]


class Watchers:
    """Those who wait, by the ARN of what they wait for; they are told in the order they came."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, Told]] = {}

    def add(self, arn: str, who: str, told: Told) -> None:
        """Have somebody told whenever something arrives at, or leaves, a queue or stream."""
        self._waiting.setdefault(arn, {})[who] = told

    def remove(self, arn: str, who: str) -> None:
        """Tell somebody no more; harmless for who was not told."""
        self._waiting.get(arn, {}).pop(who, None)

    def tell(self, arn: str) -> None:
        """Something has changed."""
        for told in list(self._waiting.get(arn, {}).values()):
            told()


class Patience:
    """Pauses before a source that refused is read again: longer each time, and at last none.

    AWS does not document its pace; this is the emulator's. After a day, when what waits has mostly
    expired, only something new is worth another look: a source that refuses for ever costs little.
    """

    FIRST, LONGEST, DAY = 1.0, 3600.0, 86_400.0

    def __init__(self) -> None:
        self._next, self._waited = self.FIRST, 0.0

    def pause(self) -> float | None:
        """Seconds to wait now; None to wait until something new arrives."""
        if self._waited >= self.DAY:
            self.renew()
            return None
        pause = self._next
        self._waited += pause
        self._next = min(self.LONGEST, pause * 2)
        return pause

    def renew(self) -> None:
        """It was read: refusals are forgotten."""
        self._next, self._waited = self.FIRST, 0.0
