"""How far an apply or destroy is: done of total, what it waits for, elapsed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from rich.console import Console
from rich.live import Live
from rich.text import Text

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


class Display:
    """Shows what runs, several at once too: live on a terminal, elsewhere as a line now and then.

    Args:
        stream: where to; the process's standard error unless given.
        redact: takes the secrets out of what is shown.
    """

    def __init__(self, stream: IO[str] | None = None, redact: Callable[[str], str] = str) -> None:
        self._redact = redact
        self._console = Console(file=stream, stderr=stream is None)
        self._can_be_live = self._console.is_terminal and not self._console.is_dumb_terminal
        self._next_line: dict[int, float] = {}
        self._shown: list[Progress] = []
        self._live: Live | None = None
        self._lock = threading.RLock()

    @contextmanager
    def showing(self, progress: Progress) -> Iterator[Callable[[str], None]]:
        """Show a progress as long as the block runs; yields what takes Terraform's lines."""
        with self._lock:
            self._shown.append(progress)
            self._next_line[id(progress)] = progress.now() + LINE_EVERY_SECONDS
            if self._can_be_live and self._live is None:
                self._live = Live(
                    get_renderable=self._render, console=self._console, transient=True
                )
                self._live.start()
        try:
            yield lambda line: self._take(progress, line)
        finally:
            self._end(progress)

    def tell(self, line: str) -> None:
        """Show one line of text."""
        with self._lock:
            self._print(line)

    def _take(self, progress: Progress, line: str) -> None:
        progress.read(line)
        with self._lock:
            if self._live is None and progress.now() >= self._next_line[id(progress)]:
                self._next_line[id(progress)] = progress.now() + LINE_EVERY_SECONDS
                self._print(progress)

    def _end(self, progress: Progress) -> None:
        with self._lock:
            self._shown.remove(progress)
            del self._next_line[id(progress)]
            if self._live is not None and not self._shown:
                self._live.stop()
                self._live = None
            self._print(progress)

    def _print(self, line: Progress | str) -> None:
        self._console.print(self._redact(str(line)), markup=False, highlight=False, soft_wrap=True)

    def _render(self) -> Text:
        with self._lock:
            return Text(self._redact("\n".join(str(progress) for progress in self._shown)))
