"""boto3 over a socket, in a protocol of choice, every answer held against botocore's model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache, partial
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

Model = dict[str, Any]
#: Makes of a service's model the one that a client works from which speaks a protocol.
Rewrite = Callable[[Model, str], Model]

REGION = "us-east-1"
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "blob": (bytes,),
}

log = logging.getLogger(__name__)


def speaking(model: Model, protocol: str) -> Model:
    """A service's model with its protocols narrowed to one; botocore takes the first it knows."""
    return model | {"metadata": model["metadata"] | {"protocol": protocol, "protocols": [protocol]}}


class Rewriting(Loader):  # type: ignore[misc]  # botocore is untyped
    """botocore's models, with one service's rewritten."""

    def __init__(self, service: str, protocol: str, rewrite: Rewrite) -> None:
        super().__init__()
        self._service = service
        self._protocol = protocol
        self._rewrite = rewrite

    def load_service_model(self, service_name: str, type_name: str, api_version: Any = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        is_the_one = (service_name, type_name) == (self._service, "service-2")
        return self._rewrite(model, self._protocol) if is_the_one else model


@cache
def session(service: str, protocol: str, rewrite: Rewrite) -> Any:
    """A boto3 session whose clients of the service speak the protocol.

    Kept: to read EC2's model alone takes half a second.
    """
    made = botocore.session.get_session()
    made.register_component("data_loader", Rewriting(service, protocol, rewrite))
    return boto3.session.Session(botocore_session=made)


class Aws:
    """Clients of one account at one endpoint; twelve digits as access key name the account."""

    def __init__(self, session: Any, endpoint: str, account: str) -> None:
        self._session = session
        self._endpoint = endpoint
        self.account = account
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(self, service: str, account: str = "") -> Any:
        key = (service, account or self.account)
        if key not in self._clients:
            self._clients[key] = self._client(*key)
        return self._clients[key]

    def arn(self, service: str, resource: str, region: str = REGION) -> str:
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"

    def _client(self, service: str, account: str) -> Any:
        client = self._session.client(
            service,
            region_name=REGION,
            endpoint_url=self._endpoint,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        # Before the handlers that turn texts into documents, as those of IAM's policies do.
        client.meta.events.register("response-received", partial(_check, client))
        return client


def _check(client: Any, event_name: str, parsed_response: dict[str, Any] | None, **_: Any) -> None:
    """Note the call, shown with a failure of its test; hold the answer against the model."""
    if parsed_response is None:
        return
    model: ServiceModel = client.meta.service_model
    operation = model.operation_model(event_name.rpartition(".")[2])
    call = f"{model.service_name}:{operation.name} over {model.resolved_protocol}"
    status = parsed_response["ResponseMetadata"]["HTTPStatusCode"]
    log.info("%s: %s %s", call, status, parsed_response.get("Error", ""))
    if status >= 400 or operation.output_shape is None:
        return
    wrong = list(departures(operation.output_shape, parsed_response, operation.name))
    assert wrong == [], f"{call} answers what its model forbids: {'; '.join(wrong)}"


def departures(shape: Shape, value: Any, where: str) -> Iterator[str]:
    """Where a value is not of a shape: a required member missing, another type, no such choice."""
    types = PYTHON_TYPES.get(shape.type_name)
    if isinstance(shape, StructureShape):
        yield from (f"{where}.{name} is missing" for name in shape.required_members - value.keys())
        for name, member in shape.members.items():
            if name in value:
                yield from departures(member, value[name], f"{where}.{name}")
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from departures(shape.member, item, f"{where}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from departures(shape.key, key, f"{where} key")
            yield from departures(shape.value, item, f"{where}[{key!r}]")
    elif types is not None and (not isinstance(value, types) or _is_bool_for_number(value, types)):
        yield f"{where} is {type(value).__name__}, expected {shape.type_name}"
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{where} is {value!r}, expected one of {shape.enum}"


def _is_bool_for_number(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, bool) and bool not in types
