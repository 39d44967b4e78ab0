"""Space-delimited patterns: ``[ip, user, ..., status_code = 4* && status_code != 403, bytes]``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-term-space-delimited-log-events
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skyproof.emulator.services.logs.patterns.comparison import (
    Comparison,
    Value,
    number_in,
    read_comparison,
)
from skyproof.emulator.services.logs.patterns.conditions import Condition, read_conditions
from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.match import Match
from skyproof.emulator.services.logs.patterns.scanner import Scanner

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ELLIPSIS = "..."
_CLOSING = {"[": "]", '"': '"'}


@dataclass(frozen=True)
class Column:
    """One column of the pattern: its name, empty for none, and what its text has to be."""

    name: str = ""
    condition: Condition[Value] | None = None

    def holds(self, text: str) -> bool:
        return self.condition is None or self.condition.holds(Value(text, number_in(text)))


@dataclass(frozen=True)
class Field:
    """One field of a message: its text without the delimiters, and where it begins."""

    text: str
    start: int


@dataclass(frozen=True)
class ColumnsPattern:
    """Columns from the left and, with an ellipsis (``right`` is not None), from the right."""

    left: tuple[Column, ...]
    right: tuple[Column, ...] | None

    def match(self, message: str) -> Match | None:
        fields = self._aligned(message)
        if fields is None:
            return None
        unnamed = len(fields) - len(self.left) - len(self.right or ())
        columns = [*self.left, *[Column()] * unnamed, *(self.right or ())]
        pairs = list(zip(columns, fields, strict=True))
        if not all(column.holds(text) for column, text in pairs):
            return None
        return Match(
            columns={
                f"${column.name or position}": text
                for position, (column, text) in enumerate(pairs, start=1)
            }
        )

    def _aligned(self, message: str) -> list[str] | None:
        """As many texts as there are columns, or more of them with an ellipsis."""
        fields = list(fields_of(message))
        texts = [field.text for field in fields]
        count = len(self.left) + len(self.right or ())
        if len(fields) < count:
            return None
        if self.right is None and len(fields) > count:
            # [w1=ERROR, w2] "returns log events where the first word is ERROR", and the "blank
            # indicator" after the last term is a must: the last column is all the rest.
            return [*texts[: count - 1], message[fields[count - 1].start :].rstrip()]
        return texts


def parse(text: str) -> ColumnsPattern:
    """Read a pattern in square brackets.

    Raises:
        PatternError: a syntax error, a column's condition that names another column, a name that
            is there twice, a second ellipsis.
    """
    scanner = Scanner(text)
    scanner.expect("[")
    sides: list[list[Column]] = [[]]
    names: set[str] = set()
    while True:
        scanner.skip_spaces()
        at = scanner.at
        if scanner.takes(_ELLIPSIS):
            if len(sides) > 1:
                raise PatternError("more than one ellipsis", at)
            sides.append([])
        else:
            column = _column(scanner)
            if column.name in names:
                raise PatternError(f"the column '{column.name}' is there twice", at)
            names |= {column.name} - {""}
            sides[-1].append(column)
        if scanner.takes("]"):
            break
        if not scanner.takes(","):
            raise scanner.wanted("',', '&&', '||' or ']'")
    scanner.end()
    return ColumnsPattern(tuple(sides[0]), tuple(sides[1]) if len(sides) > 1 else None)


def fields_of(message: str) -> Iterator[Field]:
    """The fields of a message: its words, and what is between ``[ ]`` or quotation marks."""
    at = 0
    while at < len(message):
        if message[at].isspace():
            at += 1
            continue
        end = _delimited_end(message, at)
        if end is not None:
            yield Field(message[at + 1 : end - 1], at)
        else:
            end = at
            while end < len(message) and not message[end].isspace():
                end += 1
            yield Field(message[at:end], at)
        at = end


def _delimited_end(message: str, start: int) -> int | None:
    """Where the delimited field ends; None for a word, also one such as ``[ERROR]:``."""
    closing = _CLOSING.get(message[start])
    if closing is None:
        return None
    end = message.find(closing, start + 1) + 1
    if end == 0 or (end < len(message) and not message[end].isspace()):
        return None
    return end


def _column(scanner: Scanner) -> Column:
    if scanner.next in (",", "]"):
        return Column()
    start = scanner.at
    name = scanner.take(_NAME)
    if name and scanner.next in ("", ",", "]"):
        return Column(name)
    scanner.at = start
    column = ""

    def comparison(scanner: Scanner) -> Comparison:
        nonlocal column
        scanner.skip_spaces()
        at = scanner.at
        name = scanner.take(_NAME)
        if not name:
            raise scanner.wanted("the name of a column")
        if column not in ("", name):
            raise PatternError(f"'{name}' in the condition of the column '{column}'", at)
        column = name
        return read_comparison(scanner)

    condition = read_conditions(scanner, comparison)
    return Column(column, condition)
