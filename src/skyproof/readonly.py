"""The stack that tests share is only read while a test runs: who writes fails, and is told how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from skyproof.backends.worlds import Worlds
from skyproof.errors import ExitCode, SkyproofError


@dataclass
class ReadOnly:
    """Whether the world that tests share may be written to.

    Args:
        worlds: of the world that is shared at this moment.
    """

    worlds: Callable[[], Worlds]
    _is_on: bool = False
    _refused: list[str] = field(default_factory=list)

    @contextmanager
    def during(self, test: str) -> Iterator[None]:
        """Let nobody write inside.

        Raises:
            SkyproofError: somebody tried to; it names the calls, whatever became of them.
        """
        try:
            with self._put(on=True):
                yield
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # pytest's own are no Exceptions
            self._raise_refused(test, error)
            raise
        self._raise_refused(test)

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Let who sets something up write inside: an apply, a fixture that others share."""
        with self._put(on=False):
            yield

    @contextmanager
    def _put(self, *, on: bool) -> Iterator[None]:
        before = self._is_on
        self._turn(on=on)
        try:
            yield
        finally:
            self._turn(on=before)

    def _turn(self, *, on: bool) -> None:
        if on == self._is_on:
            return
        worlds = self.worlds()
        if self._is_on:
            self._refused += worlds.refused()
        worlds.guard(on=on)
        self._is_on = on

    def _raise_refused(self, test: str, cause: BaseException | None = None) -> None:
        calls, self._refused = ", ".join(dict.fromkeys(self._refused)), []
        if not calls:
            return
        raise SkyproofError(
            f"{test} writes to the stack that it shares with other tests: {calls}",
            "Use the `world` fixture in place of `stack`: a copy for this test alone. "
            "--skyproof-shared-writes=allow lets tests write.",
            ExitCode.FAILED,
        ) from cause
