"""The environments of all functions: which are warm, which are busy."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.functions.environment import Definition, Environment, Invocation, Outcome

#: Each holds a process of some 40 MB.
MAX_ENVIRONMENTS = 16


class Throttled(Exception):
    """As many environments of a function are busy as it may have."""


@dataclass(eq=False)
class _Place:
    key: str
    environment: Environment | None = None
    forgotten: bool = False


@dataclass(frozen=True)
class Begun:
    """An invocation under way, and where."""

    place: _Place
    invocation: Invocation


class Pool:
    """Keeps environments warm by a key that names a function, its version and its revision."""

    def __init__(self, python: str = sys.executable) -> None:
        self._python = python
        self._lock = threading.Lock()
        self._idle: list[_Place] = []  # the one used last comes last
        self._busy: list[_Place] = []
        self._theirs: list[_Place] = []
        self._closed = False

    def invoke(
        self, key: str, definition: Callable[[], Definition], payload: bytes, **request: Any
    ) -> Outcome:
        """Invoke, and wait for it: `begin` and `end`."""
        return self.end(self.begin(key, definition, payload, **request))

    def begin(
        self,
        key: str,
        definition: Callable[[], Definition],
        payload: bytes,
        *,
        limit: int | None = None,
        **request: Any,
    ) -> Begun:
        """Let a handler run in the environment of this key that was used last, or in a new one.

        What was begun must be ended: until then the environment is busy.

        :param definition: asked for only when a new environment starts.
        :param limit: how many of this key may be busy at once.
        :param request: as `Environment.begin` takes it.
        :raises Throttled: so many are.
        :raises PackageError: a new environment cannot be unpacked.
        :raises RuntimeError: the pool is closed.
        """
        place = self._take(key, limit)
        try:
            if place.environment is None:
                place.environment = Environment(definition(), self._python)
                if self._closed:
                    raise RuntimeError("the pool is closed")
            return Begun(place, place.environment.begin(payload, **request))
        except BaseException:
            self._give_back(place)
            raise

    def end(self, begun: Begun) -> Outcome:
        """Wait for what was begun."""
        environment = begun.place.environment
        assert environment is not None, "it was begun there"
        try:
            return environment.end(begun.invocation)
        finally:
            self._give_back(begun.place)

    @property
    def is_crowded(self) -> bool:
        """Whether more are busy than are kept."""
        return len(self._busy) > MAX_ENVIRONMENTS

    def forget(self, prefix: str) -> None:
        """Close all whose key starts so; those that are busy finish first."""
        with self._lock:
            leaving = [place for place in self._idle if place.key.startswith(prefix)]
            self._idle = [place for place in self._idle if place not in leaving]
            for place in self._busy:
                place.forgotten = place.forgotten or place.key.startswith(prefix)
        _close(leaving)

    def close(self) -> None:
        """End all, also what runs; idempotent."""
        with self._lock:
            self._closed = True
            leaving, self._idle = self._idle, []
            for place in self._busy:
                if place.environment is not None:
                    place.environment.kill()
        _close(leaving)

    def renew(self) -> None:
        """Begin without any, in a process that was just forked: those that are there are not its.

        None is busy: what runs is waited for before a fork. Nobody uses them; to free them would
        write to 200 pages that are shared: 10 ms on a busy machine.
        """
        self._lock = threading.Lock()
        self._theirs += self._idle
        self._idle = []

    def _take(self, key: str, limit: int | None) -> _Place:
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed")
            if limit is not None and sum(place.key == key for place in self._busy) >= limit:
                raise Throttled(key)
            warm = [place for place in self._idle if place.key == key]
            place = warm[-1] if warm else _Place(key)
            if warm:
                self._idle.remove(place)
            self._busy.append(place)
            dead = place.environment is not None and not place.environment.alive
        if dead:
            _close([place])
            place.environment = None
        return place

    def _give_back(self, place: _Place) -> None:
        environment = place.environment
        leaving = []
        with self._lock:
            self._busy.remove(place)
            if self._closed or place.forgotten or environment is None or not environment.alive:
                leaving.append(place)
            else:
                self._idle.append(place)
            while self._idle and len(self._idle) + len(self._busy) > MAX_ENVIRONMENTS:
                leaving.append(self._idle.pop(0))
        _close(leaving)


def _close(places: list[_Place]) -> None:
    for place in places:
        if place.environment is not None:
            place.environment.close()
