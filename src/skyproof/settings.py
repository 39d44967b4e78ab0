"""What a run is told: defaults < ini file < environment < command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError

BACKENDS = ("embedded", "localstack", "sandbox")
PROVIDER_POOL = ("auto", "on", "off")
SHARED_WRITES = ("fail", "allow")
PARITY = ("off", "require")
STAGES = ("apply", "test", "destroy")

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}", re.ASCII)
CEILING = re.compile(r"[a-z0-9_*?]+")
LENGTH_OF_TIME = re.compile(r"(\d{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

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


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(text: str, source: str) -> str:
        if text not in choices:
            raise SkyproofError(f"{source}: {text!r} is none of {', '.join(choices)}.")
        return text

    return read


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


def _seconds(text: str, source: str) -> int:
    if not text.isdigit():
        raise SkyproofError(f"{source}: {text!r} is no whole number of seconds.")
    return int(text)


def length_of_time(text: str, source: str) -> timedelta:
    """Read a length of time such as ``90m``. Raises SkyproofError naming the source."""
    found = LENGTH_OF_TIME.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise SkyproofError(
            f"{source}: {text!r} is no length of time.",
            "Write minutes, hours or days: 90m, 4h, 1d.",
        )
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _owner(text: str, source: str) -> str:
    if TAG_VALUE.fullmatch(text) is None:
        raise SkyproofError(
            f"{source}: {text!r} cannot be the value of a tag.",
            "Letters, digits, spaces and . : / = + - _ @ can, up to 256 of them.",
        )
    return text


def _role(text: str, source: str) -> str:
    if ROLE.fullmatch(text) is None:
        raise SkyproofError(
            f"{source}: {text!r} is no role's ARN.",
            "A role's ARN reads arn:aws:iam::111122223333:role/NAME.",
        )
    return text


def _ceiling(text: str, source: str) -> dict[str, int]:
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        pattern, _, number = part.partition("=")
        if CEILING.fullmatch(pattern) is None or not number.isdigit():
            raise SkyproofError(
                f"{source}: {part!r} is no ceiling.",
                "Write TYPE=NUMBER, comma-separated: aws_instance=2,aws_db_*=0,*=800.",
            )
        found[pattern] = int(number)
    return found


def _several(one: Reader) -> Reader:
    def read(text: str, source: str) -> tuple[Any, ...]:
        return tuple(one(part.strip(), source) for part in text.split(",") if part.strip())

    return read


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
        "backend", "embedded", _backend, f"where stacks are applied: {', '.join(BACKENDS)}", "NAME"
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
        _one_of(PROVIDER_POOL),
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
        _one_of(PARITY),
        "require: each test that uses a backend says by a parity marker on which it holds; off",
        "off|require",
    ),
    Option("record_parity", None, _path, "a folder for what this run finds of each test", "DIR"),
    Option(
        "home",
        None,
        _path,
        "where journals and states of runs are kept until nothing is left of them; default: "
        "~/.local/state/skyproof",
        "DIR",
    ),
    Option(
        "reap_after",
        60,
        _seconds,
        "seconds until a run whose process died in a sandbox is finished by itself",
        "SECONDS",
    ),
    Option("keep", False, _flag, "leave applied stacks and their folders in place", "yes|no"),
    Option(
        "keep_on_failure",
        False,
        _flag,
        "leave stacks and worlds in place when a test has failed, with their AWS for eight hours",
        "yes|no",
    ),
    Option(
        "shared_writes",
        "fail",
        _one_of(SHARED_WRITES),
        "what becomes of a test that writes to the stack that it shares with others",
        "fail|allow",
    ),
    Option(
        "reuse",
        False,
        _flag,
        "take stacks that `skyproof up` let stand, with what changed since applied to a copy",
        "yes|no",
    ),
    Option("stage", "", _one_of(STAGES), f"run one stage alone: {', '.join(STAGES)}", "NAME"),
    Option(
        "time_to_live",
        timedelta(hours=4),
        length_of_time,
        "after this what a run made may be swept by anybody: 90m, 4h, 1d",
        "TIME",
    ),
    Option("owner", None, _owner, "whose run it is; default: user@machine", "NAME"),
    Option("role", None, _role, "the role that the sandbox is entered with, if any", "ARN"),
    Option(
        "sandbox_accounts",
        (),
        _several(_account),
        "the accounts that may be a sandbox, comma-separated; no other is ever entered",
        "IDS",
    ),
    Option(
        "sandbox_roles",
        (),
        _several(_role),
        "roles for the sandbox's other accounts, comma-separated, one for each account",
        "ARNS",
    ),
    Option(
        "sandbox_wait",
        0,
        _seconds,
        "seconds to wait for a sandbox that another run holds",
        "SECONDS",
    ),
    Option(
        "sandbox_ceiling",
        {},
        _ceiling,
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
    return {name: _text_of(values[name]) for name in sorted(changed)}


def _text_of(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return f"{int(value.total_seconds() // 60)}m"
        case tuple():
            return ",".join(map(str, value))
        case Mapping():
            return ",".join(f"{name}={one}" for name, one in value.items())
        case _:
            return str(value)
