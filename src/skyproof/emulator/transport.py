"""API calls of boto3 clients to an application in this process, without HTTP around them.

botocore's serialiser makes the request and its parser reads the answer, as they do for a socket.
What lies between (endpoint rules, signatures that nobody verifies, retries, urllib3) would take ten
times as long as they.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.httpchecksum import apply_request_checksum, resolve_checksum_context
from botocore.model import OperationModel
from botocore.response import StreamingBody
from werkzeug.wrappers import Response

from skyproof.emulator import acting
from skyproof.emulator.base import as_sent

WsgiApp = Any
Values = dict[str, Any]

_HOST = "127.0.0.1"


class Transport:
    """The way of one client's calls.

    Args:
        client: a boto3 client.
        app: answers its requests.
        account: the access key, which names the account.
    """

    def __init__(self, client: Any, app: WsgiApp, account: str) -> None:
        self._client, self._app = client, app
        model, region = client.meta.service_model, client.meta.region_name
        self._service_id = model.service_id.hyphenize()
        scope = f"{account}/19700101/{region}/{model.signing_name}/aws4_request"
        self._authorization = f"AWS4-HMAC-SHA256 Credential={scope}"

    def context(self) -> Values:
        """What one call remembers from its parameters to its answer."""
        return {"client_config": self._client.meta.config}

    def customized(self, model: OperationModel, params: Values, context: Values) -> Values:
        """Parameters with what botocore adds to some, such as tokens of idempotency."""
        params = dict(params)
        self._emit("before-parameter-build", model, context, params=params)
        return params

    def call(self, model: OperationModel, params: Values) -> Values:
        """Serialise, ask the application, and parse.

        Raises:
            ClientError: the answer is a refusal.
        """
        context = self.context()
        params = self.customized(model, params, context)
        request = self._client._serializer.serialize_to_request(params, model)
        if self._service_id == "s3" and "Bucket" in params:
            # botocore has taken it out of the path, for endpoint rules put it back there.
            request["url_path"] = f"/{params['Bucket']}{request['url_path']}"
        prepare_request_dict(request, f"http://{_HOST}", context=context, user_agent="skyproof")
        resolve_checksum_context(request, model, params)
        signer = self._client._request_signer
        self._emit("before-call", model, context, params=request, request_signer=signer)
        apply_request_checksum(request)
        answer = Response.from_app(self._app, self._environ(request), buffered=True)
        return self.parsed(model, answer, context)

    def received(self, model: OperationModel, values: Values, context: Values) -> Values:
        """Values as a client gives them, with what botocore makes of some, such as templates."""
        self._emit("after-call", model, context, http_response=None, parsed=values)
        return values

    def parsed(self, model: OperationModel, answer: Response, context: Values) -> Values:
        """What the client makes of an answer. Raises ClientError for a refusal."""
        status, body = answer.status_code, answer.get_data()
        told: Values = {
            "headers": HeadersDict(dict(answer.headers)),
            "status_code": status,
            "context": {"operation_name": model.name},
            "body": body,
        }
        if status < 300 and model.has_streaming_output:
            told["body"] = StreamingBody(BytesIO(body), len(body))
        parser = self._client._response_parser
        values: Values = parser.parse(told, model.output_shape)
        if status < 300:
            return self.received(model, values, context)
        code = values.get("Error", {}).get("Code")
        shape = model.service_model.shape_for_error_code(code)
        if shape is not None:
            values |= parser.parse(told, shape)
        raise self._client.exceptions.from_code(code)(values, model.name)

    def _environ(self, request: Values) -> Values:
        """The request as a WSGI server gives it (PEP 3333)."""
        body = _read(request["body"])
        environ: Values = {
            "REQUEST_METHOD": request["method"],
            "SCRIPT_NAME": "",
            "QUERY_STRING": urlsplit(request["url"]).query,
            "SERVER_NAME": _HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": _HOST,
            "HTTP_AUTHORIZATION": self._authorization,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            acting.ENVIRON_KEY: acting.current(),
        }
        for name, value in request["headers"].items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = _text(value)
        environ["CONTENT_LENGTH"] = str(len(body))
        return environ | as_sent(request["url"], request["headers"])

    def _emit(self, event: str, model: OperationModel, context: Values, **values: Any) -> None:
        name = f"{event}.{self._service_id}.{model.name}"
        self._client.meta.events.emit(name, model=model, context=context, **values)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _read(body: Any) -> bytes:
    if not body:
        return b""
    if isinstance(body, dict):
        return urlencode(body, doseq=True).encode()
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return bytes(body.read())
    if isinstance(body, Iterable) and not isinstance(body, bytes | bytearray):
        return b"".join(body)
    return bytes(body)
