r"""The syntax of regular expressions in filter patterns: nothing but the documented subset.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions

Grammar::

    regex      = row { "|" row }
    row        = { anchor | atom [ quantifier ] }
    anchor     = "^" | "$"
    atom       = "." | class | character | escape
    class      = "[" [ "^" ] { item [ "-" item ] } "]"
    quantifier = "*" | "+" | "?" | "{" [ m ] "," [ n ] "}" | "{" m "}"
    escape     = "\" an operator | \d \D \s \S \w \W | \xhh
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from enum import Enum

from skyproof.emulator.services.logs.patterns.errors import PatternError

#: Of this emulator, AWS documents none: ``a{m,n}`` takes n steps.
MAX_STEPS = 1_000

OPERATORS = frozenset("^$?[]{}|\\*+.")
#: The documented ones, and the space of the documented ``%…|^shutting down%``.
LITERALS = frozenset(string.ascii_letters + string.digits + ":_#=@/;,- ")

_ASCII = frozenset(map(chr, range(128)))
_QUANTIFIER = re.compile(r"[*+?]|\{(?=[\d,]*\d)(\d*)(,?)(\d*)\}")
_HEX = re.compile(r"[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Characters:
    """A set of characters: some of ASCII, and all or none of the others."""

    ascii: frozenset[str]
    others: bool = False

    def has(self, char: str) -> bool:
        return char in self.ascii if char.isascii() else self.others

    def inverse(self) -> Characters:
        return Characters(_ASCII - self.ascii, not self.others)

    def union(self, other: Characters) -> Characters:
        return Characters(self.ascii | other.ascii, self.others or other.others)


class Anchor(Enum):
    """A place in the text."""

    START = "^"
    END = "$"


@dataclass(frozen=True)
class Step:
    """One character of the text; none where ``optional``, any number of them where ``repeats``."""

    characters: Characters
    optional: bool = False
    repeats: bool = False


Row = list[Step | Anchor]

_ANY = Characters(_ASCII, others=True)
_DIGIT = Characters(frozenset(string.digits))
_SPACE = Characters(frozenset("\t\n\r\f\v "))
_WORD = Characters(frozenset(string.ascii_letters + string.digits + "_"))
_NAMED = {
    "d": _DIGIT,
    "D": _DIGIT.inverse(),
    "s": _SPACE,
    "S": _SPACE.inverse(),
    "w": _WORD,
    "W": _WORD.inverse(),
}


def read(text: str, at: int) -> list[Row]:
    """The rows of which an expression matches any; ``at`` is its place in the pattern.

    Raises:
        PatternError: anything outside the documented subset.
    """
    return _Reader(text, at).rows()


class _Reader:
    """Recursive descent without the recursion: the subset has no groups."""

    def __init__(self, text: str, offset: int) -> None:
        self._text = text
        self._offset = offset
        self._at = 0
        self._steps = 0

    def rows(self) -> list[Row]:
        if not self._text:
            raise self._error("the regular expression is empty")
        rows: list[Row] = [[]]
        while self._at < len(self._text):
            if self._takes("|"):
                rows.append([])
            elif self._next in "^$":
                rows[-1].append(Anchor(self._take()))
            else:
                rows[-1] += self._repeated(self._atom())
        return rows

    def _atom(self) -> Characters:
        if self._takes("."):
            return _ANY
        if self._takes("["):
            return self._class()
        if self._next in "*+?{":
            # Also a second quantifier after a first, as in a+*: AWS documents none.
            raise self._error(f"'{self._next}' has no character before it to repeat")
        return self._character(LITERALS)

    def _repeated(self, characters: Characters) -> list[Step]:
        once, optional = Step(characters), Step(characters, optional=True)
        at = self._at
        least, most = self._quantifier()
        # Checked before the steps are made: a count may have a thousand digits.
        self._steps += least if most is None else most
        if self._steps > MAX_STEPS:
            raise PatternError(f"it repeats more than {MAX_STEPS} times", self._offset + at)
        if most is None:
            return [*[once] * least, Step(characters, optional=True, repeats=True)]
        return [once] * least + [optional] * (most - least)

    def _quantifier(self) -> tuple[int, int | None]:
        """The least and the most repetitions, None for any number of them."""
        found = _QUANTIFIER.match(self._text, self._at)
        if found is None:
            return 1, 1
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if found[0] in simple:
            limits = simple[found[0]]
        elif found[2]:
            limits = int(found[1] or 0), int(found[3]) if found[3] else None
        else:
            limits = int(found[1]), int(found[1])
        least, most = limits
        if most is not None and least > most:
            raise self._error(f"'{found[0]}' has its limits the wrong way round")
        self._at = found.end()
        return limits

    def _class(self) -> Characters:
        opening = self._at - 1
        negated = self._takes("^")
        members = Characters(frozenset())
        first = self._at
        while self._at == first or self._next != "]":
            if not self._next:
                raise PatternError("'[' is not closed", self._offset + opening)
            members = members.union(self._class_item())
        self._at += 1
        return members.inverse() if negated else members

    def _class_item(self) -> Characters:
        # In a class the operators stand for themselves, but for the ones of classes.
        literals = LITERALS | OPERATORS - frozenset("[]\\")
        low = self._character(literals)
        if self._next != "-" or self._text[self._at + 1 : self._at + 2] in ("", "]"):
            return low
        dash = self._at
        self._at += 1
        high = self._character(literals)
        if len(low.ascii) != 1 or len(high.ascii) != 1 or min(low.ascii) > min(high.ascii):
            raise PatternError("'-' is not between two characters in order", self._offset + dash)
        between = range(ord(min(low.ascii)), ord(min(high.ascii)) + 1)
        return Characters(frozenset(map(chr, between)))

    def _character(self, literals: frozenset[str]) -> Characters:
        if self._takes("\\"):
            return self._escape()
        if self._next not in literals:
            raise self._error(f"'{self._next}' is not supported in a regular expression")
        return Characters(frozenset(self._take()))

    def _escape(self) -> Characters:
        char = self._next
        if char in _NAMED:
            self._at += 1
            return _NAMED[char]
        if char in OPERATORS:
            return Characters(frozenset(self._take()))
        digits = _HEX.match(self._text, self._at + 1)
        if char != "x" or digits is None or int(digits[0], 16) > 0x7F:
            raise self._error(f"'\\{char}' is not supported in a regular expression")
        self._at = digits.end()
        return Characters(frozenset(chr(int(digits[0], 16))))

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._next
        self._at += 1
        return char

    def _takes(self, char: str) -> bool:
        if self._next != char:
            return False
        self._at += 1
        return True

    def _error(self, problem: str) -> PatternError:
        return PatternError(problem, self._offset + self._at)
