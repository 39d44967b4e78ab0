"""Reading a protobuf message without its definition: fields by number.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """The bytes are no protobuf message."""


@dataclass(frozen=True)
class Field:
    """One field of a message.

    Attributes:
        value: the number, or the bytes of a text or of a message inside.
        raw: the field as it stands in the message, its tag included.
    """

    number: int
    value: int | bytes
    raw: bytes


def fields(message: bytes) -> Iterator[Field]:
    """The top-level fields, in their order. Raises Malformed."""
    at = 0
    while at < len(message):
        begun = at
        tag, at = _varint(message, at)
        value, at = _value(message, at, tag & 7)
        yield Field(tag >> 3, value, message[begun:at])


def texts(message: bytes, number: int) -> Iterator[str]:
    """The texts in the fields of one number."""
    for field in fields(message):
        if field.number == number and isinstance(field.value, bytes):
            yield field.value.decode(errors="replace")


def _value(message: bytes, at: int, kind: int) -> tuple[int | bytes, int]:
    if kind == VARINT:
        return _varint(message, at)
    if kind == BYTES:
        size, at = _varint(message, at)
    elif kind in (FIXED64, FIXED32):
        size = 8 if kind == FIXED64 else 4
    else:
        raise Malformed(f"wire type {kind}")
    end = at + size
    if end > len(message):
        raise Malformed("it ends within a field")
    return message[at:end], end


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
    raise Malformed("it ends within a number")
