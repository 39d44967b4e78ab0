"""How far an apply or destroy is: done of total, what it waits for, elapsed."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from rich.console import Console
from rich.status import Status

# A line in a log that is read later: often enough to show life, seldom enough to stay readable.
LINE_EVERY_SECONDS = 15.0


@dataclass
class Progress:
    """Counts resources from Terraform's ``-json`` stream.

    https://developer.hashicorp.com/terraform/internals/machine-readable-ui

    Attributes:
        what: e.g. ``apply complete``.
        total: resources to be worked on; 0 until the plan is known.
        done: those that are complete.
    """

    what: str
    now: Callable[[], float] = time.monotonic
    total: int = 0
    done: int = 0
    _waiting: dict[str, float] = field(default_factory=dict)
    _started: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._started = self.now()

    def read(self, line: str) -> None:
        """Take one line of the stream; lines that are no JSON are passed over."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        with self._lock:
            self._take(event)

    def _take(self, event: dict[str, object]) -> None:
        kind = event.get("type")
        if kind == "change_summary":
            changes = event["changes"]
            assert isinstance(changes, dict)
            self.total = self.total or sum(changes.get(n, 0) for n in ("add", "change", "remove"))
            return
        hook = event.get("hook")
        # Data sources that are read on the way are no part of the plan's count.
        if not isinstance(hook, dict) or hook.get("action") == "read":
            return
        address = str(hook.get("resource", {}).get("addr", ""))
        if kind == "apply_start":
            self._waiting[address] = self.now()
        elif kind in ("apply_complete", "apply_errored"):
            self._waiting.pop(address, None)
            self.done += kind == "apply_complete"

    def __str__(self) -> str:
        with self._lock:
            elapsed = self.now() - self._started
            oldest = min(self._waiting, key=self._waiting.__getitem__, default="")
        count = f"{self.done}/{self.total}" if self.total else f"{self.done}"
        waits = f", waits for {oldest}" if oldest else ""
        return f"{self.what}: {count} resources, {elapsed:.0f} s{waits}"


class Reporter:
    """Shows a progress: live on a terminal, as a plain line now and then elsewhere."""

    def __init__(self, progress: Progress, stream: IO[str] | None = None) -> None:
        self._progress = progress
        self._console = Console(file=stream or sys.stderr, stderr=stream is None)
        self._status: Status | None = None
        self._next_line = progress.now() + LINE_EVERY_SECONDS

    def __enter__(self) -> Reporter:
        if self._console.is_terminal:
            self._status = self._console.status(str(self._progress))
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def line(self, line: str) -> None:
        """Take a line of Terraform's output and show what it changed."""
        self._progress.read(line)
        if self._status is not None:
            self._status.update(str(self._progress))
        elif self._progress.now() >= self._next_line:
            self._next_line = self._progress.now() + LINE_EVERY_SECONDS
            self._console.print(str(self._progress), markup=False, highlight=False, soft_wrap=True)
