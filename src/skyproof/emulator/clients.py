"""boto3 clients that call an application in this process instead of a socket."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from skyproof.emulator import acting, direct, wire
from skyproof.emulator.errors import AwsError
from skyproof.emulator.models import Models
from skyproof.emulator.service import Call
from skyproof.emulator.target import Target
from skyproof.emulator.transport import Transport, Values, WsgiApp

if TYPE_CHECKING:
    from skyproof.emulator.gateway import Gateway

_CONFIG = Config(
    # macOS does not bear to be asked for its proxies in a process that was forked.
    proxies={},
    s3={"addressing_style": "path"},
    parameter_validation=False,
    # Of the links that services hand out; nothing else is signed.
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


# Making clients is not thread-safe: https://docs.aws.amazon.com/boto3/latest/guide/session.html
_making = threading.Lock()


@cache
def _session() -> boto3.session.Session:
    """One for the process: reading a service's model takes 30 ms, which its session remembers."""
    core = botocore.session.get_session()
    core.get_component("data_loader").file_loader = Models()
    return boto3.session.Session(botocore_session=core)


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
        transport = Transport(client, self._app, account)
        target = Target(account, region, service)
        client._make_api_call = _Calls(client, transport, target, self._gateway)
        return client


class _Calls:
    """In the place of a client's ``_make_api_call``: the gateway itself, where it can answer."""

    def __init__(
        self, client: Any, transport: Transport, target: Target, gateway: Gateway | None
    ) -> None:
        self._model = client.meta.service_model
        self._transport, self._target, self._gateway = transport, target, gateway

    def __call__(self, operation: str, params: Values) -> Values:
        model = self._model.operation_model(operation)
        gateway = self._gateway
        if gateway is None or not gateway.handles_within(self._target.service, operation, params):
            return self._transport.call(model, params)
        context = self._transport.context()
        given = direct.given(model, self._transport.customized(model, params, context))
        call = Call(gateway.world, self._target, operation, principal=acting.current())
        try:
            answer = gateway.call(call, given)
        except AwsError as error:
            # Told in the client's own protocol, so that it is the error which that client raises.
            protocol = str(self._model.resolved_protocol)
            ours = wire.service_model(self._target.service).operation_model(operation)
            refused = wire.serialize_error(wire.Operation(ours, protocol, {}), error)
            return self._transport.parsed(model, refused, context)
        return self._transport.received(model, direct.received(model, answer), context)
