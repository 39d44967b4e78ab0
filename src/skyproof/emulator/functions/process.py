"""A subprocess with a private channel, whose output never blocks it, and which leaves nothing."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from skyproof.emulator.functions.log import Log

Message = dict[str, Any]

_LENGTHS = struct.Struct(">II")
_CHUNK = 64 * 1024
#: Linux lets a pipe grow to this for users without privileges (`man 7 pipe`).
_LARGEST_PIPE = 1024 * 1024
#: Seconds: how long an ending process may take to leave its exit status.
_GRACE = 1.0


class Ended(Exception):
    """The subprocess is gone."""


class Process:
    """Runs `command` with two more arguments: the descriptors of its channel and its lifeline.

    The channel carries JSON messages, each with a payload that may be large and stays as it is; the
    lengths of both come first. The lifeline is a pipe into which nobody writes: its end tells the
    subprocess that this process has died.
    """

    def __init__(
        self, command: Sequence[str], *, folder: Path, variables: Mapping[str, str]
    ) -> None:
        self._ours = ExitStack()
        with ExitStack() as failing, ExitStack() as theirs:
            failing.enter_context(self._ours)
            self._channel, far = socket.socketpair()
            self._ours.enter_context(self._channel)
            theirs.enter_context(far)
            lifeline = self._pipe_out(theirs)
            self._output, written = os.pipe()
            self._ours.callback(os.close, self._output)
            theirs.callback(os.close, written)
            self._popen = subprocess.Popen(
                [*command, str(far.fileno()), str(lifeline)],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                cwd=folder,
                env=variables,
                pass_fds=(far.fileno(), lifeline),
                start_new_session=True,
            )
            failing.pop_all()
        os.set_blocking(self._output, False)
        self._selector = self._ours.enter_context(selectors.DefaultSelector())
        self._selector.register(self._channel, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)
        self._received = bytearray()
        self._killing = threading.Lock()
        self._killed = False

    @property
    def alive(self) -> bool:
        """Whether it runs; one that died by itself is cleared away here."""
        if not self._killed and self._popen.poll() is not None:
            self.kill()
        return not self._killed

    def send(self, message: Message, payload: bytes = b"", *, seconds: float) -> None:
        """:raises Ended: also when it does not take the message within `seconds`."""
        body = json.dumps(message).encode()
        self._channel.settimeout(seconds)
        try:
            self._channel.sendall(_LENGTHS.pack(len(body), len(payload)) + body + payload)
        except OSError as error:
            raise Ended from error

    def receive(self, deadline: float, log: Log) -> Message:
        """The next message, with its ``payload``; meanwhile all output goes into the log.

        :param deadline: a time of `time.monotonic`.
        :raises TimeoutError: there was no message until then.
        :raises Ended: the subprocess closed its channel, commonly by its end.
        """
        while (message := self._next_message()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for key, _ in self._selector.select(left):
                if key.fileobj is self._channel:
                    self._read_channel()
                else:
                    self._read_output(log)
        return message

    def drain(self, log: Log) -> None:
        """Read what was written so far; it is all in the pipe by the time a message comes.

        What is written at the same time by children of the subprocess may wait for the next call:
        an endless writer must not hold this process.
        """
        for _ in range(_LARGEST_PIPE // _CHUNK):
            if not self._read_output(log):
                return

    def wait_and_kill(self) -> int:
        """Give it time to end by itself, then kill.

        :returns: its exit status, or minus the signal that ended it.
        """
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(_GRACE)
        return self.kill()

    def kill(self) -> int:
        """Kill its whole process group; idempotent, and allowed from any thread."""
        with self._killing:
            if not self._killed:
                self._killed = True
                # macOS answers PermissionError for a group of which only a zombie is left.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._popen.pid, signal.SIGKILL)
        return self._popen.wait()

    def close(self) -> None:
        """Kill it and give back all descriptors; not while another thread waits in `receive`."""
        self.kill()
        self._ours.close()

    def _pipe_out(self, theirs: ExitStack) -> int:
        read, write = os.pipe()
        theirs.callback(os.close, read)
        self._ours.callback(os.close, write)
        return read

    def _next_message(self) -> Message | None:
        if len(self._received) < _LENGTHS.size:
            return None
        of_message, of_payload = _LENGTHS.unpack_from(self._received)
        middle = _LENGTHS.size + of_message
        end = middle + of_payload
        if len(self._received) < end:
            return None
        message: Message = json.loads(self._received[_LENGTHS.size : middle])
        message["payload"] = bytes(self._received[middle:end])
        del self._received[:end]
        return message

    def _read_channel(self) -> None:
        try:
            data = self._channel.recv(_CHUNK)
        except ConnectionError as error:
            raise Ended from error
        if not data:
            raise Ended
        self._received += data

    def _read_output(self, log: Log) -> bool:
        try:
            data = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            # A function may close its standard streams; the selector would report that forever.
            with suppress(KeyError):
                self._selector.unregister(self._output)
            return False
        log.feed(data)
        return True
