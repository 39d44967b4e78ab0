"""Link filters: which metric namespaces or log groups a link shares.

https://docs.aws.amazon.com/OAM/latest/APIReference/API_MetricConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Term = Literal["Namespace", "LogGroupName"]

#: As an update's only text it deletes the filter.
EVERYTHING = "*"
MAX_CONDITIONAL_OPERANDS = 5

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^']*')|(?P<symbol>!=|=|\(|\)|,)|(?P<word>[A-Za-z]+))", re.DOTALL
)


class FilterSyntaxError(ValueError):
    """The text is not a link filter; says what was expected and what was found."""


@dataclass(frozen=True)
class Comparison:
    """``Namespace NOT IN ('a', 'b')`` and its kin; ``%`` ends a prefix under LIKE."""

    operator: Literal["=", "LIKE", "IN"]
    negated: bool
    values: tuple[str, ...]

    def matches(self, value: str) -> bool:
        if self.operator == "LIKE":
            found = value.startswith(self.values[0].removesuffix("%"))
        else:
            found = value in self.values
        return found != self.negated


@dataclass(frozen=True)
class Filter:
    """Alternatives of comparisons that must all hold: AND binds before OR."""

    alternatives: tuple[tuple[Comparison, ...], ...]

    def matches(self, value: str) -> bool:
        """Whether a namespace or log group name, case-sensitively, passes."""
        return any(all(one.matches(value) for one in group) for group in self.alternatives)


def parse(text: str, term: Term) -> Filter:
    """Read a filter over ``Namespace`` or ``LogGroupName``.

    Raises:
        FilterSyntaxError: the text is no such filter, or has more than five ANDs and ORs.
    """
    tokens = list(_tokens(text))
    joints = sum(token in ("AND", "OR") for token in tokens)
    if joints > MAX_CONDITIONAL_OPERANDS:
        raise FilterSyntaxError(
            f"has {joints} conditional operands, at most {MAX_CONDITIONAL_OPERANDS} are allowed"
        )
    return _Parser(tokens, term).filter()


def _tokens(text: str) -> Iterator[str]:
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise FilterSyntaxError(f"cannot be read from '{text[position:].strip()}'")
        word = found["word"]
        keyword = word is not None and word.upper() in ("AND", "OR", "NOT", "LIKE", "IN")
        yield word.upper() if keyword else found[0].strip()
        position = found.end()


class _Parser:
    def __init__(self, tokens: list[str], term: Term) -> None:
        self._tokens = tokens
        self._term = term
        self._position = 0

    def filter(self) -> Filter:
        alternatives = [self._all_of()]
        while self._take("OR"):
            alternatives.append(self._all_of())
        if self._position < len(self._tokens):
            raise self._unexpected("AND, OR or the end")
        return Filter(tuple(alternatives))

    def _all_of(self) -> tuple[Comparison, ...]:
        comparisons = [self._comparison()]
        while self._take("AND"):
            comparisons.append(self._comparison())
        return tuple(comparisons)

    def _comparison(self) -> Comparison:
        self._expect(self._term)
        if self._take("="):
            return Comparison("=", negated=False, values=(self._string(),))
        if self._take("!="):
            return Comparison("=", negated=True, values=(self._string(),))
        negated = self._take("NOT")
        if self._take("LIKE"):
            return Comparison("LIKE", negated, (self._prefix(),))
        if self._take("IN"):
            return Comparison("IN", negated, self._strings())
        raise self._unexpected("LIKE or IN" if negated else "=, !=, LIKE, IN or NOT")

    def _strings(self) -> tuple[str, ...]:
        self._expect("(")
        values = [self._string()]
        while self._take(","):
            values.append(self._string())
        self._expect(")")
        return tuple(values)

    def _prefix(self) -> str:
        value = self._string()
        if "%" in value.removesuffix("%"):
            raise FilterSyntaxError(f"has % elsewhere than at the end of '{value}'")
        return value

    def _string(self) -> str:
        return self._one("a name in single quotation marks", lambda t: t.startswith("'"))[1:-1]

    def _expect(self, wanted: str) -> None:
        self._one(wanted, lambda token: token == wanted)

    def _one(self, wanted: str, fits: Callable[[str], bool]) -> str:
        if self._position == len(self._tokens) or not fits(self._tokens[self._position]):
            raise self._unexpected(wanted)
        self._position += 1
        return self._tokens[self._position - 1]

    def _take(self, wanted: str) -> bool:
        found = self._tokens[self._position : self._position + 1] == [wanted]
        self._position += found
        return found

    def _unexpected(self, wanted: str) -> FilterSyntaxError:
        rest = self._tokens[self._position :]
        return FilterSyntaxError(f"needs {wanted} where it has {rest[0] if rest else 'its end'}")
