"""What the parity marker may say."""

from __future__ import annotations

import pytest

from skyproof.parity.marks import REQUIRED, ParityError, Verdict, missing, read
from skyproof.settings import BACKENDS


def test_the_three_verdicts_are_read() -> None:
    said = {"embedded": "holds", "localstack": "supplied", "sandbox": "fails: it takes a day"}
    assert read(said) == {
        "embedded": Verdict("holds"),
        "localstack": Verdict("supplied"),
        "sandbox": Verdict("fails", "it takes a day"),
    }
    assert [verdict.runs for verdict in read(said).values()] == [True, True, False]


@pytest.mark.parametrize("text", ["fails", "fails: ", "fails:", "maybe", "", True, None])
def test_a_verdict_that_nobody_can_read_is_refused(text: object) -> None:
    with pytest.raises(ParityError, match=r"localstack=.* is none of"):
        read({"localstack": text})


def test_an_unknown_backend_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ParityError, match="no backend 'azure'; there are: embedded, localstack"):
        read({"azure": "holds"})


def test_every_backend_but_the_embedded_one_must_be_named() -> None:
    assert set(REQUIRED) == set(BACKENDS) - {"embedded"}
    assert missing(()) == list(REQUIRED)
    assert missing({"localstack": 1}) == [name for name in REQUIRED if name != "localstack"]
