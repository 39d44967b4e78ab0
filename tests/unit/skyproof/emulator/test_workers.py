"""Threads are there when they are needed, and no more than that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from skyproof.emulator.workers import Workers

SOON = 10.0


class Connection:
    """Is answered once it is told to be."""

    requests_seen = 0

    def __init__(self) -> None:
        self.begun, self.finish, self.closed = (threading.Event() for _ in range(3))

    def communicate(self) -> bool:
        self.begun.set()
        assert self.finish.wait(SOON)
        return False

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def workers() -> Iterator[Workers]:
    server = SimpleNamespace(stats={"Enabled": False, "Worker Threads": {}})
    server.requests = workers = Workers(server, most=3)
    workers.start()
    yield workers
    workers.stop()


def put(workers: Workers, count: int) -> list[Connection]:
    connections = [Connection() for _ in range(count)]
    for connection in connections:
        workers.put(connection)
    return connections


def test_none_is_started_before_it_is_needed(workers: Workers) -> None:
    assert len(workers._threads) == 0


def test_each_connection_has_a_thread_while_there_are_some(workers: Workers) -> None:
    connections = put(workers, 3)
    assert [connection.begun.wait(SOON) for connection in connections] == [True] * 3
    for connection in connections:
        connection.finish.set()


def test_what_is_too_much_waits_for_a_thread(workers: Workers) -> None:
    *busy, waiting = put(workers, 4)
    assert [connection.begun.wait(SOON) for connection in busy] == [True] * 3
    assert not waiting.begun.is_set()
    busy[0].finish.set()
    assert waiting.begun.wait(SOON)
    for connection in (*busy, waiting):
        connection.finish.set()


def test_a_free_thread_is_taken_again(workers: Workers) -> None:
    for _ in range(5):
        (connection,) = put(workers, 1)
        connection.finish.set()
        assert connection.closed.wait(SOON)
        # The thread closes a connection just before it comes back for the next.
        while workers._free < 1:
            threading.Event().wait(0.001)
    assert len(workers._threads) == 1
