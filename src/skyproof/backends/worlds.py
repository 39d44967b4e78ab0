"""Copies of an emulated world, made over its small HTTP interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skyproof.expect.emulated import ask

#: Longer than the emulator takes to make a copy, or to say why it does not.
TIMEOUT = 120.0


@dataclass(frozen=True)
class World:
    """A copy that was made of a world.

    Attributes:
        endpoint: serves every service, as the first's does.
        pid: of the process that serves it.
    """

    id: str
    endpoint: str
    pid: int
    origin: Worlds

    def drop(self) -> None:
        """End it, and all copies that were made of it."""
        self.origin.drop(self.id)


@dataclass(frozen=True)
class Worlds:
    """The copies of one world.

    Args:
        endpoint: of the world: ``http://127.0.0.1:PORT``.
    """

    endpoint: str

    def fork(self, patience: float | None = None) -> World:
        """Copy the world as it is, once nothing is being done in it.

        Args:
            patience: seconds to wait for what is being done, such as a function that runs; the
                emulator's own if it is not given.

        Raises:
            SkyproofError: something is still being done, or there is no room for one more.
        """
        body = {} if patience is None else {"patience": patience}
        made = self._call("POST", "worlds", body)
        return World(made["id"], made["endpoint"], made["pid"], self)

    def drop(self, id: str) -> None:
        """End a copy. Raises SkyproofError when there is none of that id."""
        self._call("DELETE", f"worlds/{id}")

    def living(self) -> list[World]:
        """Those that were made of this world and run."""
        found = self._call("GET", "worlds")["worlds"]
        return [World(one["id"], one["endpoint"], one["pid"], self) for one in found]

    def guard(self, *, on: bool) -> None:
        """Refuse from now on what would change the world from outside, or no more."""
        self._call("POST", "guard", {"on": on})

    def refused(self) -> list[str]:
        """The calls that the guard has refused, such as ``"sqs:SendMessage"``, oldest first."""
        found: list[str] = self._call("GET", "guard")["refused"]
        return found

    def written(self) -> int:
        """How often it may have been changed from outside since it began, or was copied."""
        return int(self._call("GET", "written")["written"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return ask(self.endpoint, method, path, body, who="The emulator", timeout=TIMEOUT)
