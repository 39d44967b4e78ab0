"""An application to be observed: it answers, until it goes down."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class Web:
    """An HTTP server on loopback whose health a test decides."""

    def __init__(self) -> None:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(web.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Requests are counted by whoever sends them."""

        self.status = HTTPStatus.OK
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where its health is asked for."""
        return f"http://127.0.0.1:{self._server.server_port}/health"

    def goes_down(self) -> None:
        self.status = HTTPStatus.SERVICE_UNAVAILABLE

    def comes_back(self) -> None:
        self.status = HTTPStatus.OK

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
