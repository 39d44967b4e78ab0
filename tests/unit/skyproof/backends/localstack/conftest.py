"""Something on loopback that answers as LocalStack does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class FakeLocalStack:
    """Answers its health; of AWS it has SQS's ListQueues, and no other operation.

    Attributes:
        health: what ``/_localstack/health`` gives.
        asked: the operations, in the order in which they came.
    """

    url: str = ""
    health: Any = field(
        default_factory=lambda: {"version": "4.9.2", "services": {"sqs": "available"}}
    )
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def fake() -> Iterator[FakeLocalStack]:
    fake = FakeLocalStack()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(200, fake.health)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            fake.asked.append(operation)
            if operation == "ListQueues":
                self._answer(200, {"QueueUrls": ["http://127.0.0.1/123456789012/native"]})
            else:
                self._answer(501, {"__type": "InternalFailure", "message": "not implemented"})

        def _answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Not into the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield fake
        server.shutdown()
