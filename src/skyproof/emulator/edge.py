"""The edge of a served world: what comes over its port, as against what happens inside."""

from __future__ import annotations

from typing import Any

from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator import admin
from skyproof.emulator.admin import BadRequestError, body_of, reply
from skyproof.emulator.base import GatewayRequest
from skyproof.emulator.gate import ENVIRON_KEY, Gate, StillInsideError, Visit
from skyproof.emulator.holding import Holding
from skyproof.emulator.transport import WsgiApp
from skyproof.emulator.worlds import PATIENCE, NoSuchWorldError, WorldNotMadeError, Worlds

_WORLDS = f"{admin.PREFIX}worlds"


class Edge:
    """A WSGI application: lets requests into a world through its gate, and answers for its copies.

    ``GET|POST worlds`` and ``DELETE worlds/ID`` are answered before the gate: who waits for all to
    have left must not be inside.

    Args:
        application: the gateway, or what stands in front of it.
    """

    def __init__(self, application: WsgiApp, gate: Gate, holding: Holding, worlds: Worlds) -> None:
        self._application, self._gate, self._worlds = application, gate, worlds
        self._holding = holding
        #: Grows with each request; how many there were is nobody's concern.
        self.requests = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.requests += 1
        path = environ["PATH_INFO"]
        if path == _WORLDS or path.startswith(f"{_WORLDS}/"):
            request = GatewayRequest(environ)
            request.get_data(cache=True)
            return self._answer(request)(environ, start_response)
        # Outside the gate: who waits for its turn is not inside.
        self._holding.wait(environ)
        with self._gate.passing(Visit.of(environ)) as visit:
            environ[ENVIRON_KEY] = visit
            return self._application(environ, start_response)

    def _answer(self, request: Request) -> Response:
        id_ = request.path.removeprefix(_WORLDS).strip("/")
        answers = {
            ("GET", False): self._list,
            ("POST", False): self._make,
            ("DELETE", True): self._drop,
        }
        found = answers.get((request.method, bool(id_)))
        if found is None:
            return reply({"error": f"no {request.method} {request.path} here"}, 404)
        try:
            return reply(found(request, id_))
        except BadRequestError as error:
            return reply({"error": str(error)}, 400)
        except NoSuchWorldError:
            return reply({"error": f"no world {id_} was made of this one, or it has ended"}, 404)
        except StillInsideError as error:
            return reply(
                {"error": f"the world is not copied while something is done: {error}"}, 409
            )
        except (WorldNotMadeError, OSError) as error:
            return reply({"error": f"the copy did not start: {error}"}, 503)

    def _list(self, _request: Request, _id: str) -> dict[str, Any]:
        return {"worlds": [copy.describe() for copy in self._worlds.living()]}

    def _make(self, request: Request, _id: str) -> dict[str, Any]:
        patience = body_of(request, {"patience"}).get("patience", PATIENCE)
        if isinstance(patience, bool) or not isinstance(patience, int | float) or patience < 0:
            raise BadRequestError(f"patience is {patience!r}: expected seconds")
        return self._worlds.fork(patience).describe()

    def _drop(self, _request: Request, id_: str) -> dict[str, Any]:
        self._worlds.drop(id_)
        return {"dropped": id_}
