"""Where two endpoints answer the same calls in different ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from skyproof.probe.running import Outcome, Recorded


@dataclass(frozen=True)
class Difference:
    """One call of one check that the two answer differently, or one check's result."""

    check: str
    operation: str
    here: str
    there: str


def differences(here: Iterable[Outcome], there: Iterable[Outcome]) -> list[Difference]:
    """By status, error code and the members that are present; values are not compared.

    A check's calls are compared up to the first that is another operation: from there on the two
    went different ways. How often something was looked at does not count.
    """
    others = {(one.service, one.what): one for one in there}
    pairs = [(one, others.get((one.service, one.what))) for one in here]
    return [found for one, other in pairs if other is not None for found in _between(one, other)]


def _between(one: Outcome, other: Outcome) -> Iterator[Difference]:
    check = f"{one.service}: {one.what}"
    if one.result != other.result:
        yield Difference(check, "(the check)", one.result, other.result)
    for mine, theirs in zip_longest(_once(one.calls), _once(other.calls)):
        if mine is None or theirs is None or mine.operation != theirs.operation:
            return
        if mine != theirs:
            yield Difference(check, mine.operation, *_told_apart(mine, theirs))


def _once(calls: list[Recorded]) -> list[Recorded]:
    """Of the same operation again and again, the last."""
    last = zip_longest(calls, calls[1:])
    return [one for one, after in last if after is None or after.operation != one.operation]


def _told_apart(mine: Recorded, theirs: Recorded) -> tuple[str, str]:
    if (mine.status, mine.code) != (theirs.status, theirs.code):
        return f"{mine.status} {mine.code}".strip(), f"{theirs.status} {theirs.code}".strip()
    only = sorted({*mine.members} - {*theirs.members}), sorted({*theirs.members} - {*mine.members})
    return _has_and_lacks(*only), _has_and_lacks(*reversed(only))


def _has_and_lacks(has: list[str], lacks: list[str]) -> str:
    told = {"has": has, "lacks": lacks}
    return "; ".join(f"{verb} {', '.join(names)}" for verb, names in told.items() if names)
