"""The controller's side: it applies what its workers ask for, once each, and owns all of it.

A worker asks for a world in which some stacks stand, one applied after the other. Worlds are kept
by that list: the next one who asks for the same list gets a copy of the same world, and a longer
list begins with a copy of a shorter one's. No two lists see one another, as no two modules do that
one process applies and destroys in turn.
"""

from __future__ import annotations

import json
import secrets
import socketserver
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from skyproof.applied import AppliedStack
from skyproof.backends import Backend
from skyproof.backends.emulated import Emulated, Forked
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle.chronicle import Chronicle
from skyproof.lifecycle.journal import Phase
from skyproof.run import Run
from skyproof.terraform.workspace import Workspace

HOST = "127.0.0.1"

Wanted = tuple[str, ...]
"""Stacks in the order in which they are applied, each as JSON of its source and its variables."""


class Applying(Protocol):
    """What the host needs of a session."""

    @property
    def run(self) -> Run: ...
    @property
    def backend(self) -> Backend: ...
    @property
    def chronicle(self) -> Chronicle: ...
    def apply(
        self, source: Path, variables: Mapping[str, Any] | None, *, within: Backend | None
    ) -> AppliedStack: ...
    def interrupt(self) -> None: ...


@dataclass(frozen=True)
class Standing:
    """A world in which some stacks stand, and which nobody changes."""

    backend: Emulated
    stacks: tuple[AppliedStack, ...] = ()


@dataclass
class Worker:
    """What one worker has, which goes with its connection."""

    world: Forked | None = None
    is_kept: bool = False

    def move(self, world: Forked | None) -> None:
        """Give it another world in place of the one that it has."""
        before, self.world = self.world, world
        if before is not None and not self.is_kept:
            before.stop()


@dataclass
class Host:
    """Answers workers on a loopback port of its own, one thread each, who have its key."""

    session: Applying
    _worlds: dict[Wanted, Future[Standing]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False

    def __post_init__(self) -> None:
        self._key = secrets.token_hex(16)
        self._server = _Server(self._key, self.answer)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def invitation(self) -> dict[str, Any]:
        """What a worker needs to know, as plain data."""
        return {
            "port": self._server.server_address[1],
            "key": self._key,
            "run": self.session.run.to_json(),
        }

    def answer(self, worker: Worker, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a worker asks for."""
        try:
            if order["do"] == "keep":
                return self._keep(worker, order["workspace"])
            return self._stand(worker, tuple(order["stacks"]))
        except SkyproofError as error:
            return {"error": [error.what, error.hint, error.exit_code]}

    def close(self) -> None:
        """Let nobody in any more, and end what is being applied; harmless when that was done."""
        with self._lock:
            was_over, self._is_over = self._is_over, True
        if was_over:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        while unfinished := [one for one in self._worlds.values() if not one.done()]:
            self.session.interrupt()
            wait(unfinished, timeout=1)
        for one in self._worlds.values():
            if one.exception() is None:
                one.result().backend.clock().set(mode="real")

    def _stand(self, worker: Worker, wanted: Wanted) -> dict[str, Any]:
        standing = self._standing(wanted)
        world = standing.backend.fork()
        world.clock().set(mode="real")
        worker.move(world)
        return {
            "endpoint": world.endpoint,
            "stacks": [one.stack.workspace.to_json() for one in standing.stacks],
        }

    def _keep(self, worker: Worker, workspace: Mapping[str, str]) -> dict[str, Any]:
        worker.is_kept = True
        self.session.chronicle.open()
        self.session.chronicle.comes_to(Phase.KEPT, Workspace.from_json(workspace))
        return {}

    def _standing(self, wanted: Wanted) -> Standing:
        """The one world with these stacks; who asks first makes it, and the others wait."""
        with self._lock:
            if self._is_over:
                raise SkyproofError(
                    "The run is over, and no stack is applied any more.",
                    "Run again.",
                    ExitCode.INTERRUPTED,
                )
            is_first = wanted not in self._worlds
            world = self._worlds.setdefault(wanted, Future())
        if is_first:
            try:
                world.set_result(self._made(wanted))
            except BaseException as error:
                world.set_exception(error)
                raise
        return world.result()

    def _made(self, wanted: Wanted) -> Standing:
        if not wanted:
            return Standing(cast(Emulated, self.session.backend))
        below = self._standing(wanted[:-1])
        backend = below.backend.fork()
        source, variables = json.loads(wanted[-1])
        try:
            applied = self.session.apply(Path(source), variables, within=backend)
            # It waits for its copies: nothing needs to happen in it by itself.
            backend.clock().set(mode="manual")
        except BaseException:
            backend.stop()
            raise
        return Standing(backend, (*below.stacks, applied))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, key: str, answer: Callable[[Worker, Any], dict[str, Any]]) -> None:
        self.key, self.answer = key, answer
        super().__init__((HOST, 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    """A line of JSON each way, after the key; it ends with the worker, however that ends."""

    server: _Server

    def handle(self) -> None:
        key = self.rfile.readline(len(self.server.key) + 1).strip()
        if not secrets.compare_digest(key, self.server.key.encode()):
            return
        worker = Worker()
        try:
            for line in self.rfile:
                answer = self.server.answer(worker, json.loads(line))
                self.wfile.write(f"{json.dumps(answer)}\n".encode())
        except ConnectionError:
            pass  # the worker is gone
        finally:
            worker.move(None)
