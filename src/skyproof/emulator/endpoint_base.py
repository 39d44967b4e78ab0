"""Another emulator as the base: what is its own is sent on to it over HTTP."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.core.request import Request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from skyproof.emulator.base import MotoBase, answered
from skyproof.emulator.endpoint_mends import mended
from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.supply import Mode
from skyproof.emulator.target import DEFAULT_ACCOUNT, Target

#: As many as the gateway answers at once; fewer would open a new connection for the rest.
CONNECTIONS = 100
#: A first call makes LocalStack load the service: 3 s for CloudWatch, measured on two busy cores.
SECONDS = 60.0

# Of one connection, not of the message (RFC 9110, 7.6.1), or said anew by whoever sends it on.
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length")
)
_KEY = re.compile(r"Credential=[^/]+/")


class BaseGoneError(AwsError):
    """The other emulator does not answer; 400, because provider clients retry 5xx for minutes."""

    def __init__(self, url: str, error: Exception) -> None:
        super().__init__("BaseGone", f"{url} does not answer: {error}", status=400)


class EndpointBase:
    """An AWS-like endpoint behind the names that the gateway needs of a base.

    Args:
        url: ``http://127.0.0.1:PORT``.
    """

    name = "endpoint"

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS, timeout=timeout, retries=False, block=False
        )

    def is_ours(self, service: str) -> bool:
        """Of none: everything is the other emulator's."""
        del service
        return False

    @lru_cache(maxsize=1024)  # noqa: B019 (one base a process)
    def account_of_key(self, access_key: str) -> str:
        """The account that a key of the other emulator's stands for: it is asked.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        sts = boto3.session.Session().client(
            "sts",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key="not-verified",  # noqa: S106 (nothing verifies it)
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        try:
            return str(sts.get_caller_identity()["Account"])
        except (BotoCoreError, ClientError):
            return DEFAULT_ACCOUNT

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return answered(self, environ, start_response)

    def handle(self, request: Request, target: Target, *, by_account: bool = False) -> Response:
        """Send one request on as it came, signature and Host included.

        Args:
            by_account: sign it as the target's account, for the other emulator does not know the
                key; emulators read accounts off signatures and verify none.

        Raises:
            BaseGoneError: nobody answers there.
        """
        headers = dict(_kept(request.headers))
        if by_account and "Authorization" in headers:
            key = f"Credential={target.account}/"
            headers["Authorization"] = _KEY.sub(key, headers["Authorization"], count=1)
        try:
            answer = self._pool.request(
                request.method,
                self.url + _path(request),
                body=request.get_data(cache=True),
                headers=headers,
                redirect=False,
                preload_content=True,
                decode_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise BaseGoneError(self.url, error) from error
        kept = Headers(_kept(answer.headers))
        made = Response(answer.data, status=answer.status, headers=kept)
        if request.method == "HEAD" and "content-length" in answer.headers:
            made.headers["Content-Length"] = answer.headers["content-length"]
        return made


class SplitBase:
    """The endpoint for services that are native, moto beneath ours for the others.

    Args:
        endpoint: the other emulator.
        modes: service → mode; what is not named is supplied.
    """

    def __init__(self, endpoint: EndpointBase, modes: dict[str, Mode]) -> None:
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


def _path(request: Request) -> str:
    """Path and query as they were sent, for S3's keys may hold anything."""
    raw = str(request.environ["RAW_URI"])
    return raw if raw.startswith("/") else "/" + raw.partition("://")[2].partition("/")[2]


def _kept(headers: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]
