"""Protobuf is read field by field, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform.pool.wire import Malformed, fields, texts
from tests.unit.skyproof.terraform.pool.provider import text

BODIES = st.lists(st.tuples(st.integers(1, 15), st.binary(max_size=300)))


@given(BODIES)
def test_fields_come_back_as_they_were_written(written: list[tuple[int, bytes]]) -> None:
    message = b"".join(text(number, value) for number, value in written)
    read = list(fields(message))
    assert [(field.number, field.value) for field in read] == written
    assert b"".join(field.raw for field in read) == message


def test_numbers_and_fixed_sizes_are_stepped_over() -> None:
    message = b"\x08\xac\x02" + b"\x11" + b"8bytes.." + b"\x1d" + b"four" + text(4, b"last")
    read = [(field.number, field.value) for field in fields(message)]
    assert read == [(1, 300), (2, b"8bytes.."), (3, b"four"), (4, b"last")]
    assert list(texts(message, 4)) == ["last"]


@pytest.mark.parametrize(
    ("message", "why"),
    [(b"\x0a\x05abc", "within a field"), (b"\x08\xff", "within a number"), (b"\x0b", "wire type")],
)
def test_what_is_no_message_is_refused(message: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        list(fields(message))
