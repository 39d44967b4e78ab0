"""Log events from bytes, however a pipe cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.functions import limits
from skyproof.emulator.functions.log import Log


@given(
    lines=st.lists(st.text(st.characters(exclude_characters="\n\0"), min_size=1)), data=st.data()
)
def test_the_cuts_of_a_pipe_do_not_matter(lines: list[str], data: st.DataObject) -> None:
    written = "\n".join(lines).encode(errors="replace")
    log = Log()
    while written:
        size = data.draw(st.integers(1, len(written)))
        log.feed(written[:size])
        written = written[size:]
    assert log.finish() == tuple(line.encode(errors="replace").decode() for line in lines)


def test_empty_lines_are_lines() -> None:
    log = Log()
    log.feed(b"\na\n\nb")
    assert log.finish() == ("", "a", "", "b")


def test_an_event_may_have_several_lines() -> None:
    log = Log()
    log.feed(b"a\0b\nc\n")
    assert log.finish() == ("a\nb", "c")


def test_a_line_is_cut_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE", 3)
    log = Log()
    for part in (b"ab", b"cd", b"ef\n", b"ghij"):
        log.feed(part)
    assert log.finish() == ("abc", "ghi")


def test_lines_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINES", 2)
    log = Log()
    log.feed(b"a\nb\n")
    assert log.finish() == ("a", "b")
    log.feed(b"c\nd")
    assert log.finish() == ("a", "b", "[2 more lines were written and are not kept]")
