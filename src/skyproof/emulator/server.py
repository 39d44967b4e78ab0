"""The gateway on a loopback port."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World

HOST = "127.0.0.1"
PORT_TAKEN = 3


class _Handler(MotoRequestHandler):
    # Headers and body leave in two writes; Nagle's algorithm would hold the second for 40 ms.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """A line per request is noise: failures are logged by the gateway."""


class Emulator:
    """One world served on a loopback port of this process.

    >>> with Emulator() as emulator:  # doctest: +SKIP
    ...     boto3.client("sqs", endpoint_url=emulator.endpoint, ...)

    Args:
        port: 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self.world = World()
        # Bound here, not by werkzeug: on a taken port werkzeug prints and leaves the process.
        listener = socket.create_server((HOST, port), backlog=128)
        try:
            self._server: BaseWSGIServer = make_server(
                HOST,
                0,
                Gateway(self.world),
                threaded=True,
                request_handler=_Handler,
                fd=listener.fileno(),
            )
        finally:
            listener.close()
        self.world.endpoint = self.endpoint
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self._server.socket.getsockname()[1]}"

    def start(self) -> None:
        """Serve from a thread; the port answers when this returns."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.world.close()

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def run(port: int, ready_file: Path | None = None, *, exit_with_stdin: bool = False) -> int:
    """Run an emulator in the foreground until SIGINT, SIGTERM or, if asked, the end of stdin.

    Once it answers, ``ready_file`` holds ``{"endpoint": ..., "pid": ...}``. Returns the exit code:
    0 after an orderly stop, 3 when the port is taken.
    """
    done = threading.Event()

    def finish(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, finish)
    try:
        emulator = Emulator(port)
    except OSError as error:
        sys.stderr.write(
            f"skyproof: port {port} on {HOST} cannot be used: {error.strerror}. "
            "Choose another, or --port 0 for a free one.\n"
        )
        return PORT_TAKEN
    with emulator:
        _announce(emulator.endpoint, ready_file)
        if exit_with_stdin:
            threading.Thread(target=_at_end_of_stdin, args=(done,), daemon=True).start()
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


def _at_end_of_stdin(done: threading.Event) -> None:
    # os.read, for a thread that holds sys.stdin's lock aborts the leaving interpreter.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    done.set()
