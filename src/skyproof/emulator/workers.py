"""The threads that answer requests."""

from __future__ import annotations

import threading
from typing import Any

from cheroot.workers.threadpool import ThreadPool, WorkerThread


class Workers(ThreadPool):
    """Starts a thread when all are busy, up to a number; cheroot starts all of them at once.

    A copy of a world answers as soon as it is there: a hundred threads take 11 ms to start, and a
    tenth of a second more when cheroot has to wait for the last one.
    """

    _threads: list[WorkerThread]

    def __init__(self, server: Any, most: int) -> None:
        super().__init__(server, max=most, min=1)
        self._next = self.get
        self.get = self._take
        self._counting = threading.Lock()
        # Threads that wait for a connection, less the connections that wait for a thread.
        self._free = 0

    def start(self) -> None:
        """Nothing yet."""

    def put(self, obj: Any) -> None:
        with self._counting:
            self._free -= 1
            if self._free < 0 and len(self._threads) < self.max:
                self._start_one()
        super().put(obj)

    def _take(self) -> Any:
        with self._counting:
            self._free += 1
        return self._next()

    def _start_one(self) -> None:
        worker = WorkerThread(self.server)  # type: ignore[no-untyped-call]
        # A program that forgets to stop its emulator could not end otherwise.
        worker.daemon = True
        worker.start()
        self._threads.append(worker)
