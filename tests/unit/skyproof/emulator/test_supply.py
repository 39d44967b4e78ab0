"""Who answers for each service: the text that says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.supply import MODES, SupplyError, parse, spell

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(st.dictionaries(NAMES, st.sampled_from(MODES)))
def test_what_is_spelled_is_read_again(modes: dict[str, str]) -> None:
    assert parse(spell(modes)) == modes  # type: ignore[arg-type]


def test_blanks_and_an_end_count_for_nothing() -> None:
    assert parse(" sqs = native , s3=absent, ") == {"sqs": "native", "s3": "absent"}


@pytest.mark.parametrize("text", ["sqs", "sqs=", "sqs=ours", "=native", "sqs=native=absent"])
def test_what_is_no_service_and_mode_is_named(text: str) -> None:
    with pytest.raises(SupplyError, match="is not SERVICE=MODE, with a mode of native, supplied"):
        parse(text)
