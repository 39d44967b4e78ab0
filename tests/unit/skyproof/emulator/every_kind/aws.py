"""boto3 over a socket, with one protocol forced and every answer held against botocore's model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

REGION = "us-east-1"
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "timestamp": (datetime,),
}


class OneProtocol(Loader):  # type: ignore[misc]  # botocore is untyped
    """botocore's models with one service's protocols narrowed to one."""

    def __init__(self, service: str, protocol: str) -> None:
        super().__init__()
        self._narrowed = (service, protocol)

    def load_service_model(self, service_name: str, type_name: str, api_version: Any = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        service, protocol = self._narrowed
        if (service_name, type_name) != (service, "service-2"):
            return model
        metadata = model["metadata"] | {"protocol": protocol, "protocols": [protocol]}
        return model | {"metadata": metadata}


class Aws:
    """Clients of one account at one endpoint.

    Args:
        service, protocol: the service whose protocol is forced.
    """

    def __init__(self, endpoint: str, account: str, service: str, protocol: str) -> None:
        session = botocore.session.get_session()
        session.register_component("data_loader", OneProtocol(service, protocol))
        self._session = boto3.session.Session(botocore_session=session)
        self._endpoint = endpoint
        self.account = account
        self._clients: dict[tuple[str, str, str], Any] = {}

    def __call__(self, service: str, region: str = REGION, account: str = "") -> Any:
        key = (service, region, account or self.account)
        if key not in self._clients:
            self._clients[key] = self._client(*key)
        return self._clients[key]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.account}:{resource}"

    def _client(self, service: str, region: str, account: str) -> Any:
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        client.meta.events.register("after-call", _check)
        return client


def _check(parsed: dict[str, Any], model: OperationModel, http_response: Any, **_: Any) -> None:
    if http_response.status_code >= 400 or model.output_shape is None:
        return
    wrong = list(departures(model.output_shape, parsed, model.name))
    assert wrong == [], f"the answer is not of the model's shape: {wrong}"


def departures(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """Where a value is not of a shape: a required member is missing, or a type is another's."""
    if isinstance(shape, StructureShape):
        missing = [name for name in shape.required_members if name not in value]
        yield from (f"{where}.{name} is missing" for name in missing)
    for inner, part, place in _parts(shape, value, where):
        yield from departures(inner, part, place)
    # botocore itself reads the policies that IAM answers.
    is_read = shape.name == "policyDocumentType" and isinstance(value, dict)
    if not is_read and not isinstance(value, PYTHON_TYPES.get(shape.type_name, (object,))):
        yield f"{where} is {type(value).__name__}, expected {shape.type_name}"


def _parts(shape: Shape, value: Any, where: str) -> Iterator[tuple[Shape, Any, str]]:
    if isinstance(shape, StructureShape):
        for name in shape.members.keys() & value.keys():
            yield shape.members[name], value[name], f"{where}.{name}"
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield shape.member, item, f"{where}[{index}]"
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield shape.value, item, f"{where}[{key!r}]"
