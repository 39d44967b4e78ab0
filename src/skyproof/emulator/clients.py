"""boto3 clients that call a WSGI application in this process instead of a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from urllib3 import HTTPResponse
from werkzeug.test import Client, EnvironBuilder

from skyproof.emulator import acting

WsgiApp = Any

_CONFIG = Config(
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    parameter_validation=False,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


# Making clients is not thread-safe: https://docs.aws.amazon.com/boto3/latest/guide/session.html
_making = threading.Lock()


@cache
def _session() -> boto3.session.Session:
    """One for the process: reading a service's model takes 30 ms, which its session remembers."""
    return boto3.session.Session()


class ClientFactory:
    """One client per service, region and account; the access key names the account."""

    def __init__(self, app: WsgiApp) -> None:
        self._transport = Client(app)
        self._clients: dict[tuple[str, str, str], Any] = {}

    def get(self, service: str, region: str, account: str) -> Any:
        """The client for one service, region and account."""
        key = (service, region, account)
        if key not in self._clients:
            self._clients[key] = self._make(service, region, account)
        return self._clients[key]

    def _make(self, service: str, region: str, account: str) -> Any:
        with _making:
            client = _session().client(
                service,
                region_name=region,
                aws_access_key_id=account,
                aws_secret_access_key="in-process",  # noqa: S106 (nothing verifies it)
                endpoint_url="http://127.0.0.1",
                config=_CONFIG,
            )
        client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        builder = EnvironBuilder(
            path=url.path,
            query_string=url.query,
            method=request.method,
            headers=[
                (k, _text(v)) for k, v in request.headers.items() if k.lower() != "content-length"
            ],
            data=_read(request.body),
            base_url="http://127.0.0.1",
        )
        # werkzeug decodes the path; moto's router wants it as it was sent.
        builder.environ_overrides = {
            "RAW_URI": request.url,
            "REQUEST_URI": request.url,
            acting.ENVIRON_KEY: acting.current(),
        }
        answer = self._transport.open(builder)
        raw = HTTPResponse(
            body=BytesIO(answer.get_data()),
            headers=dict(answer.headers),
            preload_content=False,
            decode_content=False,
            # Or the length of an object would be awaited after the head of it.
            request_method=request.method,
        )
        return AWSResponse(request.url, answer.status_code, raw.headers, raw)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _read(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return bytes(body.read())
    if isinstance(body, Iterable) and not isinstance(body, bytes | bytearray):
        return b"".join(body)
    return bytes(body)
