"""How the text of an option becomes its value, and the other way round.

A reader takes the text and where it comes from, which an error names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}", re.ASCII)
CEILING = re.compile(r"[a-z0-9_*?]+")
LENGTH_OF_TIME = re.compile(r"(\d{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Reader = Callable[[str, str], Any]


def one_of(choices: tuple[str, ...]) -> Reader:
    """Read one of a few words."""

    def read(text: str, source: str) -> str:
        if text not in choices:
            raise SkyproofError(f"{source}: {text!r} is none of {', '.join(choices)}.")
        return text

    return read


def account(text: str, source: str) -> str:
    """Read the id of an account."""
    if len(text) != 12 or not text.isdigit():
        raise SkyproofError(
            f"{source}: {text!r} is no AWS account id.", "An account id has twelve digits."
        )
    return text


def positive(text: str, source: str) -> int:
    """Read a number of things of which there is at least one."""
    if not text.isdigit() or int(text) == 0:
        raise SkyproofError(f"{source}: {text!r} is no whole number above 0.")
    return int(text)


def seconds(text: str, source: str) -> int:
    """Read a number of seconds."""
    if not text.isdigit():
        raise SkyproofError(f"{source}: {text!r} is no whole number of seconds.")
    return int(text)


def length_of_time(text: str, source: str) -> timedelta:
    """Read a length of time, such as ``90m``."""
    found = LENGTH_OF_TIME.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise SkyproofError(
            f"{source}: {text!r} is no length of time.",
            "Write minutes, hours or days: 90m, 4h, 1d.",
        )
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def owner(text: str, source: str) -> str:
    """Read a name that a tag can hold."""
    if TAG_VALUE.fullmatch(text) is None:
        raise SkyproofError(
            f"{source}: {text!r} cannot be the value of a tag.",
            "Letters, digits, spaces and . : / = + - _ @ can, up to 256 of them.",
        )
    return text


def role(text: str, source: str) -> str:
    """Read the ARN of a role."""
    if ROLE.fullmatch(text) is None:
        raise SkyproofError(
            f"{source}: {text!r} is no role's ARN.",
            "A role's ARN reads arn:aws:iam::111122223333:role/NAME.",
        )
    return text


def ceiling(text: str, source: str) -> dict[str, int]:
    """Read how many there may be, by pattern."""
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


def several(one: Reader) -> Reader:
    """Read several, comma-separated."""

    def read(text: str, source: str) -> tuple[Any, ...]:
        return tuple(one(part.strip(), source) for part in text.split(",") if part.strip())

    return read


def flag(text: str, source: str) -> bool:
    """Read yes or no."""
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise SkyproofError(f"{source}: {text!r} is neither yes nor no.")
    return known[text.lower()]


def text(found: str, _source: str) -> str:
    """Take any text as it is."""
    return found


def path(found: str, _source: str) -> Path:
    """Read a path, of which ``~`` is the user's home."""
    return Path(found).expanduser()


def text_of(value: Any) -> str:
    """The text from which a reader makes the value."""
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
