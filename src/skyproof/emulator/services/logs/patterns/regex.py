"""The regular expressions of filter patterns, matched in one pass over the message.

Python's ``re`` backtracks: ``a.*b.*c.*d`` takes it hours on a long message that lacks only the
last letter. The documented subset has no groups, so an expression is a choice of plain rows of
steps. All places in them are followed at once, one character of the message after the other, and
each move from one set of places to the next is remembered.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions
"""

from __future__ import annotations

from skyproof.emulator.services.logs.patterns.regex_syntax import Anchor, Step, read

#: Bounds the memory that one expression's remembered moves take.
MAX_REMEMBERED = 1_000

#: Indexes of steps, all rows' steps in one list.
Places = frozenset[int]


class Regex:
    """One regular expression; it may match anywhere in a text."""

    def __init__(self, text: str, at: int = 0) -> None:
        """Read the expression, without its percent signs; ``at`` is its place in the pattern.

        Raises:
            PatternError: anything outside the documented subset.
        """
        self._steps: list[Step | Anchor | None] = []
        starts = set()
        for row in read(text, at):
            starts.add(len(self._steps))
            self._steps += [*row, None]
        self._starts = frozenset(starts)
        self._ends = frozenset(i for i, step in enumerate(self._steps) if step is None)
        self._moves: dict[tuple[Places, str], Places] = {}

    def search(self, text: str) -> bool:
        """Whether the expression matches a part of the text."""
        places = self._spread(self._starts, first=True, last=not text)
        for char in text:
            if not places.isdisjoint(self._ends):
                return True
            places = self._move(places, char)
        last = self._spread(places, first=not text, last=True)
        return not last.isdisjoint(self._ends)

    def _move(self, places: Places, char: str) -> Places:
        known = self._moves.get((places, char))
        if known is not None:
            return known
        if len(self._moves) >= MAX_REMEMBERED:
            self._moves.clear()
        moved = set(self._starts)
        for place in places:
            step = self._steps[place]
            if isinstance(step, Step) and step.characters.has(char):
                moved.add(place if step.repeats else place + 1)
        spread = self._moves[places, char] = self._spread(moved, first=False, last=False)
        return spread

    def _spread(self, places: set[int] | Places, *, first: bool, last: bool) -> Places:
        """Also the places that are reached without a character, past optional steps and anchors."""
        reached: set[int] = set()
        waiting = list(places)
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            reached.add(place)
            if _is_passed(self._steps[place], first=first, last=last):
                waiting.append(place + 1)
        return frozenset(reached)


def _is_passed(step: Step | Anchor | None, *, first: bool, last: bool) -> bool:
    """Whether the step needs no character here."""
    if isinstance(step, Step):
        return step.optional
    return (step is Anchor.START and first) or (step is Anchor.END and last)
