"""The gateway on a loopback port."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import cheroot.wsgi

from skyproof import children
from skyproof.emulator.base import Base, MotoBase, as_sent
from skyproof.emulator.connections import Connection
from skyproof.emulator.edge import Edge
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.workers import Workers
from skyproof.emulator.world import World
from skyproof.emulator.worlds import Worlds

if TYPE_CHECKING:
    from skyproof.emulator.strict import Settings

HOST = "127.0.0.1"
PORT_TAKEN = 3

log = logging.getLogger(__name__)


#: A thread waits for each request that is being answered, and so does one for each that a function
#: makes while somebody waits for it: more than two applies of 32 resources at once need.
THREADS = 100
#: Connections are kept until the client closes them. Their age would be told by the world's time,
#: which leaps, and a connection that is closed while a request is on its way fails that request.
KEPT_SECONDS = 10**8
#: When garbage is looked for: Python's own 700, 10, 10 suit small programs. With a platform applied
#: a full search took 0.3 s, found nothing, and came so often that it was a tenth of a virtual day.
GARBAGE_THRESHOLDS = (10_000, 20, 50)


class _Request(cheroot.wsgi.Gateway_10):
    """A request as moto wants it."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # cheroot says None
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        headers = (name.decode("latin-1").lower() for name in self.req.inheaders)
        return environ | as_sent(environ["REQUEST_URI"], headers)


class _Server(cheroot.wsgi.Server):
    """Connections stay open between requests: a call takes half as long as with a new one each."""

    ConnectionClass = Connection
    keep_alive_conn_limit = sys.maxsize

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, msg, exc_info=traceback)


class Emulator:
    """One world served on a loopback port of this process.

    >>> with Emulator() as emulator:  # doctest: +SKIP
    ...     boto3.client("sqs", endpoint_url=emulator.endpoint, ...)

    Args:
        port: 0 takes a free one.
        base: makes the world's base.
        strict: how callers from outside are treated; without it, all of them may do everything.

    Raises:
        OSError: the port is taken.
        SkyproofError: the settings ask for what cannot be.
    """

    def __init__(
        self, port: int = 0, strict: Settings | None = None, base: Callable[[], Base] = MotoBase
    ) -> None:
        self.world = World(base)
        self.worlds = Worlds(self.world.gate, self._serve_copy, self.world.close)
        application = _application(self.world, strict)
        self.edge = Edge(application, self.world.gate, self.world.holding, self.worlds)
        self._listen(port)
        self.world.endpoint = self.endpoint

    def _listen(self, port: int) -> None:
        self._server = _Server(
            (HOST, port),
            self.edge,
            server_name="skyproof",
            request_queue_size=128,
            timeout=KEPT_SECONDS,
        )
        self._server.gateway = _Request
        self._server.requests = Workers(self._server, THREADS)
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, daemon=True)

    def _serve_copy(self) -> str:
        """In a process that was forked off this one's: serve the world on a port of its own."""
        self._listen(0)
        self.world.renew(self.endpoint)
        self.start()
        return self.endpoint

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self._server.bind_addr[1]}"

    def start(self) -> None:
        """Serve from a thread; the port answers when this returns."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self.worlds.close()
        # Before the server: a request that waits for a function ends with the world.
        self.world.close()
        self._server.stop()
        self._thread.join()

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _application(world: World, strict: Settings | None) -> Any:
    """The gateway, behind a strict one if there is to be one."""
    if strict is None:
        return Gateway(world)
    from skyproof.emulator.strict import StrictGateway

    return StrictGateway(world, strict)


def _settings(strict: Path | None) -> Settings | None:
    if strict is None:
        return None
    from skyproof.emulator.strict import read

    return read(strict)


def run(
    port: int,
    ready_file: Path | None = None,
    *,
    exit_with_stdin: bool = False,
    strict: Path | None = None,
    base: Callable[[], Base] = MotoBase,
    token: str = "",
) -> int:
    """Run an emulator in the foreground until SIGINT, SIGTERM or, if asked, the end of stdin.

    If stdin said that it shall stay (:func:`skyproof.children.let_go`), its end is that of a time
    in which nobody asked for anything. ``GET /_skyproof/identity`` shows the token.

    Once it answers, ``ready_file`` holds ``{"endpoint": ..., "pid": ...}``. Returns the exit code:
    0 after an orderly stop, 3 when the port is taken.

    Raises:
        SkyproofError: the file of a strict emulator is not right.
    """
    settings = _settings(strict)
    done = threading.Event()

    def finish(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, finish)
    try:
        emulator = Emulator(port, settings, base)
    except OSError as error:
        sys.stderr.write(
            f"skyproof: port {port} on {HOST} cannot be used: {error.strerror}. "
            "Choose another, or --port 0 for a free one.\n"
        )
        return PORT_TAKEN
    emulator.world.token = token
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    with emulator:
        _announce(emulator.endpoint, ready_file)
        if exit_with_stdin:
            edge = emulator.edge
            threading.Thread(target=_at_end_of_stdin, args=(done, edge), daemon=True).start()
        done.wait()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    return 0


def _announce(endpoint: str, ready_file: Path | None) -> None:
    ready = {"endpoint": endpoint, "pid": os.getpid()}
    if ready_file is None:
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        return
    # Renamed into place: whoever waits for the file never reads half of it.
    part = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    part.write_text(json.dumps(ready))
    part.replace(ready_file)


def _at_end_of_stdin(done: threading.Event, edge: Edge) -> None:
    said = b""
    # os.read, for a thread that holds sys.stdin's lock aborts the leaving interpreter.
    while part := os.read(sys.stdin.fileno(), 4096):
        said += part
    seconds = children.told_to_stay(said)
    if seconds:
        _wait_until_idle(done, edge, seconds)
    done.set()


def _wait_until_idle(done: threading.Event, edge: Edge, seconds: float) -> None:
    """Until it is done, or nobody has asked for anything for so long."""
    seen = -1
    # By waiting, not by a clock: the process is shown the world's time, which leaps.
    while edge.requests != seen and not done.is_set():
        seen = edge.requests
        done.wait(seconds)
