"""Pages of log events, and the tokens that lead on from them.

A token is a direction and a place among the ids, so that it stands however many events come or go
meanwhile, and stays the same where there is nothing more.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from skyproof.emulator.services.logs.events import LogEvent, written
from skyproof.emulator.services.logs.validation import invalid

#: "Each page returned can contain up to 1 MB of log events or up to 10,000 log events."
MAX_EVENTS, MAX_BYTES = 10_000, 1_048_576

_TOKEN = re.compile(r"([fb])/(\d{56,})")


@dataclass(frozen=True)
class Token:
    """Where a page begins: forward at an id and what follows, backward at what is before it."""

    forward: bool
    place: int

    def narrowed(self, first: int, end: int) -> tuple[int, int]:
        """What remains of a range of ids, of which the end is not part."""
        return (max(first, self.place), end) if self.forward else (first, min(end, self.place))

    def __str__(self) -> str:
        return f"{'f' if self.forward else 'b'}/{written(self.place)}"


def read(token: str) -> Token:
    """A token as it was given out.

    Raises:
        AwsError: InvalidParameterException.
    """
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise invalid("The specified nextToken is invalid.")
    return Token(parts[1] == "f", int(parts[2]))


def fill(events: Iterable[LogEvent], limit: int) -> tuple[list[LogEvent], bool]:
    """As many events as a page holds, and whether there are more."""
    page: list[LogEvent] = []
    size = 0
    for event in events:
        size += event.size
        if len(page) == limit or size > MAX_BYTES:
            return page, True
        page.append(event)
    return page, False
