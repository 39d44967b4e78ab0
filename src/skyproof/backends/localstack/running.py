"""A LocalStack that somebody else started."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from skyproof.backends.localstack.source import health_of
from skyproof.errors import ExitCode, SkyproofError

VARIABLES = ("LOCALSTACK_ENDPOINT", "AWS_ENDPOINT_URL")


class Running:
    """An endpoint that the environment names; it is left running.

    Args:
        url: where it answers.
        variable: what named it.

    Raises:
        SkyproofError: it is not on this machine.
    """

    kind = "already running"

    def __init__(self, url: str, variable: str) -> None:
        self._url, self._variable = url.rstrip("/"), variable
        if not is_loopback(url):
            raise SkyproofError(
                f"{variable}: {url} is not on this machine.",
                "LocalStack is used on loopback only: http://127.0.0.1:4566, or http://localhost:4566.",
            )

    def start(self) -> str:
        """Its URL. Raises SkyproofError when nobody answers there."""
        if health_of(self._url) is None:
            raise SkyproofError(
                f"{self._variable}: nobody answers at {self._url}.",
                "Start LocalStack there, or unset the variable to have one started.",
                ExitCode.ENVIRONMENT,
            )
        return self._url

    def stop(self) -> None:
        """It is not ours to stop."""

    def failure(self) -> SkyproofError | None:
        if health_of(self._url) is not None:
            return None
        return SkyproofError(
            f"LocalStack at {self._url} does not answer any more.",
            "Its own log says why; unless it persists, what was in it is gone with it.",
            ExitCode.ENVIRONMENT,
        )


def named_in(environ: Mapping[str, str]) -> Running | None:
    """The LocalStack that the environment names, if it names one."""
    for variable in VARIABLES:
        if environ.get(variable):
            return Running(environ[variable], variable)
    return None


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine, as far as can be told without asking a name server."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https"):
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
