"""boto3 clients that call a WSGI application in this process instead of a socket."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from urllib3 import HTTPResponse
from werkzeug.test import run_wsgi_app

from skyproof.emulator import acting, direct
from skyproof.emulator.errors import AwsError
from skyproof.emulator.gateway import REFUSED
from skyproof.emulator.service import Call
from skyproof.emulator.target import Target

if TYPE_CHECKING:
    from skyproof.emulator.gateway import Gateway
    from skyproof.emulator.world import World

WsgiApp = Any

_HOST = "127.0.0.1"
#: What the request that is being sent was refused with, if it was answered before.
_refusal: ContextVar[AwsError | None] = ContextVar("refusal", default=None)
_CONFIG = Config(
    # One that tells of the whole machine takes a fifth of a millisecond.
    user_agent="skyproof",
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
    """One client per service, region and account; the access key names the account.

    Args:
        app: answers what clients send.
        gateway: answers operations of services of ours directly, if it is given.
    """

    def __init__(self, app: WsgiApp, gateway: Gateway | None = None) -> None:
        self._app = app
        self._gateway = gateway
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
        scope = f"{account}/19700101/{region}/{client.meta.service_model.signing_name}/aws4_request"
        client.meta.events.register_first("choose-signer", _only_presigned)
        client.meta.events.register("before-send", partial(self._send, scope))
        if self._gateway is not None:
            world, target = self._gateway.world, Target(account, region, service)
            client._make_api_call = _Direct(client, self._gateway, world, target)
        return client

    def _send(self, scope: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}"
        status, headers, body = _answer_of(self._app, _environ(request))
        raw = HTTPResponse(
            body=BytesIO(body),
            headers=headers,
            preload_content=False,
            decode_content=False,
            # Or the length of an object would be awaited after the head of it.
            request_method=request.method,
        )
        return AWSResponse(request.url, status, raw.headers, raw)


def _only_presigned(context: dict[str, Any], **_: Any) -> Any:
    """Sign no requests: nothing verifies that, and it takes a fifth of a millisecond."""
    return None if context.get("is_presign_request") else UNSIGNED


class _Direct:
    """In the place of a client's ``_make_api_call``: the gateway itself, where it can answer.

    What is refused is sent once more over the wire with the refusal beside it, so that the caller
    gets the error that his client makes of it.
    """

    def __init__(self, client: Any, gateway: Gateway, world: World, target: Target) -> None:
        self._client, self._gateway = client, gateway
        self._world, self._target = world, target
        self._over_the_wire = client._make_api_call
        self._service_id = client.meta.service_model.service_id.hyphenize()

    def __call__(self, operation: str, params: dict[str, Any]) -> Any:
        if not self._gateway.handles(self._target.service, operation):
            return self._over_the_wire(operation, params)
        model = self._client.meta.service_model.operation_model(operation)
        try:
            given = direct.given(model, self._customized(operation, model, params))
            call = Call(self._world, self._target, operation, principal=acting.current())
            answer = direct.received(model, self._gateway.call(call, given))
        except AwsError as error:
            with _refused_with(error):
                return self._over_the_wire(operation, params)
        self._emit("after-call", operation, model, parsed=answer, http_response=None)
        return answer

    def _customized(self, operation: str, model: Any, params: dict[str, Any]) -> dict[str, Any]:
        """With what botocore adds to some operations, such as tokens of idempotency."""
        params = dict(params)
        self._emit("before-parameter-build", operation, model, params=params)
        return params

    def _emit(self, event: str, operation: str, model: Any, **values: Any) -> None:
        name = f"{event}.{self._service_id}.{operation}"
        self._client.meta.events.emit(name, model=model, context={}, **values)


@contextmanager
def _refused_with(error: AwsError) -> Iterator[None]:
    token = _refusal.set(error)
    try:
        yield
    finally:
        _refusal.reset(token)


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as a WSGI server gives it (PEP 3333)."""
    url, body = urlsplit(request.url), _read(request.body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path or "/").decode("latin-1"),
        "QUERY_STRING": url.query,
        # The path as it was sent: moto's router wants it so.
        "RAW_URI": request.url,
        "REQUEST_URI": request.url,
        "SERVER_NAME": _HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": _HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        acting.ENVIRON_KEY: acting.current(),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = _text(value)
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    if (refusal := _refusal.get()) is not None:
        environ[REFUSED] = refusal
    return environ


def _answer_of(app: WsgiApp, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an application's answer."""
    body, status, headers = run_wsgi_app(app, environ, buffered=True)
    return int(status.split(" ", 1)[0]), dict(headers), b"".join(body)


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
