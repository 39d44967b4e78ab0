"""An answer leaves in one piece, so that nobody can give up between its header and its body."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from skyproof.emulator import Emulator
from skyproof.emulator.connections import MOST_BYTES, Writer


class Sent(socket.SocketIO):
    """Takes what would be sent."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(data)


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Writer:
    monkeypatch.setattr("cheroot.makefile.socket.SocketIO", lambda _sock, _mode: Sent())
    return Writer(None, "wb", 8192)


def test_what_is_corked_leaves_when_it_is_uncorked(writer: Writer) -> None:
    writer.corked = True
    put(writer, b"header")
    put(writer, b"body")
    assert pieces(writer) == []
    writer.uncork()
    put(writer, b"more")
    assert pieces(writer) == [b"headerbody", b"more"]


def test_what_is_long_does_not_wait(writer: Writer) -> None:
    writer.corked = True
    put(writer, b"x" * (MOST_BYTES + 1))
    assert [len(one) for one in pieces(writer)] == [MOST_BYTES + 1]


def pieces(writer: Any) -> list[bytes]:
    sent: list[bytes] = writer.raw.pieces
    return sent


def put(writer: Any, data: bytes) -> None:
    writer.write(data)


def test_an_answer_comes_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []
    real = socket.SocketIO.write

    def write(self: socket.SocketIO, data: Any) -> int | None:
        pieces.append(bytes(data))
        return real(self, data)

    monkeypatch.setattr(socket.SocketIO, "write", write)
    with Emulator() as emulator:
        port = int(emulator.endpoint.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            for _ in range(2):
                client.sendall(b"GET /_skyproof/clock HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(65536).endswith(b"}")
    assert len(pieces) == 2
    assert all(piece.startswith(b"HTTP/1.1 200") and piece.endswith(b"}") for piece in pieces)
