r"""The query language of SEARCH.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html

Grammar::

    query    = [ schema [ "," ] ] [ any ]                 not empty
    schema   = "{" name { "," name } "}"                  a namespace, names of dimensions
    any      = all { "OR" all }
    all      = term { [ "AND" ] term }
    term     = "NOT" term | "(" any ")" | name "=" operand | name
    operand  = name | "(" any ")"                         without designators in it
    name     = a word, or a text in quotes, with \" \\ \( \) for the characters themselves

A word matches partly, a text in quotes exactly. The operators are in upper case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.search_query import (
    And,
    Clause,
    Not,
    Or,
    Schema,
    SearchQuery,
    Term,
)

__all__ = ["SearchQuery", "parse_search"]

MAX_LENGTH = 1024
#: How deep brackets and NOT may be nested. (AWS documents no limit.)
MAX_DEPTH = 50


def parse_search(text: str) -> SearchQuery:
    """Read a query.

    Raises:
        ExpressionError: for what is no query, is longer than 1,024 characters, or nested too deep.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"A search has at most {MAX_LENGTH} characters, not {len(text)}")
    return _Parser(text).query()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


# In a schema a comma ends a name; in a word "any non-alphanumeric characters" are allowed.
_IN_SCHEMA = re.compile(
    r"""(?P<word> [^\s{}()"'=,]+ ) | (?P<quoted> "(?:[^"\\]|\\.)*" ) | (?P<sign> [{},] )""",
    re.VERBOSE | re.DOTALL,
)
_IN_TERMS = re.compile(
    r"""
    (?P<word>   [^\s()"'={}]+ )
  | (?P<quoted> "(?:[^"\\()]|\\.)*" | '(?:[^'\\()]|\\.)*' )
  | (?P<sign>   [()=] )
    """,
    re.VERBOSE | re.DOTALL,
)
#: What no clause begins with.
_ENDS = ("", "OR", ")")
#: What is no name.
_RESERVED = ("", "AND", "OR", "NOT")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _tokens(text: str) -> Iterator[_Token]:
    at = _next(text, 0)
    in_schema = text.startswith("{", at)
    while at < len(text):
        found = (_IN_SCHEMA if in_schema else _IN_TERMS).match(text, at)
        if found is None or found.lastgroup is None:
            raise ExpressionError(f"Unexpected character '{text[at]}' in search", at)
        yield _Token(found.lastgroup, found[0], at)
        at = _next(text, found.end())
        if found[0] == "}":
            in_schema = False
            at = _next(text, at + 1) if text.startswith(",", at) else at
    yield _Token("end", "", len(text))


def _next(text: str, at: int) -> int:
    """Where the next character is that is no space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


class _Parser:
    """Recursive descent, one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def query(self) -> SearchQuery:
        schema = self._schema() if self._takes("{") else None
        if schema and self._token.kind == "end":
            return SearchQuery(schema, None)
        clause = self._any(None)
        if self._token.kind != "end":
            raise self._unexpected()
        return SearchQuery(schema, clause)

    def _schema(self) -> Schema:
        namespace = self._name()
        dimensions = []
        while self._takes(","):
            dimensions.append(self._name())
        self._expect("}")
        return Schema(namespace, frozenset(dimensions))

    def _any(self, designator: str | None) -> Clause:
        clauses = [self._all(designator)]
        while self._takes("OR"):
            clauses.append(self._all(designator))
        return clauses[0] if len(clauses) == 1 else Or(tuple(clauses))

    def _all(self, designator: str | None) -> Clause:
        clauses = [self._term(designator)]
        while self._takes("AND") or self._token.text not in _ENDS:
            clauses.append(self._term(designator))
        return clauses[0] if len(clauses) == 1 else And(tuple(clauses))

    def _term(self, designator: str | None) -> Clause:
        # Every way deeper leads through here.
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"Nested deeper than {MAX_DEPTH} levels", self._token.at)
        clause = Not(self._term(designator)) if self._takes("NOT") else self._operand(designator)
        self._depth -= 1
        return clause

    def _operand(self, designator: str | None) -> Clause:
        if self._takes("("):
            clause = self._any(designator)
            self._expect(")")
            return clause
        exact = self._token.kind == "quoted"
        text = self._name()
        if not self._takes("="):
            return Term(designator, text, exact)
        if designator is not None:
            raise ExpressionError(f"'{designator}=' holds another '{text}='", self._token.at)
        if self._token.text == "(":
            return self._term(text)
        exact = self._token.kind == "quoted"
        return Term(text, self._name(), exact)

    def _name(self) -> str:
        token = self._token
        if token.kind == "sign" or token.text in _RESERVED:
            raise self._unexpected("; a name or value expected")
        self._next += 1
        return _ESCAPED.sub(r"\1", token.text[1:-1]) if token.kind == "quoted" else token.text

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _takes(self, text: str) -> bool:
        if self._token.text != text:
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._unexpected(f"; '{text}' expected")

    def _unexpected(self, hint: str = "") -> ExpressionError:
        token = self._token
        what = f"'{token.text}'" if token.text else "end of search"
        return ExpressionError(f"Unexpected {what}{hint}", token.at)
