"""The embedded backend of a run that reuses what stands: at home, or in a copy of that."""

from __future__ import annotations

from pathlib import Path

from skyproof.backends.embedded import Embedded
from skyproof.backends.emulated import Emulated, Forked
from skyproof.backends.fronting import Fronting
from skyproof.backends.worlds import Worlds
from skyproof.errors import SkyproofError
from skyproof.settings import Settings


class Movable(Fronting):
    """One object for the whole run, whose endpoint moves with :meth:`enter` and :meth:`leave`.

    The emulator of its own starts when it is needed: a run that finds all that it wants standing
    never starts one.
    """

    name = Emulated.name
    version = Emulated.version
    is_local = Emulated.is_local
    capabilities = Emulated.capabilities

    def __init__(self, settings: Settings) -> None:
        self.account = settings.account
        self.region = settings.region
        self._home = Embedded(settings)
        self._copy: Forked | None = None

    @property
    def _behind(self) -> Emulated:
        if self._copy is not None:
            return self._copy
        self._home.start()
        return self._home

    def enter(self, copy: Forked) -> None:
        """Be in a copy of a standing world from now on."""
        self._copy = copy

    def leave(self) -> None:
        """Be at home again. The copy is ended by whoever made it."""
        self._copy = None

    @property
    def endpoint(self) -> str | None:
        return self._behind.endpoint

    @property
    def pid(self) -> int | None:
        """Of the process that serves it at the moment, if one does."""
        return self._copy.pid if self._copy is not None else self._home.pid

    def start(self) -> None:
        """Nothing yet: see above."""

    def stop(self) -> None:
        """End the emulator of its own."""
        self.leave()
        self._home.stop()

    @property
    def token(self) -> str:
        """By which it is known where it is."""
        return self._copy.token if self._copy is not None else self._home.token

    def let_go(self, idle_seconds: int, into: Path) -> None:
        """Let what it is in live on; a copy ends with what it was copied from."""
        if self._copy is None:
            self._home.let_go(idle_seconds, into)
        self._copy = None

    def failure(self) -> SkyproofError | None:
        """Why what it is in ended by itself, if that is known."""
        return (self._copy or self._home).failure()

    def worlds(self) -> Worlds:
        return self._behind.worlds()

    def fork(self) -> Forked:
        return self._behind.fork()

    def describe(self) -> str:
        return self._behind.describe() if self._copy or self._home.pid else "embedded, not started"
