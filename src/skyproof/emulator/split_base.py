"""The base when another emulator stands beneath: it for some services, moto for the others."""

from __future__ import annotations

from typing import Any

from moto.core.request import Request
from werkzeug.wrappers import Response

from skyproof.emulator.base import MotoBase, answered
from skyproof.emulator.endpoint import Endpoint
from skyproof.emulator.endpoint_mends import mended
from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.supply import Mode
from skyproof.emulator.target import Target


class SplitBase:
    """The endpoint for services that are native, moto beneath ours for the others.

    Args:
        endpoint: the other emulator.
        modes: service → mode; what is not named is supplied.
    """

    def __init__(self, endpoint: Endpoint, modes: dict[str, Mode]) -> None:
        self._endpoint, self._modes = endpoint, modes
        self._moto = MotoBase()
        self.name = f"moto beside {endpoint.url}"

    def is_ours(self, service: str) -> bool:
        """Whether a service is supplied here."""
        return self._modes.get(service, "supplied") == "supplied"

    def account_of_key(self, access_key: str) -> str:
        """Asked of whoever gives keys out: STS."""
        issuer = self._moto if self.is_ours("sts") else self._endpoint
        return issuer.account_of_key(access_key)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return answered(self, environ, start_response)

    def handle(self, request: Request, target: Target) -> Response:
        """Answer one request, or have it answered.

        Raises:
            OperationNotImplementedError: the service is absent, or moto lacks it.
            BaseGoneError: the service is native and nobody answers.
        """
        match self._modes.get(target.service, "supplied"):
            case "native":
                by_account = self.is_ours("sts")
                answer = self._endpoint.handle(request, target, by_account=by_account)
                return mended(request, target, answer)
            case "absent":
                raise OperationNotImplementedError(
                    target.service, f"{request.method} {request.path}", "it is switched off"
                )
            case "supplied":
                return self._moto.handle(request, target)
