"""What a run is told: defaults < ini file < environment < command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError

BACKENDS = ("embedded", "localstack")
PROVIDER_POOL = ("auto", "on", "off")
PARITY = ("off", "require")

Reader = Callable[[str, str], Any]


@dataclass(frozen=True)
class Option:
    """One setting: its name in Python, its default, how text becomes its value, and its help."""

    name: str
    default: Any
    read: Reader
    help: str
    metavar: str = "VALUE"

    @property
    def ini(self) -> str:
        return f"skyproof_{self.name}"

    @property
    def env(self) -> str:
        return f"SKYPROOF_{self.name.upper()}"

    @property
    def flag(self) -> str:
        return f"--skyproof-{self.name.replace('_', '-')}"


def _backend(text: str, source: str) -> str:
    if text not in BACKENDS:
        raise SkyproofError(
            f"{source}: there is no backend {text!r}.", f"Choose one of: {', '.join(BACKENDS)}."
        )
    return text


def _provider_pool(text: str, source: str) -> str:
    if text not in PROVIDER_POOL:
        raise SkyproofError(f"{source}: {text!r} is none of {', '.join(PROVIDER_POOL)}.")
    return text


def _parity(text: str, source: str) -> str:
    if text not in PARITY:
        raise SkyproofError(f"{source}: {text!r} is none of {', '.join(PARITY)}.")
    return text


def _account(text: str, source: str) -> str:
    if len(text) != 12 or not text.isdigit():
        raise SkyproofError(
            f"{source}: {text!r} is no AWS account id.", "An account id has twelve digits."
        )
    return text


def _positive(text: str, source: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise SkyproofError(f"{source}: {text!r} is no whole number above 0.")
    return int(text)


def _flag(text: str, source: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise SkyproofError(f"{source}: {text!r} is neither yes nor no.")
    return known[text.lower()]


def _text(text: str, _source: str) -> str:
    return text


def _path(text: str, _source: str) -> Path:
    return Path(text).expanduser()


OPTIONS = (
    Option(
        "backend", "embedded", _backend, "where stacks are applied: embedded, localstack", "NAME"
    ),
    Option("account", "123456789012", _account, "the account that stacks are applied in", "ID"),
    Option("region", "us-east-1", _text, "the default region", "REGION"),
    Option("terraform", None, _path, "the terraform binary; default: the one on PATH", "FILE"),
    Option(
        "provider_mirror",
        None,
        _path,
        "a folder laid out as a provider mirror; default: one is looked for",
        "DIR",
    ),
    Option(
        "provider_pool",
        "auto",
        _provider_pool,
        "keep providers warm between commands: auto (on a local backend, where it can be), on, off",
        "auto|on|off",
    ),
    Option(
        "localstack_services",
        "",
        _text,
        "who answers on the localstack backend: native, supplied or absent; default: it is asked",
        "SERVICE=MODE,...",
    ),
    Option("parallelism", 32, _positive, "how many resources Terraform works on at once", "N"),
    Option("timeout", 1800, _positive, "seconds that one Terraform command may take", "SECONDS"),
    Option(
        "parity",
        "off",
        _parity,
        "require: each test that uses a backend says by a parity marker on which it holds; off",
        "off|require",
    ),
    Option("record_parity", None, _path, "a folder for what this run finds of each test", "DIR"),
    Option("keep", False, _flag, "leave applied stacks and their folders in place", "yes|no"),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one run; :func:`resolve` makes it.

    Attributes are the options above by name. ``timeout`` is in seconds.
    """

    backend: str = "embedded"
    account: str = "123456789012"
    region: str = "us-east-1"
    terraform: Path | None = None
    provider_mirror: Path | None = None
    provider_pool: str = "auto"
    localstack_services: str = ""
    parallelism: int = 32
    timeout: int = 1800
    parity: str = "off"
    record_parity: Path | None = None
    keep: bool = False


def resolve(
    command_line: Mapping[str, str | None] | None = None,
    ini: Mapping[str, str | None] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from all sources, the strongest last: ini, environment, command line.

    Args:
        command_line: option name → text, ``None`` where the option was not given.
        ini: the same from the ini file.
        environ: the process environment; its ``SKYPROOF_*`` variables count.

    Raises:
        SkyproofError: a value is unknown or malformed; the message names option and source.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for option in OPTIONS:
        for source, text in (
            (option.ini, (ini or {}).get(option.name)),
            (option.env, environ.get(option.env)),
            (option.flag, (command_line or {}).get(option.name)),
        ):
            if text:
                values[option.name] = option.read(str(text), source)
    assert {field.name for field in fields(Settings)} == {option.name for option in OPTIONS}
    return Settings(**values)
