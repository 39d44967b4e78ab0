"""Who waits for what arrives in a queue or a stream: told, so that nobody need look in vain."""

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
