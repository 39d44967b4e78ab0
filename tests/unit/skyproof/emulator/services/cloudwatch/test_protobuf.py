"""Writing Protocol Buffers. https://protobuf.dev/programming-guides/encoding/"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch import protobuf


@pytest.mark.parametrize(
    ("number", "written"), [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (150, "9601")]
)
def test_a_varint_has_seven_bits_a_byte(number: int, written: str) -> None:
    assert protobuf.varint(number).hex() == written


@given(st.integers(0, 2**64))
def test_a_varint_reads_back(number: int) -> None:
    written = protobuf.varint(number)
    assert sum((byte & 0x7F) << 7 * at for at, byte in enumerate(written)) == number
    assert [byte >> 7 for byte in written] == [1] * (len(written) - 1) + [0]


def test_a_negative_number_has_no_varint() -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        protobuf.varint(-1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (protobuf.text(2, "testing"), "120774657374696e67"),
        (protobuf.text(1, "µ"), "0a02c2b5"),
        (protobuf.message(3, b"\x08\x96\x01"), "1a03089601"),
        (protobuf.message(3), "1a00"),
        (protobuf.fixed64(2, 1), "110100000000000000"),
        (protobuf.double(5, 1.0), "29000000000000f03f"),
        (protobuf.fixed64(16, 1), "81010100000000000000"),
        (protobuf.delimited(b"abc"), "03616263"),
    ],
)
def test_fields_are_written_with_their_tag(written: bytes, expected: str) -> None:
    assert written.hex() == expected


@pytest.mark.parametrize(
    "written", [protobuf.text(1, ""), protobuf.fixed64(1, 0), protobuf.double(1, 0.0)]
)
def test_a_field_with_its_default_is_left_out(written: bytes) -> None:
    assert written == b""
