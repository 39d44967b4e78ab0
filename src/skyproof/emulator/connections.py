"""Connections on which an answer's header and body leave together.

cheroot sends the header before the body. Between the two the AWS SDK for Go, as the Terraform
provider has it, now and then gives the connection up and asks again: one request in some 300 on a
busy machine, seen in packets. What was asked had been done by then, and a create that is asked
again fails with "already exists" (docs/upstream.md).
"""

from __future__ import annotations

from typing import Any

from cheroot.makefile import MakeFile, StreamWriter
from cheroot.server import HTTPConnection, HTTPRequest

#: What is held back at most: longer answers are sent as they come.
MOST_BYTES = 1 << 20


class Writer(StreamWriter):
    """Holds back what is written while it is corked."""

    corked = False
    _write_buf: bytearray  # of the standard library's BufferedWriter in Python

    def uncork(self) -> None:
        """Send what was held back."""
        self.corked = False
        self.flush()

    def _flush_unlocked(self) -> None:
        if not self.corked or len(self._write_buf) > MOST_BYTES:
            super()._flush_unlocked()  # type: ignore[misc]  # its stub leaves it out


class Request(HTTPRequest):
    """One request on such a connection."""

    def send_headers(self) -> None:
        self.conn.wfile.corked = True
        super().send_headers()

    def respond(self) -> None:
        try:
            super().respond()
        finally:
            self.conn.wfile.uncork()


class Connection(HTTPConnection):
    """A client's connection."""

    RequestHandlerClass = Request

    def __init__(self, server: Any, sock: Any, makefile: Any = MakeFile) -> None:
        super().__init__(server, sock, makefile)
        self.wfile = Writer(sock, "wb", self.wbufsize)
