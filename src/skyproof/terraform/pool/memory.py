"""Answers that are remembered: the same question gets the same bytes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable


class Memory:
    """Remembers answers without errors; the same question asked twice at once is asked once."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, bytes] = {}
        self._asking: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def recall(
        self,
        question: Hashable,
        ask: Callable[[], Awaitable[bytes]],
        is_bad: Callable[[bytes], bool],
    ) -> bytes:
        """The remembered answer, or a new one, which is remembered unless it is bad."""
        async with self._asking[question]:
            if question in self._answers:
                return self._answers[question]
            answer = await ask()
            if not is_bad(answer):
                self._answers[question] = answer
            return answer
