"""The LocalStack backend: LocalStack for what it does, services of ours for the rest."""

from __future__ import annotations

import os
from pathlib import Path

import boto3

from skyproof.backends.embedded import Embedded
from skyproof.backends.fronting import Fronting
from skyproof.backends.localstack import compose, install, running
from skyproof.backends.localstack.host import Host
from skyproof.backends.localstack.services import clients_of, decide
from skyproof.backends.localstack.source import Health, Source, until_ready
from skyproof.emulator.supply import Mode, SupplyError, parse, spell
from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import Settings


class Localstack(Fronting):
    """LocalStack behind skyproof's gateway.

    Clients and Terraform speak to the gateway alone. It forwards what LocalStack answers for and
    answers the rest; its clock moves the services of ours, LocalStack's time stays the real one.
    """

    name = "localstack"
    is_local = True
    capabilities = frozenset({"multi-account", "multi-region"})

    def __init__(self, settings: Settings) -> None:
        self._overrides = _overrides(settings.localstack_services)
        self.account, self.region = settings.account, settings.region
        self._settings = settings
        self._source: Source | None = None
        self._gateway: Embedded | None = None
        self._health: Health | None = None
        #: Service → mode, and why those that are supplied are; known once it is started.
        self.modes: dict[str, Mode] = {}
        self.reasons: dict[str, str] = {}

    @property
    def endpoint(self) -> str | None:
        return self._gateway.endpoint if self._gateway else None

    @property
    def version(self) -> str:
        """LocalStack's."""
        assert self._health is not None, "the backend is not started"
        return self._health.version

    def start(self) -> None:
        """Find or start LocalStack, ask it what it can do, and put the gateway before it."""
        if self._gateway is not None:
            return
        self._source = find_source()
        try:
            url = self._source.start()
            self._health = until_ready(url, self._source)
            ask = clients_of(url, self.account, self.region)
            self.modes, self.reasons = decide(ask, self._health.services, self._overrides)
            arguments = ("--base", url, "--services", spell(self.modes))
            self._gateway = Embedded(self._settings, arguments)
            self._gateway.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the gateway, and LocalStack if we started it; harmless when neither runs."""
        gateway, self._gateway = self._gateway, None
        source, self._source = self._source, None
        if gateway is not None:
            gateway.stop()
        if source is not None:
            source.stop()

    def failure(self) -> SkyproofError | None:
        """Why LocalStack or the gateway ended by itself, if one did."""
        if self._source is None or self._gateway is None:
            return None
        ended = self._source.failure()
        gateway = self._gateway.failure() if ended is None else None
        if gateway is not None:  # without what is in LocalStack, which may not be ours
            return SkyproofError(gateway.what, gateway.hint, gateway.exit_code)
        return ended

    def describe(self) -> str:
        """LocalStack's version, where it comes from, and who answers for what."""
        if self._source is None or self._health is None:
            return "localstack, not started"
        answering: dict[str, list[str]] = {}
        for name, mode in sorted(self.modes.items()):
            why = f" ({self.reasons.get(name, 'as told')})" if mode == "supplied" else ""
            answering.setdefault(mode, []).append(name + why)
        who = (f"{mode}: {', '.join(names)}" for mode, names in sorted(answering.items()))
        start = f"localstack {self._health.version}, {self._source.kind}, {self.endpoint}"
        return "; ".join([start, *who])

    @property
    def _behind(self) -> Embedded:
        assert self._gateway is not None, "the backend is not started"
        return self._gateway


def find_source() -> Source:
    """A LocalStack that runs, a container, or host mode, in this order.

    Raises:
        SkyproofError: there is none of them; the message names all three ways.
    """
    found = running.named_in(os.environ) or compose.found_in(Path.cwd())
    if found is not None:
        return found
    python = install.python_of(install.folder())
    if python is None:
        raise SkyproofError(
            "There is no LocalStack.",
            f"Name one that runs in {running.VARIABLES[0]}, or start Docker beside a "
            f"{compose.FILE} with a service {compose.SERVICE}, or have it without Docker: "
            "`skyproof localstack install`.",
            ExitCode.ENVIRONMENT,
        )
    return Host(python)


def _overrides(text: str) -> dict[str, Mode]:
    option = "--skyproof-localstack-services"
    try:
        modes = parse(text)
    except SupplyError as error:
        raise SkyproofError(f"{option}: {error}.") from None
    unknown = modes.keys() - set(boto3.session.Session().get_available_services())
    if unknown:
        raise SkyproofError(
            f"{option}: there is no service {', '.join(sorted(unknown))}.",
            "Write botocore's names, such as cloudwatch, events, stepfunctions.",
        )
    return modes
