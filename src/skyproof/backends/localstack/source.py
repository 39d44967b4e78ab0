"""What a LocalStack comes from, and what its health says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

import urllib3
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.errors import ExitCode, SkyproofError

#: Host mode answers after 3 s on two idle cores.
START_SECONDS = 120
OLDEST = 3
#: LocalStack's own exit code for a licence that it does not find.
NO_TOKEN = 55
WANTS_TOKEN = SkyproofError(
    "This LocalStack asks for a token: it ended with exit code 55.",
    "Set LOCALSTACK_AUTH_TOKEN, or use localstack/localstack:4.14.0, the last image without one.",
    ExitCode.ENVIRONMENT,
)


class Source(Protocol):
    """Where a LocalStack comes from: it runs already, a container, or a process of ours.

    Attributes:
        kind: in two words, for the header of a run.
    """

    @property
    def kind(self) -> str: ...

    def start(self) -> str:
        """Its URL, once it was started; it need not answer yet. Raises SkyproofError."""

    def stop(self) -> None:
        """End what :meth:`start` began; calling it twice is harmless."""

    def failure(self) -> SkyproofError | None:
        """Why it ended by itself, if it did."""


@dataclass(frozen=True)
class Health:
    """What ``/_localstack/health`` says.

    Attributes:
        version: e.g. ``4.9.2``.
        services: those that it has.
    """

    version: str
    services: frozenset[str]


def until_ready(url: str, source: Source) -> Health:
    """Wait until LocalStack answers.

    Raises:
        SkyproofError: it ended, does not answer in time, is something else, or is too old.
    """
    waiting = Retrying(
        stop=stop_after_delay(START_SECONDS),
        wait=wait_fixed(0.1),
        retry=retry_if_result(lambda health: health is None),
        retry_error_callback=lambda _: None,
    )

    def look() -> Health | None:
        ended = source.failure()
        if ended is not None:
            raise ended
        return health_of(url)

    health: Health | None = waiting(look)
    if health is None:
        raise SkyproofError(
            f"LocalStack ({source.kind}) does not answer at {url} after {START_SECONDS} s.",
            f"Look at {url}/_localstack/health.",
            ExitCode.ENVIRONMENT,
        )
    if int(health.version.split(".")[0]) < OLDEST:
        raise SkyproofError(
            f"LocalStack at {url} is {health.version}: too old.",
            f"skyproof works with LocalStack {OLDEST}.0 and newer.",
            ExitCode.ENVIRONMENT,
        )
    return health


def health_of(url: str) -> Health | None:
    """The health of the LocalStack there; ``None`` while nobody answers.

    Raises:
        SkyproofError: something else answers.
    """
    try:
        answer = urllib3.request(
            "GET", f"{url}/_localstack/health", retries=False, timeout=10, redirect=False
        )
    except urllib3.exceptions.HTTPError:
        return None
    try:
        told: dict[str, Any] = json.loads(answer.data)
        return Health(str(told["version"]), frozenset(told["services"]))
    except (ValueError, KeyError, TypeError):
        raise SkyproofError(
            f"What answers at {url} is no LocalStack: /_localstack/health gives {answer.status}.",
            "Name LocalStack's own address, such as http://127.0.0.1:4566.",
            ExitCode.ENVIRONMENT,
        ) from None
