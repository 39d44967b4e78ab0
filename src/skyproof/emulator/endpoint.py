"""Another emulator, to which requests are sent on over HTTP."""

from __future__ import annotations

import re
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.core.request import Request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from skyproof.emulator.errors import AwsError
from skyproof.emulator.target import DEFAULT_ACCOUNT, DEFAULT_REGION, Target

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


class Endpoint:
    """An AWS-like endpoint that requests are sent on to.

    Args:
        url: ``http://127.0.0.1:PORT``.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS, timeout=timeout, retries=False, block=False
        )
        self._accounts: dict[str, str] = {}

    def account_of_key(self, access_key: str) -> str:
        """The account that a key of the other emulator's stands for: it is asked.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        if access_key not in self._accounts:
            try:
                self._accounts[access_key] = self._ask(access_key)
            except (BotoCoreError, ClientError):
                return DEFAULT_ACCOUNT
        return self._accounts[access_key]

    def _ask(self, access_key: str) -> str:
        sts = boto3.session.Session().client(
            "sts",
            endpoint_url=self.url,
            region_name=DEFAULT_REGION,
            aws_access_key_id=access_key,
            aws_secret_access_key="not-verified",  # noqa: S106 (nothing verifies it)
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        return str(sts.get_caller_identity()["Account"])

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


def _path(request: Request) -> str:
    """Path and query as they were sent, for S3's keys may hold anything."""
    raw = str(request.environ["RAW_URI"])
    return raw if raw.startswith("/") else "/" + raw.partition("://")[2].partition("/")[2]


def _kept(headers: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]
