"""What a run is told: defaults < ini file < environment < command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from skyproof import readers

BACKENDS = ("embedded", "localstack", "sandbox")
PROVIDER_POOL = ("auto", "on", "off")
SHARED_WRITES = ("fail", "allow")
PARITY = ("off", "require")
STAGES = ("apply", "test", "destroy")


@dataclass(frozen=True)
class Option:
    """One setting: its name in Python, its default, how text becomes its value, and its help."""

    name: str
    default: Any
    read: readers.Reader
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


OPTIONS = (
    Option(
        "backend",
        "embedded",
        readers.one_of(BACKENDS),
        f"where stacks are applied: {', '.join(BACKENDS)}",
        "NAME",
    ),
    Option(
        "account", "123456789012", readers.account, "the account that stacks are applied in", "ID"
    ),
    Option("region", "us-east-1", readers.text, "the default region", "REGION"),
    Option(
        "terraform", None, readers.path, "the terraform binary; default: the one on PATH", "FILE"
    ),
    Option(
        "provider_mirror",
        None,
        readers.path,
        "a folder laid out as a provider mirror; default: one is looked for",
        "DIR",
    ),
    Option(
        "provider_pool",
        "auto",
        readers.one_of(PROVIDER_POOL),
        "keep providers warm between commands: auto (on a local backend, where it can be), on, off",
        "auto|on|off",
    ),
    Option(
        "localstack_services",
        "",
        readers.text,
        "who answers on the localstack backend: native, supplied or absent; default: it is asked",
        "SERVICE=MODE,...",
    ),
    Option(
        "parallelism", 32, readers.positive, "how many resources Terraform works on at once", "N"
    ),
    Option(
        "timeout", 1800, readers.positive, "seconds that one Terraform command may take", "SECONDS"
    ),
    Option(
        "parity",
        "off",
        readers.one_of(PARITY),
        "require: each test that uses a backend says by a parity marker on which it holds; off",
        "off|require",
    ),
    Option(
        "record_parity", None, readers.path, "a folder for what this run finds of each test", "DIR"
    ),
    Option(
        "home",
        None,
        readers.path,
        "where journals and states of runs are kept until nothing is left of them; default: "
        "~/.local/state/skyproof",
        "DIR",
    ),
    Option(
        "reap_after",
        60,
        readers.seconds,
        "seconds until a run whose process died in a sandbox is finished by itself",
        "SECONDS",
    ),
    Option(
        "keep", False, readers.flag, "leave applied stacks and their folders in place", "yes|no"
    ),
    Option(
        "keep_on_failure",
        False,
        readers.flag,
        "leave stacks and worlds in place when a test has failed, with their AWS for eight hours",
        "yes|no",
    ),
    Option(
        "shared_writes",
        "fail",
        readers.one_of(SHARED_WRITES),
        "what becomes of a test that writes to the stack that it shares with others",
        "fail|allow",
    ),
    Option(
        "reuse",
        False,
        readers.flag,
        "take stacks that `skyproof up` let stand, with what changed since applied to a copy",
        "yes|no",
    ),
    Option(
        "stage", "", readers.one_of(STAGES), f"run one stage alone: {', '.join(STAGES)}", "NAME"
    ),
    Option(
        "time_to_live",
        timedelta(hours=4),
        readers.length_of_time,
        "after this what a run made may be swept by anybody: 90m, 4h, 1d",
        "TIME",
    ),
    Option("owner", None, readers.owner, "whose run it is; default: user@machine", "NAME"),
    Option("role", None, readers.role, "the role that the sandbox is entered with, if any", "ARN"),
    Option(
        "sandbox_accounts",
        (),
        readers.several(readers.account),
        "the accounts that may be a sandbox, comma-separated; no other is ever entered",
        "IDS",
    ),
    Option(
        "sandbox_roles",
        (),
        readers.several(readers.role),
        "roles for the sandbox's other accounts, comma-separated, one for each account",
        "ARNS",
    ),
    Option(
        "sandbox_wait",
        0,
        readers.seconds,
        "seconds to wait for a sandbox that another run holds",
        "SECONDS",
    ),
    Option(
        "sandbox_ceiling",
        {},
        readers.ceiling,
        "how many a stack may create in a sandbox, by type: aws_instance=2,aws_db_*=0,*=800",
        "TYPE=N,…",
    ),
)


def default_home() -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/"""
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "skyproof"


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
    home: Path = field(default_factory=default_home)
    reap_after: int = 60
    keep: bool = False
    keep_on_failure: bool = False
    shared_writes: str = "fail"
    reuse: bool = False
    stage: str = ""
    time_to_live: timedelta = timedelta(hours=4)
    owner: str | None = None
    role: str | None = None
    sandbox_accounts: tuple[str, ...] = ()
    sandbox_roles: tuple[str, ...] = ()
    sandbox_wait: int = 0
    sandbox_ceiling: Mapping[str, int] = field(default_factory=dict)

    @property
    def reuses(self) -> bool:
        """Whether stacks are taken from what stands."""
        return self.reuse or self.stage == "test"


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
    assert {one.name for one in fields(Settings)} == {option.name for option in OPTIONS}
    return Settings(**values)


def as_text(settings: Settings) -> dict[str, str]:
    """Option name → text that :func:`resolve` reads the same value from; without the defaults."""
    values = {option.name: getattr(settings, option.name) for option in OPTIONS}
    defaults = {one.name: getattr(Settings(), one.name) for one in OPTIONS}
    changed = {name for name in values if values[name] != defaults[name]}
    return {name: readers.text_of(values[name]) for name in sorted(changed)}
