"""The one source of time in the emulator."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """The world's time. Services ask it and never the machine, so that it can be turned."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        return datetime.now(UTC)
