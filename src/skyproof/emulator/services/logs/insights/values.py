"""The values of fields: text, numbers, times, or nothing; how they compare, sort and print.

Logs carry text, and numbers are what can be read as such: the 200 of a JSON message, and the "200"
that ``parse`` cut out of a line, are the same number. A Boolean is the number 1 or 0, also that of
a JSON message.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TypeAlias


class Timestamp(int):
    """Milliseconds since the epoch: a number that prints as a time."""


Number: TypeAlias = int | float
#: None: the log event does not have the field.
Value: TypeAlias = str | int | float | None

#: Of this emulator, so that no result outgrows a log event (1 MB) by far.
MAX_TEXT = 2**20

_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_CHUNK = re.compile(r"[0-9]+|[^0-9]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Beyond it a float no longer tells one integer from the next.
_EXACT = 2**53

Chunk: TypeAlias = tuple[int, int, str]
SortKey: TypeAlias = tuple[bool, tuple[Chunk, ...], Number]


def number(value: Value) -> Number | None:
    """The number that a value is or spells, if any."""
    if not isinstance(value, str):
        return value
    spelled = _NUMBER.fullmatch(value)
    if spelled is None:
        return None
    if not spelled[1] and not spelled[2]:
        return int(value)
    return finite(float(value))


def finite(value: Number) -> Number | None:
    """A result of arithmetic: an integer where it is one, nothing where there is no number."""
    try:
        if not isfinite(value):
            return None
    except OverflowError:
        return None
    if isinstance(value, int):
        return int(value) if abs(value) <= _EXACT else float(value)
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def truth(value: Value) -> bool:
    """Whether a condition holds; a missing field's does not."""
    found = number(value)
    return found is not None and found != 0


def equal(left: Value, right: Value) -> bool:
    """Numbers by value, everything else as text; a missing field equals nothing."""
    if left is None or right is None:
        return False
    a, b = number(left), number(right)
    return a == b if a is not None and b is not None else text(left) == text(right)


def less(left: Value, right: Value) -> bool:
    """Numbers by value, everything else as text; a missing field is not less than anything."""
    if left is None or right is None:
        return False
    a, b = number(left), number(right)
    return a < b if a is not None and b is not None else text(left) < text(right)


def text(value: Value) -> str:
    """A value as results show it; nothing for a missing field.

    AWS documents no format of numbers. As observed, integers have no ".0", and what was calculated
    has up to four decimals (an average of ``122.0703``). Times are UTC, to the millisecond.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Timestamp):
        moment = calendar(value)
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if moment else str(int(value))
    if isinstance(value, int):
        return str(int(value))
    shown = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def calendar(timestamp: int) -> datetime | None:
    """The UTC time, None outside of the years 1000 to 9999."""
    try:
        moment = _EPOCH + timedelta(milliseconds=timestamp)
    except OverflowError:
        return None
    return moment if moment.year >= 1000 else None


def sort_key(value: Value) -> SortKey:
    """The documented natural order: text before numbers; in text, digits by length, then by value.

    A missing field sorts as empty text does, which AWS does not document.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
    """
    found = number(value)
    if found is not None:
        return True, (), found
    return False, tuple(_chunk(part) for part in _CHUNK.findall(text(value))), 0


def _chunk(part: str) -> Chunk:
    # Digits against another character: Unicode order, in which the ten digits have one place.
    return (ord("0"), len(part), part) if part[0] in "0123456789" else (ord(part), 0, "")
