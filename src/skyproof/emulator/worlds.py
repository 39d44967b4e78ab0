"""Copies of a world, each in a process forked off this one: made, listed and dropped."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from skyproof.emulator import forking
from skyproof.emulator.forking import Child
from skyproof.emulator.gate import Gate

#: How long a copy waits for what is being done, unless its maker says otherwise.
PATIENCE = 10.0
#: Much longer than either takes on a busy machine.
START_SECONDS, END_SECONDS = 30.0, 10.0


class NoSuchWorldError(Exception):
    """There is no copy of that id, or none any more."""


class WorldNotMadeError(Exception):
    """The copy did not come to life; the text says what it said."""


@dataclass(frozen=True)
class Copy:
    """A copy that is served by a process of its own."""

    id: str
    endpoint: str
    child: Child

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {"id": self.id, "endpoint": self.endpoint, "pid": self.child.pid}


class Worlds:
    """The copies that were made of one world, each of which may have copies in turn.

    Args:
        gate: of the world that is copied.
        serve: called in the new process: serves the world there and says where.
        close: called there at its end.
    """

    def __init__(self, gate: Gate, serve: Callable[[], str], close: Callable[[], None]) -> None:
        self._gate, self._serve, self._close = gate, serve, close
        self.forget()

    def forget(self) -> None:
        """None were made: true in a process that was just forked."""
        self._lock = threading.Lock()
        self._copies: dict[str, Copy] = {}
        self._numbers = itertools.count(1)

    def fork(self, patience: float = PATIENCE) -> Copy:
        """Copy the world as it is once nobody is inside.

        Raises:
            StillInsideError: somebody was, for as long as patience lasted.
            WorldNotMadeError, OSError: there is no copy, and the world goes on.
        """
        with self._gate.shut(patience):
            child = forking.fork(self._live)
        said = child.hear(START_SECONDS).decode(errors="replace")
        if not said.startswith("http://"):
            child.end(END_SECONDS)
            raise WorldNotMadeError(said or "it said nothing")
        with self._lock:
            copy = Copy(str(next(self._numbers)), said, child)
            self._copies[copy.id] = copy
        return copy

    def drop(self, id_: str) -> None:
        """End a copy, and all that were made of it.

        Raises:
            NoSuchWorldError: there is none of that id.
        """
        with self._lock:
            copy = self._copies.pop(id_, None)
        if copy is None:
            raise NoSuchWorldError(id_)
        copy.child.end(END_SECONDS)

    def living(self) -> list[Copy]:
        """Those that were not dropped, and have not ended by themselves."""
        with self._lock:
            copies = list(self._copies.values())
        for copy in copies:
            if not copy.child.is_alive:
                with suppress(NoSuchWorldError):
                    self.drop(copy.id)
        with self._lock:
            return list(self._copies.values())

    def close(self) -> None:
        """End all."""
        with self._lock:
            copies, self._copies = list(self._copies.values()), {}
        for copy in copies:
            copy.child.ask_to_end()
        for copy in copies:
            copy.child.end(END_SECONDS)

    def _live(self, line: socket.socket) -> None:
        self.forget()
        try:
            line.sendall(self._serve().encode())
            line.recv(1)  # nothing comes but the end: the parent's, or ours by its wish
        finally:
            self.close()
            self._close()
