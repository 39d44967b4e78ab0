"""The base: moto, in this process, one WSGI application for what services of ours leave to it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

import cbor2

os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
# Parsing the images that moto ships takes a second, and nothing here starts an instance.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
# Large objects stay in memory, too: the place in an open file would be shared by copies of a world.
os.environ.setdefault("MOTO_S3_DEFAULT_KEY_BUFFER_SIZE", str(sys.maxsize))

from botocore import parsers
from botocore.exceptions import ClientError
from moto.backend_index import backend_url_patterns
from moto.backends import list_of_moto_modules
from moto.core import responses, utils
from moto.core.base_backend import BackendDict
from moto.core.loaders import Loader
from moto.core.model_instances import reset_model_data
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    Request,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from skyproof.emulator import offerings, wire
from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.models import Models
from skyproof.emulator.target import Target, target_of
from skyproof.emulator.turns import turn

Loader.FILE_LOADER_CLASS = Models
offerings.read_when_asked()

# moto lists the methods of a class anew for every request (docs/upstream.md).
responses.method_names_from_class = cache(utils.method_names_from_class)  # type: ignore[attr-defined]

ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"


class GatewayRequest(Request):
    """A request off a real WSGI server, in moto's own normalised form."""

    from_wsgi_server = True


def as_sent(uri: str, headers: Iterable[str]) -> dict[str, Any]:
    """What an environment needs for moto to know a request as it was sent.

    Its path before it was decoded, and the names of S3's metadata: they may have underscores, which
    the names of WSGI cannot tell from dashes.
    """
    kept = (name for name in headers if should_preserve_original_header_name(name))
    return {
        "RAW_URI": uri,
        "REQUEST_URI": uri,
        "PATH_INFO": unquote_to_bytes(_path(uri)).decode("latin-1"),
        PRESERVED_HEADER_NAMES_ENVIRON_KEY: {environ_key_for_header(name): name for name in kept},
    }


def _path(uri: str) -> str:
    """Two slashes at its beginning are no host: a request names one only in a whole URL."""
    return uri.partition("?")[0] if uri.startswith("/") else urlsplit(uri).path or "/"


#: Of moto's, what may take seconds of waiting for others, who must not wait for it in turn.
_WAITING = frozenset(("ReceiveMessage", "StartSyncExecution"))


class Base(Protocol):
    """What answers when no service of ours does.

    Attributes:
        name: in a few words, for the health report.
    """

    @property
    def name(self) -> str: ...

    def is_ours(self, service: str) -> bool:
        """Whether services of ours stand before it for this service."""

    def account_of_key(self, access_key: str) -> str:
        """The account that an access key was issued in; the default account for an unknown key."""

    def handle(self, request: Request, target: Target) -> Response:
        """Answer one request. Raises OperationNotImplementedError when it cannot."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The same as a WSGI application."""


def answered(base: Base, environ: dict[str, Any], start_response: Any) -> Any:
    """A base's answer to a request as WSGI gives it."""
    request = GatewayRequest(environ)
    request.get_data(cache=True)
    return base.handle(request, target_of(request, base.account_of_key))(environ, start_response)


