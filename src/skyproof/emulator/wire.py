"""Between HTTP and Python values, in every protocol that AWS clients speak.

Query, JSON and REST are moto's parsers and serialisers over botocore's models; RPC v2 CBOR, which
boto3 prefers for CloudWatch, is here: moto has none (docs/upstream.md).
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import cbor2
from botocore import xform_name
from botocore.model import (
    ListShape,
    MapShape,
    Shape,
    StructureShape,
)
from botocore.utils import parse_timestamp, parse_to_aware_datetime
from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_router_class
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from skyproof.emulator.errors import AwsError


class _Refusal(ServiceException):
    """An AwsError in the form that moto's serialisers take.

    Of our own module: for an exception of moto.core they look for a service "core" in botocore.
    """


CBOR = "smithy-rpc-v2-cbor"
#: Where AWS answers another status than botocore's model says.
_STATUSES = {
    # The sample response of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    ("s3", "PutBucketPolicy"): 204,
}
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")


@dataclass(frozen=True)
class Operation:
    """A routed request: the operation's model, the protocol and the parameters in the path."""

    model: OperationModel
    protocol: str
    path_params: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.model.name)

    @property
    def method_name(self) -> str:
        return str(xform_name(self.name))


def service_model(service: str) -> ServiceModel:
    """The model of a service. Raises botocore's UnknownServiceError for a name it lacks."""
    return get_service_model(service)


def route(service: str, request: Request) -> Operation | None:
    """The operation that a request asks of a service; ``None`` when its model has no such thing."""
    model = service_model(service)
    protocol = _protocol(model, request)
    if protocol == CBOR:
        found = _CBOR_PATH.search(request.path)
        if found is None or found[1] not in model.operation_names:
            return None
        return Operation(model.operation_model(found[1]), CBOR, {})
    router = _router(service, protocol)
    if router is None:
        return None
    try:
        operation, path_params = router.match(request)
    except (NotFound, MethodNotAllowed):
        return None
    return Operation(operation, protocol, path_params)


def parse(operation: Operation, request: Request) -> dict[str, Any]:
    """The parameters of a request, as boto3 would take them; timestamps are aware, in UTC."""
    if operation.protocol == CBOR:
        body = request.get_data()
        decoded = cbor2.loads(body) if body else {}
        return dict(decoded)
    parser = PROTOCOL_PARSERS[operation.protocol](
        operation.model, timestamp_parser=_aware_timestamp
    )
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": dict(operation.path_params),
        }
    )
    return dict(parsed)


def serialize(operation: Operation, result: Mapping[str, Any] | None) -> Response:
    """A service's result on the wire.

    Raises:
        AssertionError: the result lacks a required member or has a value of the wrong type: our own
            defect, caught before a client trips over it.
    """
    values = dict(result or {})
    _check(operation, values)
    if operation.protocol == CBOR:
        return _cbor_response(200, _cbor_value(operation.model.output_shape, values))
    serialized = _serializer(operation).serialize(values)
    response = _response(serialized, operation)
    known = _STATUSES.get((str(operation.model.service_model.service_name), operation.name))
    if known is not None:
        response.status_code = known
    status = _status_member(operation)
    if status in values:
        response.status_code = values[status]  # moto writes it as 200 (docs/upstream.md)
    return response


def _status_member(operation: Operation) -> str:
    """The member of a result that is the HTTP status, such as that of Lambda's Invoke; or none."""
    shape = operation.model.output_shape
    members = shape.members.items() if shape is not None else ()
    named = (n for n, member in members if member.serialization.get("location") == "statusCode")
    return next(named, "")


def serialize_error(operation: Operation, error: AwsError) -> Response:
    """A refusal on the wire, in the protocol of the request."""
    shape = _error_shape(operation, error.code)
    modelled = (shape.metadata.get("error", {}).get("httpStatusCode") if shape else None) or 400
    status = error.status or modelled
    if operation.protocol == CBOR:
        return _cbor_error(operation, error, shape, status)
    exception = _Refusal(error.code, error.message)
    for name, value in error.members.items():
        setattr(exception, name, value)
    if shape is not None and "Message" in shape.members:
        exception.Message = error.message  # type: ignore[attr-defined]
    if shape is not None and "Type" in shape.members and status < 500:
        # Whose fault it is, of which Lambda's errors alone tell:
        # https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_Errors
        exception.Type = "User"  # type: ignore[attr-defined]
    response = _response(_quiet_serialize(operation, exception), operation)
    response.status_code = status
    if "X-Amzn-Errortype" not in response.headers:
        response.headers["X-Amzn-Errortype"] = error.code
    return response


