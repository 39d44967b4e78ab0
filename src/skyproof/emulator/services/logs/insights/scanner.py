"""The symbols of a query's text, one after the other, and the errors that say where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from skyproof.emulator.services.logs.insights.errors import QueryError

Kind: TypeAlias = Literal["name", "quoted", "number", "period", "text", "symbol", "end"]

# Blanks and comments; nothing is given back, so no input takes long.
_GAP = re.compile(r"(?:\s++|#[^\n]*+)*+")
_SYMBOL = re.compile(
    r"""
      (?P<period>[0-9]+(?![eE][+-]?[0-9])[A-Za-z]+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<name>@{0,2}[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_@]+)*)
    | `(?P<quoted>[^`\n]+)`
    | "(?P<double>(?:[^"\\]|\\.)*+)"
    | '(?P<single>(?:[^'\\]|\\.)*+)'
    | (?P<symbol>!=|<=|>=|=~|[-+*/^%=<>()\[\],|])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/((?:[^/\\\n]|\\.)*+)/")
_ESCAPE = re.compile(r"\\([\"'\\])")


@dataclass(frozen=True)
class Symbol:
    """One symbol: its text without quotes, and where it begins and ends in the query."""

    kind: Kind
    text: str
    at: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords, which may be written in any case."""
        return self.kind == "name" and self.text.lower() in words


class Scanner:
    """Reads a query's text from the left; ``next`` is the symbol to come."""

    def __init__(self, text: str) -> None:
        self.text = text
        #: Where the symbol before the next one ended.
        self.end = 0
        self.next = self._read(0)

    def take(self) -> Symbol:
        """The next symbol; the one behind it is then next."""
        taken = self.next
        self.end = taken.end
        self.next = self._read(taken.end)
        return taken

    def skip(self, length: int) -> None:
        """Go past so many characters, from the next symbol's first on."""
        self.end = self.next.at + length
        self.next = self._read(self.end)

    def takes(self, symbol: str) -> bool:
        """Go past a symbol, if it is next."""
        if self.next.kind != "symbol" or self.next.text != symbol:
            return False
        self.take()
        return True

    def takes_word(self, *words: str) -> bool:
        """Go past one of these keywords, if it is next."""
        if not self.next.is_word(*words):
            return False
        self.take()
        return True

    def expect(self, symbol: str) -> None:
        if not self.takes(symbol):
            raise self.unexpected(symbol)

    def takes_regex(self) -> Symbol | None:
        """Go past a regular expression, if one is next; elsewhere, a slash divides."""
        if self.next.text != "/" or self.next.kind != "symbol":
            return None
        start = self.next.at
        found = _REGEX.match(self.text, start)
        if found is None:
            raise self.error("The regular expression is not closed", start)
        self.skip(len(found[0]))
        return Symbol("text", found[1].replace(r"\/", "/"), start, self.end)

    def unexpected(self, expected: str) -> QueryError:
        """The error that the next symbol is not the expected one, in AWS's words."""
        written = self.text[self.next.at : self.next.end] or "<EOF>"
        return self.error(f"unexpected symbol found {written}, expecting {expected}", self.next.at)

    def error(self, problem: str, at: int) -> QueryError:
        """An error that says where in the query it is."""
        line = self.text.count("\n", 0, at) + 1
        position = at - (self.text.rfind("\n", 0, at) + 1)
        return QueryError(f"{problem} at line {line} and position {position}")

    def _read(self, start: int) -> Symbol:
        gap = _GAP.match(self.text, start)
        assert gap is not None
        at = gap.end()
        if at == len(self.text):
            return Symbol("end", "", at, at)
        found = _SYMBOL.match(self.text, at)
        if found is None:
            raise self.error(f"unexpected symbol found {self.text[at]}", at)
        return Symbol(*_kind_and_text(found), at, found.end())


def _kind_and_text(found: re.Match[str]) -> tuple[Kind, str]:
    kinds: dict[str, Kind] = {
        "period": "period",
        "number": "number",
        "name": "name",
        "quoted": "quoted",
        "symbol": "symbol",
    }
    group = found.lastgroup or ""
    if group in kinds:
        return kinds[group], found[group]
    return "text", _ESCAPE.sub(r"\1", found[group])
