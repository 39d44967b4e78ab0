"""Who is inside a world: requests, and what the clock sets going.

A world is copied by forking its process, and the copy has one thread: what others were half-way
through would stay so there, and what they had locked stay locked. So each of them goes through the
gate, and the gate is shut until all have left before the process forks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: Where a request's visit stands in its WSGI environment.
ENVIRON_KEY = "skyproof.visit"
#: The name by which functions and canaries go: botocore writes it into each request's user agent,
#: whatever credentials it is sent with.
#: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
INSIDERS = {"AWS_SDK_UA_APP_ID": "skyproof-function"}
_MARK = f"app/{INSIDERS['AWS_SDK_UA_APP_ID']}"


@dataclass(eq=False)
class Visit:
    """One stay in a world.

    Attributes:
        what: for who waits for its end, e.g. ``"lambda:Invoke"``.
        nested: a function or canary calls, which somebody inside waits for.
    """

    what: str
    nested: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Visit:
        """The visit of a request."""
        what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        return cls(what, _MARK in environ.get("HTTP_USER_AGENT", ""))


class StillInsideError(Exception):
    """Some did not leave in time; the text says who."""


class Gate:
    """Lets all in; while it is shutting, only those for whom somebody inside waits."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Open, and nobody inside: what is true in a process that was just forked."""
        self._changed = threading.Condition()
        self._inside: list[Visit] = []
        self._is_shutting = self._is_shut = False

    @contextmanager
    def passing(self, visit: Visit) -> Iterator[Visit]:
        """Wait outside while the gate is shut, then stay inside for the block."""
        with self._changed:
            while self._is_shut or (self._is_shutting and not visit.nested):
                self._changed.wait()
            self._inside.append(visit)
        try:
            yield visit
        finally:
            with self._changed:
                self._inside.remove(visit)
                self._changed.notify_all()

    @contextmanager
    def shut(self, seconds: float) -> Iterator[None]:
        """Let nobody new in, and run the block once all have left.

        Raises:
            StillInsideError: some have not, after so many seconds. All may enter again.
        """
        with self._changed:
            while self._is_shutting:
                self._changed.wait()
            self._is_shutting = True
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: not self._inside, seconds):
                    raise StillInsideError(", ".join(sorted(visit.what for visit in self._inside)))
                # From here on a function that calls is one for which nobody waits.
                self._is_shut = True
            yield
        finally:
            with self._changed:
                self._is_shutting = self._is_shut = False
                self._changed.notify_all()
