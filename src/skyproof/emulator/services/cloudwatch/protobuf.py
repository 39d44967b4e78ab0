"""Messages of Protocol Buffers, written field by field.

Only what telemetry needs, and only writing: a library for it would be a heavy dependency with
generated code. As the canonical encoding has it, fields that hold their default are left out.
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct

_FIXED64, _DELIMITED = 1, 2


def varint(number: int) -> bytes:
    """An unsigned number, seven bits a byte, the lowest first.

    Raises:
        ValueError: the number is negative.
    """
    if number < 0:
        raise ValueError(f"{number} is negative: only unsigned numbers are written")
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def delimited(content: bytes) -> bytes:
    """Bytes with their length before them."""
    return varint(len(content)) + content


def message(field: int, *content: bytes) -> bytes:
    """A field that holds a message; an empty one is written, too, as it differs from none."""
    return _tag(field, _DELIMITED) + delimited(b"".join(content))


def text(field: int, value: str) -> bytes:
    """A string field."""
    return _tag(field, _DELIMITED) + delimited(value.encode()) if value else b""


def fixed64(field: int, value: int) -> bytes:
    """A field of 64 bits without a sign.

    Raises:
        struct.error: the number does not fit.
    """
    return _tag(field, _FIXED64) + struct.pack("<Q", value) if value else b""


def double(field: int, value: float) -> bytes:
    """A floating-point field."""
    return _tag(field, _FIXED64) + struct.pack("<d", value) if value else b""


def _tag(field: int, wire_type: int) -> bytes:
    return varint(field << 3 | wire_type)
