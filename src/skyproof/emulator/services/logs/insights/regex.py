"""The regular expressions of queries, matched in one pass over the text.

Python's ``re`` backtracks: ``(a+)+b`` takes it years on a long row of a's, and ``a.*b.*c.*d`` hours
on a long message that lacks only the last letter. Here all ways to match are followed at once, in
the order in which backtracking would try them, so the time is at most the text's length times the
expression's. (Filter patterns have an engine of their own, which has no groups to remember.)

https://swtch.com/~rsc/regexp/regexp2.html
"""

from __future__ import annotations

from typing import TypeAlias

from skyproof.emulator.services.logs.insights.regex_syntax import (
    Assertion,
    Characters,
    Jump,
    Save,
    Take,
    read,
)

#: Where groups begin and end, -1 where they did not take part.
Slots: TypeAlias = tuple[int, ...]


class Regex:
    """One regular expression; it may match anywhere in a text.

    Attributes:
        names: of its groups, in order.
    """

    def __init__(self, text: str) -> None:
        """Read the expression, without its slashes.

        Raises:
            RegexError: the expression is not valid, not implemented or too large.
        """
        self._program, self.names = read(text)
        self._unset: Slots = (-1,) * (2 * len(self.names))
        self._first = self._first_characters()

    def matches(self, text: str) -> bool:
        """Whether the expression matches a part of the text."""
        return self._search(text) is not None

    def groups(self, text: str) -> dict[str, str] | None:
        """The text of each named group of the first match; a group without part in it is empty."""
        slots = self._search(text)
        if slots is None:
            return None
        return {
            name: text[slots[2 * i] : slots[2 * i + 1]] if slots[2 * i + 1] >= 0 else ""
            for i, name in enumerate(self.names)
        }

    def _search(self, text: str) -> Slots | None:
        found: Slots | None = None
        ways: dict[int, Slots] = {}
        for at in range(len(text) + 1):
            if found is None and (self._first is None or self._may_start(text, at)):
                self._follow(ways, 0, self._unset, text, at)
            if not ways:
                if found is not None:
                    return found
                continue
            after: dict[int, Slots] = {}
            for place, slots in ways.items():
                if place == len(self._program):
                    # The ways behind this one are those that backtracking would not have tried.
                    found = slots
                    break
                step = self._program[place]
                if isinstance(step, Take) and at < len(text) and step.characters[text[at]]:
                    self._follow(after, place + 1, slots, text, at + 1)
            ways = after
        return found

    def _may_start(self, text: str, at: int) -> bool:
        assert self._first is not None
        return at < len(text) and any(characters[text[at]] for characters in self._first)

    def _follow(self, ways: dict[int, Slots], start: int, slots: Slots, text: str, at: int) -> None:
        """Add the places that are reached without a character; the first way to a place wins."""
        waiting = [(start, slots)]
        while waiting:
            place, slots = waiting.pop()
            if place in ways:
                continue
            ways[place] = slots
            if place == len(self._program):
                continue
            step = self._program[place]
            if isinstance(step, Jump):
                waiting += [(place + ahead, slots) for ahead in reversed(step.steps)]
            elif isinstance(step, Save):
                slots = (*slots[: step.slot], at, *slots[step.slot + 1 :])
                waiting.append((place + 1, slots))
            elif isinstance(step, Assertion) and _holds(step, text, at):
                waiting.append((place + 1, slots))

    def _first_characters(self) -> list[Characters] | None:
        """The sets that a match's first character is of, None where it may be anything."""
        found: list[Characters] = []
        waiting, seen = [0], set[int]()
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self._program[place] if place < len(self._program) else None
            if isinstance(step, Take):
                found.append(step.characters)
            elif isinstance(step, Jump):
                waiting += [place + ahead for ahead in step.steps]
            elif isinstance(step, Save):
                waiting.append(place + 1)
            else:
                return None
        return found


def _holds(assertion: Assertion, text: str, at: int) -> bool:
    if assertion is Assertion.START:
        return at == 0
    if assertion is Assertion.END:
        # As in Java and Python, also before the line end that closes the text.
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    boundary = _is_word(text[at - 1 : at]) != _is_word(text[at : at + 1])
    return boundary == (assertion is Assertion.BOUNDARY)


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")
