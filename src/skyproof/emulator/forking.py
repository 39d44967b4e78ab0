"""A process forked off this one: what it must let go of, and how the two hear of each other's end.

The two are joined by a pair of sockets. Each reads its end when the other closes its own or dies,
even by SIGKILL, on Linux and macOS alike.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

_MOST_SAID = 4096


@dataclass(frozen=True, eq=False)
class Child:
    """A process that was forked, seen from its parent."""

    pid: int
    line: socket.socket

    def hear(self, seconds: float) -> bytes:
        """The first thing that it says; nothing when it ends or says nothing for so long."""
        self.line.settimeout(seconds)
        with contextlib.suppress(OSError):
            return self.line.recv(_MOST_SAID)
        return b""

    @property
    def is_alive(self) -> bool:
        """Whether it runs: it speaks once, and its end of the line closes with it."""
        try:
            self.line.setblocking(False)
            return self.line.recv(_MOST_SAID) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def ask_to_end(self) -> None:
        """Without waiting for it."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def end(self, seconds: float) -> None:
        """Ask it to end, and kill it when that takes longer."""
        self.ask_to_end()
        self.line.settimeout(seconds)
        try:
            while self.line.recv(_MOST_SAID):
                pass
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass  # it is gone
        self.line.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def fork(live: Callable[[socket.socket], None]) -> Child:
    """Fork, and let the child do nothing but ``live``, with its end of the line.

    What fails in it is told over the line, as ``live`` may tell what it likes, and logged.

    Raises:
        OSError: the system has no room for one more process.
    """
    ours, theirs = socket.socketpair()
    # What is there already stays where it is in memory, shared, when the child collects garbage.
    gc.freeze()
    try:
        pid = _fork()
    except OSError:
        gc.unfreeze()
        ours.close()
        theirs.close()
        raise
    if pid:
        gc.unfreeze()
        theirs.close()
        return Child(pid, ours)
    try:
        _begin(theirs)
        live(theirs)
    except SystemExit:
        pass
    except BaseException as error:
        log.exception("a forked process failed")
        with contextlib.suppress(OSError):
            theirs.sendall(f"{type(error).__name__}: {error}".encode())
    finally:
        # What the parent registered for its own end is not ours to do.
        os._exit(0)


def _fork() -> int:
    """The one place that forks though there are threads, of which Python 3.12 and newer warn.

    They wait outside the gate (:mod:`skyproof.emulator.gate`) or for a connection.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _begin(line: socket.socket) -> None:
    _let_go({1, 2, line.fileno()})
    # Ctrl-C reaches the whole group of processes; the parent's end is told over the line.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit())


def _let_go(kept: set[int]) -> None:
    """Let every descriptor but a few lead nowhere, and what the parent has open be its own.

    Not closed: an object that holds its number would later close what has got that number since.
    """
    # Listing takes a descriptor, which is free again when /dev/null gets the first free one.
    # A path for each of 300 connections would take 2 ms, of the 20 that a copy is made in.
    descriptors = [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        if descriptor not in kept and descriptor != nowhere:
            os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)
