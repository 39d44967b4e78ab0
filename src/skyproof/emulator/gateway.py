"""The gateway: every request, to the service that answers it."""

from __future__ import annotations

import gzip
import logging
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, UnknownServiceError
from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator import acting, admin, authorization, wire
from skyproof.emulator.acting import Principal
from skyproof.emulator.base import GatewayRequest
from skyproof.emulator.errors import AwsError, EmulatorDefectError, OperationNotImplementedError
from skyproof.emulator.service import Call, Service
from skyproof.emulator.target import Target, target_of

if TYPE_CHECKING:
    from skyproof.emulator.world import World

_OF_THE_BODY = ("HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "werkzeug.request")

log = logging.getLogger(__name__)


class Gateway:
    """A WSGI application over one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = GatewayRequest(inflated(environ))
        # Read it all first: an answer before the end of the body breaks the client's connection.
        request.get_data(cache=True)
        principal: Principal | None = environ.get(acting.ENVIRON_KEY)
        # What the called service does in turn, it does in its own name.
        with acting.acting_as(None):
            answer = self._answer(request, principal)
        return answer(environ, start_response)

    def _answer(self, request: Request, principal: Principal | None) -> Response:
        if request.path.startswith(admin.PREFIX):
            return admin.answer(self._world, request)
        target = target_of(request, self._world.base.account_of_key)
        try:
            operation = wire.route(target.service, request)
        except UnknownServiceError:
            return self._from_base(request, target)
        try:
            return self._answer_operation(request, target, operation, principal)
        finally:
            # Afterwards: who asked before the change was done must not keep what it answered.
            name = operation.name if operation is not None else ""
            self._world.memo.operated(target.service, name)

    def _answer_operation(
        self,
        request: Request,
        target: Target,
        operation: wire.Operation | None,
        principal: Principal | None,
    ) -> Response:
        service = self._world.service(target.service)
        if operation is None:
            if service is None or not service.complete:
                return self._from_base(request, target)
            missing = OperationNotImplementedError(
                target.service, f"{request.method} {request.path}"
            )
            return wire.plain_error(missing)
        if principal is not None or self._world.faults:
            refusal = self._refusal(request, target, operation, principal)
            if refusal is not None:
                return refusal
        if service is None:
            return self._from_base(request, target)
        try:
            return self._from_ours(service, operation, request, target, principal)
        except AwsError as error:
            return wire.serialize_error(operation, error)
        except ClientError as error:
            return wire.serialize_error(operation, _as_aws_error(error))
        except Exception as error:
            log.exception("%s:%s failed", target.service, operation.name)
            return wire.serialize_error(
                operation, EmulatorDefectError(target.service, operation.name, error)
            )

    def _refusal(
        self,
        request: Request,
        target: Target,
        operation: wire.Operation,
        principal: Principal | None,
    ) -> Response | None:
        """What is answered to a fault on order, and to who may not do what it asks."""
        call = Call(self._world, target, operation.name, request.host, principal)
        params = wire.parse(operation, request)
        try:
            self._world.faults.raise_for(target.service, operation.name, params)
            if principal is not None:
                authorization.check(call, principal, params)
        except AwsError as error:
            return wire.serialize_error(operation, error)
        return None

    def _from_ours(
        self,
        service: Service,
        operation: wire.Operation,
        request: Request,
        target: Target,
        principal: Principal | None,
    ) -> Response:
        handler = service.handlers().get(operation.name)
        if handler is None:
            if service.complete:
                raise OperationNotImplementedError(target.service, operation.name)
            return self._observed(service, operation, request, target, principal)
        params = wire.parse(operation, request)
        call = Call(self._world, target, operation.name, request.host, principal)
        with nullcontext() if hasattr(handler, "aws_unlocked") else self._world.lock:
            result = handler(service, call, params)
        return wire.serialize(operation, result)

    def _observed(
        self,
        service: Service,
        operation: wire.Operation,
        request: Request,
        target: Target,
        principal: Principal | None,
    ) -> Response:
        """From the base; the service sees it done where it has asked to."""
        if operation.name not in service.observes:
            return self._world.base.handle(request, target)
        call = Call(self._world, target, operation.name, request.host, principal)
        params = wire.parse(operation, request)
        return service.observe(call, params, lambda: self._world.base.handle(request, target))

    def _from_base(self, request: Request, target: Target) -> Response:
        try:
            return self._world.base.handle(request, target)
        except AwsError as error:
            return self._refuse(request, target, error)
        except Exception as error:
            log.exception("the base failed in %s", target.service)
            what = f"{request.method} {request.path}"
            return self._refuse(request, target, EmulatorDefectError(target.service, what, error))

    def _refuse(self, request: Request, target: Target, error: AwsError) -> Response:
        """In the words of the service's protocol where it has a model, in JSON where not."""
        try:
            operation = wire.route(target.service, request)
        except UnknownServiceError:
            operation = None
        if operation is None:
            return wire.plain_error(error)
        if isinstance(error, OperationNotImplementedError):
            error = OperationNotImplementedError(target.service, operation.name, error.why)
        return wire.serialize_error(operation, error)


def inflated(environ: dict[str, Any]) -> dict[str, Any]:
    """The request with a gzipped body unpacked, as clients send PutMetricData above 10 kB.

    An S3 object that is gzipped stays so: its encoding belongs to the object.
    https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait
    """
    signed_for_s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
    if environ.get("HTTP_CONTENT_ENCODING") != "gzip" or signed_for_s3:
        return environ
    body = gzip.decompress(GatewayRequest(environ).get_data())
    kept = {k: v for k, v in environ.items() if k not in _OF_THE_BODY}
    return {**kept, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _as_aws_error(error: ClientError) -> AwsError:
    """A refusal that one service got from another, passed on as its own."""
    detail = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    members = {
        name: value
        for name, value in error.response.items()
        if name not in ("Error", "ResponseMetadata", "message", "Message")
    }
    return AwsError(detail["Code"], detail.get("Message", ""), status=status, **members)
