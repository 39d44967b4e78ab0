"""The emulator's own small HTTP interface, under ``/_skyproof/``."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.backends import list_of_moto_modules
from moto.core.request import Request
from werkzeug.wrappers import Response

import skyproof
from skyproof.emulator import gate, wire
from skyproof.emulator.clock import ClockError
from skyproof.emulator.faults import Fault
from skyproof.emulator.gate import Visit
from skyproof.emulator.guard import ReadOnlyWorldError
from skyproof.emulator.services import SERVICES, load

if TYPE_CHECKING:
    from skyproof.emulator.world import World

PREFIX = "/_skyproof/"


def answer(world: World, request: Request) -> Response:
    """Answer ``GET health``, ``GET identity``, ``GET|POST clock``, ``POST clock/advance``,
    ``GET happenings``, ``GET|POST|DELETE faults``, ``GET|POST guard`` and ``GET written``.

    What cannot be done is answered 400 with ``{"error": text}``, what is not there 404, and what
    would change a world that is only to be read 403.
    """
    what = f"{request.method} {request.path.removeprefix(PREFIX).strip('/')}"
    found = _ANSWERS.get(what)
    if found is None:
        return reply({"error": f"no {what} under {PREFIX} here"}, 404)
    visit: Visit | None = request.environ.get(gate.ENVIRON_KEY)
    try:
        if visit is not None and not what.endswith(" guard"):
            world.guard.admit_request(visit, "skyproof", request.method)
        return reply(found(world, request))
    except ReadOnlyWorldError as error:
        return reply({"error": error.message}, error.status or 403)
    except (ClockError, BadRequestError) as error:
        return reply({"error": str(error)}, 400)


class BadRequestError(Exception):
    """The body or query is not what was expected; the text says what is."""


def _health(world: World, _request: Request) -> dict[str, Any]:
    return health(world)


def _identity(world: World, _request: Request) -> dict[str, Any]:
    """Who answers. Apart from the health, which loads every service to ask what it can do."""
    return {"token": world.token, "pid": os.getpid()}


def _clock(world: World, _request: Request) -> dict[str, Any]:
    return {"now": _stamp(world.clock.now()), "mode": world.clock.mode}


def _set_clock(world: World, request: Request) -> dict[str, Any]:
    body = body_of(request, {"now", "mode"})
    mode, now = body.get("mode"), body.get("now")
    if mode not in (None, "real", "manual"):
        raise BadRequestError(f'mode is {mode!r}: expected "real" or "manual"')
    world.clock.set(_moment(now) if now is not None else None, mode)
    return _clock(world, request)


def _advance(world: World, request: Request) -> dict[str, Any]:
    seconds = body_of(request, {"seconds"}).get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadRequestError(f"seconds is {seconds!r}: expected a number")
    events = world.clock.advance(seconds)
    return {"now": _stamp(world.clock.now()), "events": events}


def _happenings(world: World, request: Request) -> dict[str, Any]:
    found = world.happenings.about(request.args.get("about", ""))
    return {"happenings": [one.describe() for one in found]}


def _faults(world: World, _request: Request) -> dict[str, Any]:
    return {"faults": [fault.describe() for fault in world.faults]}


def _add_fault(world: World, request: Request) -> dict[str, Any]:
    body = body_of(request, {field.name for field in fields(Fault)})
    try:
        world.faults.add(Fault(**body))
    except TypeError as error:
        raise BadRequestError(f"a fault needs service and operation: {error}") from error
    return _faults(world, request)


def _clear_faults(world: World, request: Request) -> dict[str, Any]:
    world.faults.clear()
    return _faults(world, request)


def _guard(world: World, _request: Request) -> dict[str, Any]:
    return {"on": world.guard.on, "refused": list(world.guard.refused)}


def _set_guard(world: World, request: Request) -> dict[str, Any]:
    on = body_of(request, {"on"}).get("on")
    if not isinstance(on, bool):
        raise BadRequestError(f"on is {on!r}: expected true or false")
    world.guard.put(on=on)
    return _guard(world, request)


def _written(world: World, _request: Request) -> dict[str, Any]:
    return {"written": world.guard.written}


_ANSWERS = {
    "GET health": _health,
    "GET identity": _identity,
    "GET clock": _clock,
    "POST clock": _set_clock,
    "POST clock/advance": _advance,
    "GET happenings": _happenings,
    "GET faults": _faults,
    "POST faults": _add_fault,
    "DELETE faults": _clear_faults,
    "GET guard": _guard,
    "POST guard": _set_guard,
    "GET written": _written,
}


def body_of(request: Request, known: set[str]) -> dict[str, Any]:
    """The JSON object in a request's body; it may be absent.

    Raises:
        BadRequestError: it is something else, or has members that are not known.
    """
    try:
        body = json.loads(request.get_data() or b"{}")
    except ValueError as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict) or set(body) - known:
        raise BadRequestError(f"the body must be a JSON object with {', '.join(sorted(known))}")
    return body


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        expected = 'expected a time such as "2026-01-05T00:00:00Z"'
        raise BadRequestError(f"now is {text!r}: {expected}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    """ISO 8601 with Z, and with a fraction of seconds only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def health(world: World) -> dict[str, Any]:
    """What the emulator is and what each service of it can do.

    Services of ours list their operations: ``implemented`` by us, ``absent`` (answered 501), and
    whether the rest is left to the base. Services that are the base's alone are named with it.
    """
    ours = {name: _of_ours(name) for name in sorted(SERVICES) if world.base.is_ours(name)}
    others = {name: {"provider": world.base.name} for name in list_of_moto_modules()}
    return {
        "status": "running",
        "version": skyproof.__version__,
        "base": world.base.name,
        "services": dict(sorted((others | ours).items())),
    }


def _of_ours(name: str) -> dict[str, Any]:
    service = load(name)
    implemented = sorted(service.handlers())
    rest = sorted(set(wire.service_model(name).operation_names) - set(implemented))
    if service.complete:
        return {
            "provider": "skyproof",
            "implemented": implemented,
            "absent": rest,
            "fidelity": service.fidelity,
        }
    return {
        "provider": "skyproof over base",
        "implemented": implemented,
        "fidelity": service.fidelity,
    }


def reply(value: Any, status: int = 200) -> Response:
    """An answer of this interface."""
    return Response(json.dumps(value), status=status, content_type="application/json")
