"""The emulator's own small HTTP interface, under ``/_skyproof/``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.backends import list_of_moto_modules
from moto.core.request import Request
from werkzeug.wrappers import Response

import skyproof
from skyproof.emulator import wire
from skyproof.emulator.services import SERVICES, load

if TYPE_CHECKING:
    from skyproof.emulator.world import World

PREFIX = "/_skyproof/"


def answer(world: World, request: Request) -> Response:
    """``GET /_skyproof/health``; anything else is 404."""
    path = request.path.removeprefix(PREFIX).strip("/")
    if path == "health" and request.method == "GET":
        return _json(health(world))
    return _json({"error": f"no {request.method} /_skyproof/{path} here"}, 404)


def health(world: World) -> dict[str, Any]:
    """What the emulator is and what each service of it can do.

    Services of ours list their operations: ``implemented`` by us, ``absent`` (answered 501), and
    whether the rest is left to the base. Services that are the base's alone are named with it.
    """
    ours = {name: _of_ours(name) for name in sorted(SERVICES)}
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


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")
