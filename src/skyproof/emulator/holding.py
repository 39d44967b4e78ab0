"""Calls of scripts that run before it is their turn, held back until it comes.

Several canaries that are due at the same moment run at the same time, and beside them what else
is due. What they ask of this world is answered one script after the other all the same, in the
order in which they were begun: otherwise the same calls would not have the same effects.

A script is known by the name that botocore writes into the user agent; what it asks by other means
than an AWS SDK is not held.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from skyproof.emulator.gate import INSIDERS

_APP_ID, _INSIDER = next(iter(INSIDERS.items()))
_NAMED = re.compile(rf"app/{_INSIDER}-([0-9a-f]+)")


def named(name: str) -> dict[str, str]:
    """The variables by which a function's calls are known to be its own.

    Args:
        name: 32 hexadecimal digits at most, for botocore keeps 50 characters.
    """
    return {_APP_ID: f"{_INSIDER}-{name}"}


class Holding:
    """Who is to wait, by name."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Hold nobody: what is true in a process that was just forked."""
        self._changed = threading.Condition()
        self._held: set[str] = set()

    def hold(self, name: str) -> None:
        """Let calls of that name wait until it is released."""
        with self._changed:
            self._held.add(name)

    def release(self, name: str) -> None:
        """Its turn has come; harmless when it was not held."""
        with self._changed:
            self._held.discard(name)
            self._changed.notify_all()

    def close(self) -> None:
        """Release all."""
        with self._changed:
            self._held.clear()
            self._changed.notify_all()

    def wait(self, environ: Mapping[str, Any]) -> None:
        """Return once whoever sends this request is not held."""
        if not self._held:
            return
        found = _NAMED.search(environ.get("HTTP_USER_AGENT", ""))
        if found is not None:
            with self._changed:
                self._changed.wait_for(lambda: found[1] not in self._held)
