"""The one way in which a filter pattern is refused."""

from __future__ import annotations


class PatternError(ValueError):
    """A pattern that AWS refuses, or whose meaning AWS does not document.

    Attributes:
        at: the offending character's position in the pattern, counted from 0.
    """

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(f"Invalid filter pattern at character {at}: {problem}")
        self.at = at
