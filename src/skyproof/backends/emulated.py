"""An emulated world, wherever it is served: its clients, its clock, its environment, its copies."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from urllib3.exceptions import HTTPError

import skyproof
from skyproof.backends.worlds import World, Worlds
from skyproof.errors import SkyproofError
from skyproof.expect.emulated import EmulatedClock

# Each would lead a client or the provider past the endpoint or give it other credentials;
# AWS_CA_BUNDLE makes the provider's second Configure fail ("unable to add custom RootCAs").
UNSET = (
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "https_proxy",
    "http_proxy",
)


# Making clients is not thread-safe: https://docs.aws.amazon.com/boto3/latest/guide/session.html
_making = threading.Lock()


@cache
def _session() -> boto3.session.Session:
    """One for all worlds, which remembers the models of services: an inventory of a second region
    takes 0.3 s of CPU time with it, and 2.9 s without.
    """
    return boto3.session.Session()


class Transient:
    """A backend whose AWS ends with this process."""

    def reference(self) -> dict[str, str]:
        """Nothing: what ends with this process needs no way back in."""
        return {}

    def reaches(self, account: str) -> bool:
        """Every account is there."""
        del account
        return True


class Emulated(Transient):
    """What the emulator's process and the copies of its world have in common."""

    name = "embedded"
    version = skyproof.__version__
    is_local = True
    capabilities = frozenset({"multi-account", "multi-region", "worlds"})

    def __init__(self, account: str, region: str, endpoint: str | None = None) -> None:
        self.account = account
        self.region = region
        self._endpoint = endpoint
        self._clients: dict[tuple[str, str, str], Any] = {}

    @property
    def endpoint(self) -> str | None:
        return self._endpoint

    def failure(self) -> SkyproofError | None:
        """Nothing is known of its end: a copy has no process of ours."""
        return None

    def environment(self) -> dict[str, str]:
        """The endpoint for every service, plain credentials, and nothing else of AWS."""
        assert self._endpoint is not None, "the backend is not started"
        return {
            **dict.fromkeys(UNSET, ""),
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "embedded",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client; the access key names the account."""
        assert self._endpoint is not None, "the backend is not started"
        key = (service, region or self.region, account or self.account)
        with _making:
            if key not in self._clients:
                self._clients[key] = _session().client(
                    service,
                    endpoint_url=self._endpoint,
                    region_name=key[1],
                    aws_access_key_id=key[2],
                    aws_secret_access_key="embedded",  # noqa: S106 (nothing verifies it)
                    # Nothing here is transient: a failure is shown at once, not after retries.
                    config=Config(
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        proxies={},
                    ),
                    verify=False,
                )
        return self._clients[key]

    def clock(self) -> EmulatedClock:
        """The emulator's own clock, which tests may turn."""
        assert self._endpoint is not None, "the backend is not started"
        return EmulatedClock(self._endpoint)

    def worlds(self) -> Worlds:
        """The copies of this world, and whether it may be written to."""
        assert self._endpoint is not None, "the backend is not started"
        return Worlds(self._endpoint)

    def fork(self) -> Forked:
        """A copy of this world as it is now, which goes its own way until it is stopped."""
        return Forked(self.account, self.region, self.worlds().fork())

    def describe(self) -> str:
        """The emulator's name and where it listens."""
        return f"embedded, {self._endpoint or 'not started'}"


class Forked(Emulated):
    """A copy of a world; it ends with :meth:`stop`, and with what it was copied from."""

    def __init__(self, account: str, region: str, world: World) -> None:
        super().__init__(account, region, world.endpoint)
        #: Of what it was copied from.
        self.token = ""
        self._world: World | None = world

    @property
    def pid(self) -> int | None:
        """The process id of the copy, while it runs."""
        return self._world.pid if self._world else None

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        """End it; harmless when that was done."""
        world, self._world, self._endpoint = self._world, None, None
        self._clients.clear()
        # What it was copied from may have ended, and it with that.
        with suppress(HTTPError):
            if world is not None:
                world.drop()
