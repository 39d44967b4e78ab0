"""What a strict emulator is told, in one JSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skyproof.emulator import iam
from skyproof.errors import SkyproofError

MOST_FAULTS = 0.2

_ARN = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::(?P<account>\d{12}):(?P<kind>root|[\w-]+/.+)")
_KEY = re.compile(r"\w{16,128}")


@dataclass(frozen=True)
class KnownCaller:
    """Long-lived credentials: an access key, its secret, and whose it is."""

    access_key: str
    secret: str = field(repr=False)
    account: str
    arn: str


@dataclass(frozen=True)
class Identity:
    """A user or role that is there from the start, with its inline policies by name."""

    arn: str
    policies: Mapping[str, str]
    trust: str = ""


@dataclass(frozen=True)
class Settings:
    """What the file says; rates are of requests from outside.

    Attributes:
        policies: users and roles that are there from the start.
        session_seconds: the longest that sessions last; ``None`` as long as they were asked for.
        account_alias: of the first caller's account.
    """

    callers: tuple[KnownCaller, ...]
    policies: tuple[Identity, ...] = ()
    throttle: float = 0.0
    errors: float = 0.0
    resets: float = 0.0
    consistency_seconds: float = 0.0
    session_seconds: float | None = None
    account_alias: str = ""
    seed: int = 0


def read(file: Path) -> Settings:
    """Read and check the file.

    Raises:
        SkyproofError: it cannot be read, or something in it is not right; the text says what.
    """
    try:
        found = json.loads(file.read_text())
    except OSError as error:
        raise SkyproofError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SkyproofError(f"{file} is not JSON: {error}.") from error
    try:
        return _settings(found)
    except _WrongError as error:
        raise SkyproofError(
            f"{file}: {error}.", "docs/decisions/0011-a-strict-emulator.md has an example."
        ) from error


class _WrongError(Exception):
    """What is wrong, and where in the file."""


def _settings(found: Any) -> Settings:
    given = _object(found, "the file", required={"callers"}, optional=_READERS)
    settings = Settings(**{name: _READERS[name](value, name) for name, value in given.items()})
    _check_identities(settings)
    return settings


def _check_identities(settings: Settings) -> None:
    """Nobody may do anything whose policies are nowhere: better told now than at every request."""
    known = {identity.arn.rpartition(":")[2] for identity in settings.policies}
    names = {re.sub(r"/.*/", "/", one) for one in known}
    for index, caller in enumerate(settings.callers):
        resource = caller.arn.rpartition(":")[2]
        of_role = re.sub(r"^assumed-role/([^/]+)/.*", r"role/\1", resource)
        if resource != "root" and re.sub(r"/.*/", "/", of_role) not in names:
            raise _WrongError(f"callers[{index}]: {caller.arn} is not among policies")


def _callers(value: Any, name: str) -> tuple[KnownCaller, ...]:
    found = tuple(_caller(one, f"{name}[{index}]") for index, one in _items(value, name))
    if not found:
        raise _WrongError(f"{name} is empty: nobody could call")
    keys = [caller.access_key for caller in found]
    if len(set(keys)) < len(keys):
        raise _WrongError(f"{name} has an access_key twice")
    return found


def _caller(value: Any, where: str) -> KnownCaller:
    given = _object(value, where, required={"access_key", "secret", "account", "arn"})
    caller = KnownCaller(**{name: _text(one, f"{where}.{name}") for name, one in given.items()})
    if not _KEY.fullmatch(caller.access_key):
        raise _WrongError(f"{where}.access_key is not 16 to 128 letters and digits")
    if _arn(caller.arn, f"{where}.arn", "root", "user", "assumed-role") != caller.account:
        raise _WrongError(f"{where}.account is not that of {caller.arn}")
    return caller


def _identities(value: Any, name: str) -> tuple[Identity, ...]:
    return tuple(_identity(one, f"{name}[{index}]") for index, one in _items(value, name))


def _identity(value: Any, where: str) -> Identity:
    given = _object(value, where, required={"arn", "policies"}, optional=("trust",))
    arn = _text(given["arn"], f"{where}.arn")
    _arn(arn, f"{where}.arn", "user", "role")
    is_role = ":role/" in arn
    if is_role != ("trust" in given):
        raise _WrongError(f"{where}: a role needs trust, and a user has none")
    documents = given["policies"]
    if not isinstance(documents, dict):
        raise _WrongError(f"{where}.policies is no object of names and policy documents")
    policies = {
        one: _policy(document, f"{where}.policies.{one}") for one, document in documents.items()
    }
    trust = _policy(given["trust"], f"{where}.trust") if is_role else ""
    return Identity(arn, policies, trust)


def _policy(value: Any, where: str) -> str:
    text = json.dumps(value)
    try:
        iam.statements(text)
    except (iam.PolicyError, iam.UnsupportedPolicyError) as error:
        raise _WrongError(f"{where}: {error}") from error
    return text


def _arn(text: str, where: str, *kinds: str) -> str:
    """The account of an ARN of these kinds."""
    found = _ARN.fullmatch(text)
    if found is None or found["kind"].partition("/")[0] not in kinds:
        raise _WrongError(f"{where}: {text!r} is not the ARN of a {' or '.join(kinds)}")
    return found["account"]


def _rate(value: Any, name: str) -> float:
    rate = _seconds(value, name)
    if rate > MOST_FAULTS:
        raise _WrongError(f"{name} is {value!r}: expected a rate from 0 to {MOST_FAULTS}")
    return rate


def _seconds(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise _WrongError(f"{name} is {value!r}: expected a number that is not negative")
    return float(value)


def _seed(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _WrongError(f"{name} is {value!r}: expected a whole number")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _WrongError(f"{where} is no text")
    return value


def _items(value: Any, where: str) -> enumerate[Any]:
    if not isinstance(value, list):
        raise _WrongError(f"{where} is no list")
    return enumerate(value)


def _object(
    value: Any, where: str, *, required: set[str], optional: Iterable[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _WrongError(f"{where} is no JSON object")
    if missing := sorted(required - set(value)):
        raise _WrongError(f"{where} lacks {', '.join(missing)}")
    known = required.union(optional)
    if unknown := sorted(set(value) - known):
        raise _WrongError(
            f"{where} has the unknown {', '.join(unknown)}: known are {', '.join(sorted(known))}"
        )
    return value


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "callers": _callers,
    "policies": _identities,
    "throttle": _rate,
    "errors": _rate,
    "resets": _rate,
    "consistency_seconds": _seconds,
    "session_seconds": _seconds,
    "account_alias": _text,
    "seed": _seed,
}
