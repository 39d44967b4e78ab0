"""In front of the gateway: who calls, may it, and what does it get to see of the truth."""

from __future__ import annotations

import errno
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator import admin, wire
from skyproof.emulator.base import GatewayRequest
from skyproof.emulator.errors import AwsError
from skyproof.emulator.gateway import Gateway, inflated, refusals_of
from skyproof.emulator.service import Call, Params
from skyproof.emulator.strict import bootstrap, grants, unseen
from skyproof.emulator.strict.callers import Caller, Callers, UnauthenticatedError
from skyproof.emulator.strict.counts import Counts
from skyproof.emulator.strict.faults import Fault, Faults
from skyproof.emulator.strict.judging import check
from skyproof.emulator.strict.lag import Lag, Subject
from skyproof.emulator.strict.questions import questions
from skyproof.emulator.strict.refusals import refusal
from skyproof.emulator.strict.resources import resources
from skyproof.emulator.strict.sessions import Sessions
from skyproof.emulator.strict.settings import Settings
from skyproof.emulator.target import DEFAULT_ACCOUNT, Target, target_of
from skyproof.emulator.world import World

_KEY = re.compile(r"(?<=Credential=)[^/%&\s]+(?=/|%2F)")
_SIGNED = ("HTTP_AUTHORIZATION", "QUERY_STRING", "RAW_URI", "REQUEST_URI")


class StrictGateway:
    """A WSGI application in front of a world's gateway, for callers from outside.

    Behind it all is as without it: a caller's key is exchanged for its account.

    Args:
        now: seconds of real time, by which reads lag.
    """

    def __init__(
        self, world: World, settings: Settings, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._world = world
        self._gateway = Gateway(world)
        self._callers = Callers(settings, world.clock.now)
        self._sessions = Sessions(self._callers, settings.session_seconds)
        self._faults = Faults(settings)
        self._lag = Lag(settings.consistency_seconds, now)
        self._counts = Counts()
        world.keys_of = self._sessions.of_function
        bootstrap.prepare(world, settings)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        sent = GatewayRequest(environ)
        body = sent.get_data(cache=True)
        if sent.path.startswith(admin.PREFIX):
            return self._admin(sent)(environ, start_response)
        self._counts.add("requests")
        target = target_of(sent, lambda _: DEFAULT_ACCOUNT)
        try:
            caller = self._callers.of(sent)
        except UnauthenticatedError as error:
            self._counts.add("expired" if error.why == "expired" else "refused")
            answer = _refusal(refusal(error.why, target.service), target, sent)
        else:
            request = GatewayRequest(inflated(_known_as(caller.account, environ, body)))
            request.get_data(cache=True)
            answer = self._answer(request, replace(target, account=caller.account), caller)
        return answer(environ, start_response)

    def _admin(self, request: Request) -> Response:
        if f"{request.method} {request.path}" == f"GET {admin.PREFIX}strict":
            return Response(json.dumps(self._counts.describe()), content_type="application/json")
        return self._carried_out(request)

    def _answer(self, request: Request, target: Target, caller: Caller) -> Response:
        operation = _route(target.service, request)
        name = operation.name if operation is not None else request.method
        fault = self._faults.next(target.service, name)
        if fault is not None and fault != "reset after":
            return self._failed(fault, request, target)
        call = Call(self._world, target, name, request.host)
        try:
            with refusals_of(call):
                answer = self._permitted(request, operation, call, caller)
        except AwsError as error:
            if error.status in (400, 403):
                self._counts.add("refused")
            answer = _refusal(error, target, request)
        return self._failed(fault, request, target) if fault is not None else answer

    def _failed(self, fault: Fault, request: Request, target: Target) -> Response:
        """Raises ConnectionResetError, upon which the server closes the connection in silence."""
        if fault == "reset before" or fault == "reset after":
            self._counts.add("resets")
            raise ConnectionResetError(errno.ECONNRESET, fault)
        self._counts.add("throttled" if fault == "throttled" else "errors")
        return _refusal(refusal(fault, target.service), target, request)

    def _permitted(
        self, request: Request, operation: wire.Operation | None, call: Call, caller: Caller
    ) -> Response:
        if caller.is_service:
            return self._carried_out(request)
        params = wire.parse(operation, request) if operation is not None else {}
        if operation is not None and self._sessions.answers(call.target.service, operation.name):
            return wire.serialize(operation, self._sessions.answer(call, params, caller))
        granted = grants.of(self._world, caller)
        for question in questions(call, params, caller, granted, request.method):
            check(call, caller, granted, question)
        return self._seen(request, call, params)

    def _seen(self, request: Request, call: Call, params: Params) -> Response:
        """The truth, or what is known of it by now."""
        subject = Subject.of(call, params, resources(call, params))
        if not self._lag.covers(subject):
            return self._carried_out(request)
        self._check_role(call, params)
        earlier = self._lag.earlier(subject)
        if earlier is not None:
            self._counts.add("stale")
            return earlier
        unknown = self._lag.unseen(subject)
        if unknown is not None:
            self._counts.add("stale")
            return self._without(request, unseen.name_of(unknown))
        answer = self._carried_out(request)
        if subject.is_read:
            self._lag.answered(subject, answer)
        elif answer.status_code < 300:
            self._lag.written(subject)
        return answer

    def _check_role(self, call: Call, params: Params) -> None:
        """A new role cannot be assumed yet.

        https://github.com/aws/aws-cli/issues/7700
        """
        role = params.get("Role")
        if call.target.service == "lambda" and role and self._lag.is_new(call.account, role):
            self._counts.add("stale")
            message = "The role defined for the function cannot be assumed by Lambda."
            raise AwsError("InvalidParameterValueException", message)

    def _without(self, request: Request, name: str) -> Response:
        body = request.get_data()
        answer = self._carried_out(GatewayRequest(unseen.asked(request.environ, body, name)))
        answer.set_data(unseen.answered(answer.get_data(), name))
        return answer

    def _carried_out(self, request: Request) -> Response:
        environ = _again(request.environ, request.get_data(cache=True))
        return Response.from_app(self._gateway, environ, buffered=True)


def _known_as(account: str, environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    """A request signed with the account in place of the key, as the gateway knows callers."""
    known = {name: _KEY.sub(account, environ[name]) for name in _SIGNED if name in environ}
    return _again(environ | known, body)


def _again(environ: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The environment of a request whose body has been read."""
    read = ("HTTP_TRANSFER_ENCODING", "werkzeug.request")
    kept = {name: value for name, value in environ.items() if name not in read}
    return {**kept, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _route(service: str, request: Request) -> wire.Operation | None:
    try:
        return wire.route(service, request)
    except UnknownServiceError:
        return None


def _refusal(error: AwsError, target: Target, request: Request) -> Response:
    operation = _route(target.service, request)
    answer = wire.plain_error(error)
    if operation is not None:
        answer = wire.serialize_error(operation, error)
    if request.method == "HEAD":
        answer.set_data(b"")
    return answer
