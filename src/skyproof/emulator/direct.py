"""Calls of one service to another without the wire between.

A client serialises, the gateway parses, and the answer goes the same way back: two milliseconds a
call, of which an hour of a busy world makes a thousand. What services of ours ask of one another
goes straight to the gateway instead, as values that look as if they had been on the wire: copies,
of the members that the model names, in the types that a client would get.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.response import StreamingBody
from botocore.utils import parse_to_aware_datetime

Values = dict[str, Any]
_NUMBERS: dict[str, Callable[[Any], Any]] = {"double": float, "float": float}
_XML = ("ec2", "query", "rest-xml")


def given(model: OperationModel, params: Values) -> Values:
    """Parameters as a service gets them off the wire."""
    return _copied(model.input_shape, params, xml=_is_xml(model)) if model.input_shape else {}


def received(model: OperationModel, result: Values | None) -> Values:
    """A result as a client gives it, metadata included."""
    shape, status = model.output_shape, model.http.get("responseCode", 200)
    values: Values = _copied(shape, result or {}, xml=_is_xml(model)) if shape else {}
    for name in values:
        if shape.members[name].serialization.get("location") == "statusCode":
            status = values[name]
    if model.has_streaming_output:
        payload = shape.serialization["payload"]
        body = values.get(payload, b"")
        values[payload] = StreamingBody(BytesIO(body), len(body))
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    return {**values, "ResponseMetadata": metadata}


def _is_xml(model: OperationModel) -> bool:
    return model.service_model.resolved_protocol in _XML


def _copied(shape: Shape, value: Any, *, xml: bool) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _copied(member, value[name], xml=xml)
            for name, member in shape.members.items()
            if name in value and not _is_absent(member, value[name], xml=xml)
        }
    if isinstance(shape, ListShape):
        return [_copied(shape.member, item, xml=xml) for item in value]
    if isinstance(shape, MapShape):
        return {key: _copied(shape.value, item, xml=xml) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return parse_to_aware_datetime(value)
    if shape.type_name == "blob":
        return _bytes(value)
    return _NUMBERS.get(shape.type_name, _as_it_is)(value)


def _is_absent(shape: Shape, value: Any, *, xml: bool) -> bool:
    """Whether a member is not on the wire: XML shows a flattened list by its items alone."""
    return value is None or (xml and not value and bool(shape.serialization.get("flattened")))


def _as_it_is(value: Any) -> Any:
    return value


def _bytes(value: Any) -> bytes:
    if hasattr(value, "read"):
        value = value.read()
    return value.encode() if isinstance(value, str) else bytes(value)
