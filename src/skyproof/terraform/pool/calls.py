"""How long the calls to providers took, by phase and type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from skyproof.terraform.pool import protocol


@dataclass
class Timing:
    """The calls of one phase to one type, added up.

    Attributes:
        phase: ``validate``, ``read``, ``plan`` or ``apply``.
        seconds: of all calls together; calls that ran at once count each.
        longest: seconds of the longest one.
    """

    phase: str
    type_name: str
    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0


class Calls:
    """Adds up what providers were asked."""

    def __init__(self) -> None:
        self._timings: dict[tuple[str, str], Timing] = {}

    @contextmanager
    def timed(self, method: str, request: bytes) -> Iterator[None]:
        """Count one call, if it is about a type."""
        begun = monotonic()
        try:
            yield
        finally:
            if method in protocol.PHASES:
                self._add(protocol.PHASES[method], protocol.type_name(request), monotonic() - begun)

    def _add(self, phase: str, type_name: str, seconds: float) -> None:
        timing = self._timings.setdefault((phase, type_name), Timing(phase, type_name))
        timing.calls += 1
        timing.seconds += seconds
        timing.longest = max(timing.longest, seconds)

    def told(self) -> list[dict[str, Any]]:
        """The timings as plain data."""
        return [asdict(timing) for timing in self._timings.values()]
