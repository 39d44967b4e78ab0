"""The gateway: every request, to the service that answers it."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, UnknownServiceError
from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator import acting, admin, authorization, gate, wire
from skyproof.emulator.acting import Principal
from skyproof.emulator.base import GatewayRequest
from skyproof.emulator.errors import AwsError, EmulatorDefectError, OperationNotImplementedError
from skyproof.emulator.gate import Visit
from skyproof.emulator.service import Call, Handler, Params, Result, Within
from skyproof.emulator.target import Target, target_of

if TYPE_CHECKING:
    from skyproof.emulator.world import World

_OF_THE_BODY = ("HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "werkzeug.request")

log = logging.getLogger(__name__)


class Gateway:
    """A WSGI application over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = GatewayRequest(inflated(environ))
        # Read it all first: an answer before the end of the body breaks the client's connection.
        request.get_data(cache=True)
        principal: Principal | None = environ.get(acting.ENVIRON_KEY)
        # What the called service does in turn, it does in its own name.
        with acting.acting_as(None):
            answer = self._answer(request, principal)
        return answer(environ, start_response)

    def call(self, call: Call, params: Params) -> Result:
        """Answer an operation of ours without the wire between: how one service asks another.

        Args:
            call: of an operation that :meth:`handles_within` knows.
            params: as :func:`wire.parse` gives them; they are the handler's to keep.

        Raises:
            AwsError: the operation is refused, or fails.
        """
        with acting.acting_as(None):
            try:
                with refusals_of(call):
                    return self._done(call, params)
            finally:
                self.world.memo.operated(call.target.service, call.operation)

    def handles(self, service: str, operation: str) -> bool:
        """Whether a service of ours handles an operation itself."""
        return self._handler(service, operation) is not None

    def handles_within(self, service: str, operation: str, params: Params) -> bool:
        """Whether a service of ours handles such a call of another, without the wire."""
        if self.handles(service, operation):
            return True
        inner = self._within(service, operation)
        return inner is not None and inner.members.issuperset(params)

    def _handler(self, service: str, operation: str) -> Handler | None:
        found = self.world.service(service)
        return found.handlers().get(operation) if found is not None else None

    def _within(self, service: str, operation: str) -> Within | None:
        found = self.world.service(service)
        return found.handlers_within().get(operation) if found is not None else None

    def _answer(self, request: Request, principal: Principal | None) -> Response:
        if request.path.startswith(admin.PREFIX):
            return admin.answer(self.world, request)
        target = target_of(request, self.world.base.account_of_key)
        try:
            operation = wire.route(target.service, request)
        except UnknownServiceError:
            return self._refused_unknown(request, target) or self._from_base(request, target)
        if operation is None:
            return self._refused_unknown(request, target) or self._answer_unknown(request, target)
        call = Call(self.world, target, operation.name, request.host, principal)
        try:
            self._admit(request, call)
            with refusals_of(call):
                return self._answer_operation(request, operation, call)
        except AwsError as error:
            return wire.serialize_error(operation, error)
        finally:
            # Afterwards: who asked before the change was done must not keep what it answered.
            self.world.memo.operated(target.service, operation.name)

    def _admit(self, request: Request, call: Call) -> None:
        """Let a request in that came over the port. Raises AwsError when the guard refuses it."""
        visit: Visit | None = request.environ.get(gate.ENVIRON_KEY)
        if visit is not None:
            visit.what = f"{call.target.service}:{call.operation}"
            self.world.guard.admit(visit, call.target.service, call.operation)

    def _refused_unknown(self, request: Request, target: Target) -> Response | None:
        """The guard's refusal of a request that no model knows, if it refuses it."""
        visit: Visit | None = request.environ.get(gate.ENVIRON_KEY)
        try:
            if visit is not None:
                self.world.guard.admit_request(visit, target.service, request.method)
        except AwsError as error:
            return wire.plain_error(error)
        return None

    def _answer_unknown(self, request: Request, target: Target) -> Response:
        """What the service's model does not know, its base may, such as a path of S3's."""
        service = self.world.service(target.service)
        if service is None or not service.complete:
            return self._from_base(request, target)
        what = f"{request.method} {request.path}"
        return wire.plain_error(OperationNotImplementedError(target.service, what))

    def _answer_operation(
        self, request: Request, operation: wire.Operation, call: Call
    ) -> Response:
        if self.handles(call.target.service, operation.name):
            return wire.serialize(operation, self._done(call, wire.parse(operation, request)))
        service = self.world.service(call.target.service)
        is_observed = service is not None and operation.name in service.observes
        is_judged = self._is_judged(call)
        params = wire.parse(operation, request) if is_observed or is_judged else {}
        if is_judged:
            self._judge(call, params)
        if service is None:
            return self._from_base(request, call.target)
        if service.complete:
            raise OperationNotImplementedError(call.target.service, operation.name)
        if not is_observed:
            return self.world.base.handle(request, call.target)
        return service.observe(call, params, lambda: self.world.base.handle(request, call.target))

    def _done(self, call: Call, params: Params) -> Result:
        """An operation of ours, done."""
        if self._is_judged(call):
            self._judge(call, params)
        service = self.world.service(call.target.service)
        handler = self._handler(call.target.service, call.operation)
        if handler is None:
            inner = self._within(call.target.service, call.operation)
            assert inner is not None, f"{call.target.service}:{call.operation} is not ours"
            handler = inner.handler
        with nullcontext() if hasattr(handler, "aws_unlocked") else self.world.lock:
            return handler(service, call, params)

    def _is_judged(self, call: Call) -> bool:
        return call.principal is not None or bool(self.world.faults)

    def _judge(self, call: Call, params: Params) -> None:
        """Refuse what a fault on order is about, and who may not do what it asks."""
        self.world.faults.raise_for(call.target.service, call.operation, params)
        if call.principal is not None:
            authorization.check(call, call.principal, params)

    def _from_base(self, request: Request, target: Target) -> Response:
        try:
            return self.world.base.handle(request, target)
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


@contextmanager
def refusals_of(call: Call) -> Iterator[None]:
    """Let what fails inside be a refusal of the operation; what is no AwsError is logged."""
    try:
        yield
    except AwsError:
        raise
    except ClientError as error:
        raise _as_aws_error(error) from error
    except Exception as error:
        log.exception("%s:%s failed", call.target.service, call.operation)
        raise EmulatorDefectError(call.target.service, call.operation, error) from error


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