def plain_error(error: AwsError) -> Response:
    """A refusal of a request that no model knows: JSON with the header every REST client reads."""
    body = json.dumps({"__type": error.code, "message": error.message})
    return Response(
        body,
        status=error.status or 400,
        content_type="application/json",
        headers={"X-Amzn-Errortype": error.code, "x-amzn-RequestId": str(uuid.uuid4())},
    )


def _protocol(model: ServiceModel, request: Request) -> str:
    content_type = (request.content_type or "").lower()
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    supported = model.metadata.get("protocols", [model.metadata["protocol"]])
    if content_type.startswith("application/x-amz-json") and "json" in supported:
        return "json"
    if "query" in supported and not request.headers.get("X-Amz-Target"):
        return "query"
    return next(str(name) for name in supported if name != CBOR)


@cache
def _router(service: str, protocol: str) -> Any:
    router = get_router_class(service, protocol)
    return router(service_model(service)) if router else None


def _aware_timestamp(value: Any) -> datetime:
    if isinstance(value, int | float):
        # botocore reads it as local time first, which takes five times as long.
        return datetime.fromtimestamp(value, UTC)
    parsed: datetime = parse_timestamp(value)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _check(operation: Operation, values: dict[str, Any]) -> None:
    shape = operation.model.output_shape
    if shape is None:
        return
    report = ParamValidator().validate(values, shape)
    if report.has_errors():
        raise AssertionError(
            f"{operation.name} answers what AWS's model forbids: {report.generate_report()}"
        )


def _serializer(operation: Operation) -> Any:
    service = str(operation.model.service_model.service_name)
    return get_serializer_class(service, operation.protocol)(operation_model=operation.model)


def _quiet_serialize(operation: Operation, exception: ServiceException) -> Any:
    import warnings

    with warnings.catch_warnings():
        # moto warns when a code is not in the model; AWS itself answers many such codes.
        warnings.simplefilter("ignore")
        return _serializer(operation).serialize(exception)


def _response(serialized: Mapping[str, Any], operation: Operation) -> Response:
    headers = {k: v for k, v in serialized["headers"].items() if v is not None}
    headers.setdefault("x-amzn-RequestId", str(uuid.uuid4()))
    if operation.protocol == "json":
        version = operation.model.service_model.metadata.get("jsonVersion", "1.0")
        headers["Content-Type"] = f"application/x-amz-json-{version}"
    return Response(serialized["body"], status=serialized["status_code"], headers=headers)


def _error_shape(operation: Operation, code: str) -> StructureShape | None:
    for shape in operation.model.service_model.error_shapes:
        if code in (shape.name, shape.error_code):
            return shape
    return None


def _cbor_error(
    operation: Operation, error: AwsError, shape: StructureShape | None, status: int
) -> Response:
    body: dict[str, Any] = {"__type": shape.name if shape else error.code}
    body |= _cbor_value(shape, error.members) if shape else error.members
    message = "Message" if shape is not None and "Message" in shape.members else "message"
    body[message] = error.message
    response = _cbor_response(status, body)
    if "awsQueryCompatible" in operation.model.service_model.metadata:
        fault = "Receiver" if status >= 500 else "Sender"
        response.headers["x-amzn-query-error"] = f"{error.code};{fault}"
    return response


def _cbor_response(status: int, value: Any) -> Response:
    return Response(
        cbor2.dumps(value),
        status=status,
        content_type="application/cbor",
        headers={"smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": str(uuid.uuid4())},
    )


def _cbor_value(shape: Shape | None, value: Any) -> Any:
    """The members that the model names, as CBOR: a timestamp is tag 1 over epoch seconds."""
    if isinstance(shape, StructureShape):
        return {
            name: _cbor_value(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_cbor_value(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _cbor_value(shape.value, item) for key, item in value.items()}
    if shape is None:
        return {}
    if shape.type_name == "timestamp":
        return cbor2.CBORTag(1, parse_to_aware_datetime(value).timestamp())
    if shape.type_name in ("double", "float"):
        return float(value)
    return value
