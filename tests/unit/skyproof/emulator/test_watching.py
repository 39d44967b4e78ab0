"""Who waits, and how long before what refuses."""

from __future__ import annotations

from skyproof.emulator.watching import Patience, Watchers


def test_those_who_wait_for_one_thing_are_told_of_it_alone() -> None:
    told: list[str] = []
    watchers = Watchers()
    watchers.add("queue", "a", lambda: told.append("a"))
    watchers.add("queue", "b", lambda: told.append("b"))
    watchers.add("stream", "c", lambda: told.append("c"))

    watchers.tell("queue")
    watchers.remove("queue", "a")
    watchers.remove("queue", "nobody")
    watchers.tell("queue")
    watchers.tell("nothing")

    assert told == ["a", "b", "b"]


def test_patience_lasts_a_day_and_then_begins_anew() -> None:
    patience = Patience()

    pauses = list(iter(patience.pause, None))

    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == 3600
    assert 86_400 <= sum(pauses) < 90_000
    assert patience.pause() == 1


def test_a_source_that_was_read_is_met_with_patience_anew() -> None:
    patience = Patience()
    patience.pause()
    patience.pause()

    patience.renew()

    assert patience.pause() == 1
