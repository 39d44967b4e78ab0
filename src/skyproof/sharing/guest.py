"""A worker's side: a world of its own, in which stacks stand that the controller applied."""

from __future__ import annotations

import json
import re
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.backends.emulated import Emulated
from skyproof.errors import ExitCode, SkyproofError
from skyproof.expect import EmulatedClock
from skyproof.run import Run
from skyproof.sharing.host import HOST
from skyproof.terraform import Stack
from skyproof.terraform.workspace import Workspace

ADDRESS = re.compile(r"^http://127\.0\.0\.1:\d+")


class Guest(Emulated):
    """The AWS of one worker: a copy of one that the controller has, and now and then of another.

    Clients and clocks that were made before go along.

    Args:
        port, key: of the controller's host.
    """

    def __init__(self, account: str, region: str, port: int, key: str) -> None:
        super().__init__(account, region)
        self._address, self._key = (HOST, port), key
        self._line: socket.socket | None = None

    def start(self) -> None:
        """Begin with a world in which nothing stands; harmless when it has begun."""
        if self._line is None:
            self._line = socket.create_connection(self._address)
            self._line.sendall(f"{self._key}\n".encode())
            self._answers = self._line.makefile("rb")
            self.stand([])

    def stand(self, wanted: Sequence[str]) -> list[Workspace]:
        """Go to a copy of the world in which these stacks stand, applied if nobody has yet.

        Returns:
            Where they were applied.

        Raises:
            SkyproofError: they cannot be applied; this worker stays where it was.
        """
        answer = self._ask({"do": "stand", "stacks": list(wanted)})
        self._endpoint = answer["endpoint"]
        return [Workspace.from_json(one) for one in answer["stacks"]]

    def keep(self, workspace: Workspace) -> None:
        """Have the controller keep this world, and a workspace that works upon it."""
        self._ask({"do": "keep", "workspace": workspace.to_json()})

    def stop(self) -> None:
        """Leave; the controller ends the world."""
        line, self._line, self._endpoint = self._line, None, None
        self._clients.clear()
        if line is not None:
            self._answers.close()
            line.close()

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client, which asks wherever this worker is by then."""
        client = super().client(service, region, account)
        client.meta.events.register("before-sign", self._redirect, unique_id="skyproof-guest")
        return client

    def clock(self) -> EmulatedClock:
        """The clock of wherever this worker is by then."""
        return _Clock(self)

    def _redirect(self, request: Any, **_: Any) -> None:
        assert self._endpoint is not None, "the backend is not started"
        request.url = ADDRESS.sub(self._endpoint, request.url, count=1)

    def _ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        assert self._line is not None, "the backend is not started"
        try:
            self._line.sendall(f"{json.dumps(order)}\n".encode())
            answer: dict[str, Any] = json.loads(self._answers.readline())
        except (OSError, ValueError) as error:
            raise SkyproofError(
                "The controller of this run does not answer its worker any more.",
                "If it was killed, `skyproof reap` finishes what it began. Then run again.",
                ExitCode.INTERRUPTED,
            ) from error
        if "error" in answer:
            raise SkyproofError(*answer["error"])
        return answer


class _Clock(EmulatedClock):
    def __init__(self, guest: Guest) -> None:
        object.__setattr__(self, "_guest", guest)

    @property
    def endpoint(self) -> str:  # read-only, as that of a frozen class is
        guest: Guest = self.__dict__["_guest"]
        assert guest.endpoint is not None, "the backend is not started"
        return guest.endpoint


@dataclass
class Sharing:
    """What a worker has in common with others, until it writes something of its own.

    A world that was written to is not left any more: from then on this worker applies and destroys
    by itself, as one process does.

    Args:
        worker: its name, such as ``gw0``.
        opened: makes a stack of a workspace in which it was applied.
    """

    backend: Guest
    run: Run
    worker: str
    opened: Callable[[Workspace, Mapping[str, str]], Stack]
    _wanted: list[str] = field(default_factory=list)
    _stacks: list[Stack] = field(default_factory=list)
    _is_alone: bool = False

    @property
    def own_run(self) -> Run:
        """The run, as what this worker does alone is written down."""
        return replace(self.run, id=f"{self.run.id}-{self.worker}")

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack | None:
        """A stack that is applied once for all; nothing where this worker is on its own."""
        if self.goes_alone():
            return None
        wanted = [*self._wanted, json.dumps([str(source.resolve()), _plain(variables)])]
        there = self.backend.stand(wanted)[-1]
        into = there.top.with_name(f"{there.top.name}-{self.worker}-{uuid.uuid4().hex[:8]}")
        stack = self.opened(there.fork(into), self.backend.environment())
        self._wanted = wanted
        self._stacks.append(stack)
        self._move_stacks()
        return AppliedStack(stack, self.backend, self.run)

    def has(self, stack: Stack) -> bool:
        """Whether a stack was applied for all."""
        return any(one is stack for one in self._stacks)

    def leave(self, stack: Stack) -> bool:
        """Go where a stack does not stand; not so where it has to be destroyed for that."""
        is_last = self._stacks[-1] is stack
        self._is_alone |= not is_last or self.goes_alone()
        self._stacks = [one for one in self._stacks if one is not stack]
        if self._is_alone:
            return False
        self._wanted.pop()
        self.backend.stand(self._wanted)
        self._move_stacks()
        stack.drop()
        return True

    def close(self) -> None:
        """The worker is done: its copies of what was applied for all go."""
        while self._stacks:
            self._stacks.pop().drop()

    def goes_alone(self) -> bool:
        """Whether something was written to this worker's world, or its time was halted."""
        if not self._is_alone:
            changed = self.backend.worlds().written() or self.backend.clock().mode != "real"
            self._is_alone = bool(changed)
        return self._is_alone

    def _move_stacks(self) -> None:
        """Let Terraform look where this worker is by now."""
        for stack in self._stacks:
            stack.environment = self.backend.environment()


def _plain(value: Any) -> Any:
    """As JSON has it, and the same in every worker: sets have an order of their own in each."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in sorted(value.items())}
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner) for inner in value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