class MotoBase:
    """moto behind the names that the gateway needs; one at a time in a process.

    One call at a time for each service: moto has no locks (docs/upstream.md). Calls it as
    ``base(environ, start_response)``. What moto lacks is answered 501 with the name of
    the operation: moto itself raises, and provider clients retry the resulting 500 for minutes.
    """

    name = "moto"

    def __init__(self) -> None:
        # moto keeps its state in the process, so that a new base begins by emptying it.
        BackendDict.reset()
        reset_model_data()
        self._app = _Dispatcher(create_backend_app)

    def is_ours(self, service: str) -> bool:
        """Of every service: moto is a base for ours alone."""
        del service
        return True

    def account_of_key(self, access_key: str) -> str:
        """The account that an access key was issued in; the default account for an unknown key."""
        return str(get_account_id_from(access_key))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return answered(self, environ, start_response)

    def handle(self, request: Request, target: Target) -> Response:
        """Answer one request.

        Raises:
            OperationNotImplementedError: moto does not know the service or the operation.
        """
        body = request.get_data(cache=True)
        if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
            return self._through_json(request, target)
        return self._send(dict(request.environ), body, target)

    def _send(self, environ: dict[str, Any], body: bytes, target: Target) -> Response:
        from io import BytesIO

        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("werkzeug.request", None)
        environ[ACCOUNT_HEADER] = target.account
        operation = _operation_name(environ, body)
        waits = operation in _WAITING
        try:
            with nullcontext() if waits else turn(target.service):
                answer = self._app.answer(environ)
        except _UnknownServiceError as error:
            raise OperationNotImplementedError(target.service, operation) from error
        except NotImplementedError as error:
            raise OperationNotImplementedError(target.service, operation, str(error)) from error
        except ModuleNotFoundError as error:
            way_out = f"it needs the package {error.name}: pip install 'skyproof[all-services]'"
            raise OperationNotImplementedError(target.service, operation, way_out) from error
        if _is_not_found_page(answer):
            raise OperationNotImplementedError(target.service, operation)
        return answer

    def _through_json(self, request: Request, target: Target) -> Response:
        """Carry a CBOR call over as JSON, for moto parses no CBOR (docs/upstream.md)."""
        operation = wire.route(target.service, request)
        if operation is None:
            raise OperationNotImplementedError(target.service, request.path)
        model = operation.model.service_model
        params = wire.parse(operation, request)
        environ = dict(request.environ)
        environ.pop("HTTP_SMITHY_PROTOCOL", None)
        environ["CONTENT_TYPE"] = (
            f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}"
        )
        environ["HTTP_X_AMZ_TARGET"] = f"{model.metadata['targetPrefix']}.{operation.name}"
        environ["PATH_INFO"] = environ["RAW_URI"] = "/"
        answer = self._send(environ, json.dumps(params, default=_json_value).encode(), target)
        if answer.status_code >= 400:
            return _cbor_error(answer)
        parsed = parsers.JSONParser().parse(
            {
                "status_code": answer.status_code,
                "headers": answer.headers,
                "body": answer.get_data(),
            },
            operation.model.output_shape,
        )
        parsed.pop("ResponseMetadata", None)
        return wire.serialize(operation, parsed)


class _UnknownServiceError(Exception):
    """moto has no backend for a host."""


class _Answer(Response):
    """As Flask makes them: HTML, unless a header says something else."""

    default_mimetype = "text/html"


class _Dispatcher(DomainDispatcherApplication):
    """moto's handlers by service and URL, called without Flask around them.

    moto's own look-up lists its folder for every request, a third of a millisecond, and prints
    before it fails (docs/upstream.md); Flask's contexts and hooks take as much again.
    """

    def get_backend_for_host(self, host: str | None) -> Any:
        return _backend_of(host) if host is not None else None

    def answer(self, environ: dict[str, Any]) -> Response:
        """What moto answers to a request.

        Raises:
            _UnknownServiceError: moto has no such service.
        """
        app = self.get_application(environ)
        request = GatewayRequest(environ)
        try:
            endpoint, _ = app.url_map.bind_to_environ(environ).match()
            view: Any = app.view_functions[endpoint]
            result = view.callback(request, request.raw_url, dict(request.headers))
        except HTTPException as error:
            return Response.from_app(error, environ, buffered=True)
        except ClientError as error:
            result = 400, {}, error.response["Error"]["Message"]
        status, headers, content = result if len(result) == 3 else (200, {}, result)
        answer = _Answer(content, status, headers)
        if request.method == "HEAD" and "content-length" in headers:
            answer.headers["Content-Length"] = headers["content-length"]
        return answer


@cache
def _backend_of(host: str) -> str:
    """Raises _UnknownServiceError."""
    if host in list_of_moto_modules() or host == "moto_api":
        return host
    for backend, pattern in backend_url_patterns:
        if pattern.match(f"http://{host}"):
            return str(backend)
    raise _UnknownServiceError(host)


def _cbor_error(answer: Response) -> Response:
    error = json.loads(answer.get_data() or b"{}")
    code = str(error.get("__type", "UnknownError")).rpartition("#")[2]
    message = str(error.get("message", error.get("Message", "")))
    return Response(
        cbor2.dumps({"__type": code, "message": message}),
        status=answer.status_code,
        content_type="application/cbor",
        headers={"smithy-protocol": "rpc-v2-cbor", "x-amzn-query-error": f"{code};Sender"},
    )


def _json_value(value: Any) -> Any:
    from base64 import b64encode

    if hasattr(value, "timestamp"):
        return value.timestamp()
    return b64encode(value).decode()


def _operation_name(environ: dict[str, Any], body: bytes) -> str:
    """The operation's name as far as the request tells without a model."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2]
    if body.startswith(b"Action="):
        return body[7:].split(b"&", 1)[0].decode()
    return f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"


def _is_not_found_page(answer: Response) -> bool:
    """A 404 or 405 in HTML: no URL of moto's matched. AWS services answer JSON or XML."""
    is_page = (answer.content_type or "").startswith("text/html")
    return answer.status_code in (404, 405) and is_page and b"<!doctype html>" in answer.get_data()
