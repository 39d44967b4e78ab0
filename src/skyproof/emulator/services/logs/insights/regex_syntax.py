r"""The syntax of regular expressions in queries, and the small program that each becomes.

AWS documents the subset of filter patterns and, for ``parse``, named groups; its examples have
groups, lazy quantifiers and ``(?i)`` as well. What Java or Python know beyond that is refused.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions

Grammar::

    choice     = row { "|" row }
    row        = { assertion | "(?i)" | part [ quantifier ] }
    part       = "(" [ "?:" | "?<" name ">" ] choice ")" | "." | class | escape | character
    quantifier = ( "*" | "+" | "?" | "{" m [ "," [ n ] ] "}" ) [ "?" ]
    assertion  = "^" | "$" | "\b" | "\B"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

#: Of this emulator: ``(a{100}){100}`` takes 10,000 steps.
MAX_STEPS = 1_000
MAX_DEPTH = 20

_ESCAPE = r"\\(?:[dDwWsStnrf]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9])"
_PLAIN = re.compile(rf"\.|{_ESCAPE}|[^\\()\[\]{{}}*+?|^$]|[\]}}]")
_CLASS = re.compile(rf"\[\^?+(?:{_ESCAPE}|[^\\\[\]])++\]")
#: Java has set operations where Python has none.
_SET_OPERATION = re.compile(r"&&|--|~~|\|\|")
_QUANTIFIER = re.compile(r"([*+?]|\{([0-9]{1,4})(,?)([0-9]{0,4})\})(\??)")
_GROUP = re.compile(r"\((?:\?:|\?P?<([A-Za-z][A-Za-z0-9_]*)>)?(?!\?)")
_ASSERTION = re.compile(r"\^|\$|\\b|\\B")
_SIMPLE: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class RegexError(ValueError):
    """A regular expression that is not valid or not implemented."""


class Characters(dict[str, bool]):
    """Whether a character is in a set, which is written as a regular expression of one character.

    Answers are remembered: a dictionary is the fastest answer to a question that is asked of every
    character of a log.
    """

    def __init__(self, source: str, *, ignore_case: bool) -> None:
        super().__init__()
        # As in Java, unlike in Python, letters and digits are those of ASCII.
        flags = re.ASCII | (re.IGNORECASE if ignore_case else re.NOFLAG)
        try:
            self._pattern = re.compile(source, flags)
        except re.error as error:
            raise RegexError(f"{source}: {error.msg}") from error

    def __missing__(self, char: str) -> bool:
        self[char] = found = self._pattern.fullmatch(char) is not None
        return found


@dataclass(frozen=True)
class Take:
    """Go on past one character of a set."""

    characters: Characters


@dataclass(frozen=True)
class Jump:
    """Go on at other steps, counted from this one, the preferred one first."""

    steps: tuple[int, ...]


@dataclass(frozen=True)
class Save:
    """Remember the place; a group has a slot for its beginning and the next for its end."""

    slot: int


class Assertion(Enum):
    """Go on only here."""

    START = "^"
    END = "$"
    BOUNDARY = r"\b"
    INSIDE = r"\B"


Step: TypeAlias = Take | Jump | Save | Assertion
Program: TypeAlias = list[Step]


def read(text: str) -> tuple[Program, list[str]]:
    """The steps of an expression and the names of its groups, in order.

    Raises:
        RegexError: the expression is not valid, not implemented or too large.
    """
    reader = _Reader(text)
    program = reader.choice(0)
    if not reader.is_at_end:
        raise RegexError(f"unmatched ) at its character {reader.at}")
    return program, reader.names


class _Reader:
    """Recursive descent that makes steps of what it reads."""

    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.at = 0
        self._text = text
        self._ignore_case = False

    @property
    def is_at_end(self) -> bool:
        return self.at == len(self._text)

    def choice(self, depth: int) -> Program:
        if depth > MAX_DEPTH:
            raise RegexError(f"groups are nested more than {MAX_DEPTH} deep")
        program = self._row(depth)
        while self._takes("|"):
            other = self._row(depth)
            program = [Jump((1, len(program) + 2)), *program, Jump((len(other) + 1,)), *other]
        if len(program) > MAX_STEPS:
            raise RegexError(f"it takes more than {MAX_STEPS} steps")
        return program

    def _row(self, depth: int) -> Program:
        row: Program = []
        while not self.is_at_end and self._text[self.at] not in "|)":
            assertion = _ASSERTION.match(self._text, self.at)
            if self._takes("(?i)"):
                self._ignore_case = True
            elif assertion is not None:
                self.at = assertion.end()
                row.append(Assertion(assertion[0]))
            else:
                row += self._repeated(self._part(depth))
        return row

    def _part(self, depth: int) -> Program:
        if self._text[self.at] == "(":
            return self._group(depth)
        is_class = self._text[self.at] == "["
        found = (_CLASS if is_class else _PLAIN).match(self._text, self.at)
        if found is None or (is_class and _SET_OPERATION.search(found[0])):
            raise RegexError(f"{self._text[self.at]} at its character {self.at} is not implemented")
        self.at = found.end()
        source = re.escape(found[0]) if found[0] in "}]" else found[0]
        return [Take(Characters(source, ignore_case=self._ignore_case))]

    def _group(self, depth: int) -> Program:
        opening = _GROUP.match(self._text, self.at)
        if opening is None:
            raise RegexError(f"the group at its character {self.at} is not implemented")
        slot, start, outer = 2 * len(self.names), self.at, self._ignore_case
        name = opening[1]
        if name is not None:
            if name in self.names:
                raise RegexError(f"two groups are named {name}")
            self.names.append(name)
        self.at = opening.end()
        body = self.choice(depth + 1)
        if not self._takes(")"):
            raise RegexError(f"the group at its character {start} is not closed")
        self._ignore_case = outer
        return body if name is None else [Save(slot), *body, Save(slot + 1)]

    def _repeated(self, body: Program) -> Program:
        found = _QUANTIFIER.match(self._text, self.at)
        if found is None:
            return body
        self.at = found.end()
        least, most = _limits(found)
        if len(body) * max(least, most or 1) > MAX_STEPS:
            raise RegexError(f"it takes more than {MAX_STEPS} steps")
        lazy = bool(found[5])
        if most is None and _may_be_empty(body):
            # Engines differ in what (a*)* matches, and in the backtracking ones it may take years.
            raise RegexError(f"{found[0]} repeats what may be empty, which is not implemented")
        if most is None:
            return body * least + _any_number(body, lazy)
        rest: Program = []
        for _ in range(most - least):
            rest = [_either(1, len(body) + len(rest) + 1, lazy), *body, *rest]
        return body * least + rest

    def _takes(self, text: str) -> bool:
        if not self._text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True


def _may_be_empty(program: Program) -> bool:
    """Whether its end is reached without a character."""
    waiting, seen = [0], set[int]()
    while waiting:
        place = waiting.pop()
        if place == len(program):
            return True
        step = program[place]
        if place in seen or isinstance(step, Take):
            continue
        seen.add(place)
        waiting += [place + ahead for ahead in (step.steps if isinstance(step, Jump) else (1,))]
    return False


def _limits(quantifier: re.Match[str]) -> tuple[int, int | None]:
    """The least and the most repetitions, None for any number of them."""
    whole, least, comma, most, _ = quantifier.groups()
    if whole in _SIMPLE:
        return _SIMPLE[whole]
    low = int(least)
    high = int(most) if most else None if comma else low
    if max(low, high or 0) > MAX_STEPS:
        raise RegexError(f"it takes more than {MAX_STEPS} steps")
    if high is not None and low > high:
        raise RegexError(f"{whole} has its limits the wrong way round")
    return low, high


def _any_number(body: Program, lazy: bool) -> Program:
    size = len(body)
    return [_either(1, size + 2, lazy), *body, Jump((-size - 1,))]


def _either(on: int, past: int, lazy: bool) -> Jump:
    return Jump((past, on) if lazy else (on, past))
