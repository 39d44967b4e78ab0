r"""The syntax of metric math: its tokens and its parser.

Grammar (after https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html,
which gives no precedence; the usual one is taken)::

    expression = either
    either     = both { ("OR" | "||") both }
    both       = compared { ("AND" | "&&") compared }
    compared   = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=") sum }
    sum        = product { ("+" | "-") product }
    product    = signed { ("*" | "/") signed }
    signed     = "-" signed | primary [ "^" signed ]
    primary    = number | string | id | keyword | call | array | "(" expression ")"
    call       = name "(" [ expression { "," expression } ] ")"
    array      = "[" expression { "," expression } "]"

An id begins with a lower-case letter. Functions and keywords, such as REPEAT, are in upper case:
"All functions must be written in uppercase letters". A string ends at the quote, single or double,
that it begins with; there is no escape, for the backslashes in it are those of SEARCH.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from skyproof.emulator.services.cloudwatch.expressions.errors import (
    ExpressionError,
    not_implemented,
)
from skyproof.emulator.services.cloudwatch.expressions.functions import FUNCTIONS
from skyproof.emulator.services.cloudwatch.expressions.tree import (
    LEVELS,
    Array,
    Call,
    Chain,
    Expression,
    Keyword,
    Negation,
    Number,
    Power,
    Reference,
    Text,
)

#: How deep brackets, calls, signs and powers may be nested. (AWS documents no limit.)
MAX_DEPTH = 30


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: for what is no expression, a function that does not exist, a wrong number
            of arguments, too deep nesting; for a Metrics Insights query, which is not implemented.
    """
    if re.match(r"\s*SELECT\s", text, re.IGNORECASE):
        raise not_implemented("Metrics Insights (SELECT)")
    parser = _Parser(text)
    expression = parser.expression()
    parser.end()
    return expression


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""
    (?P<number> (?: \d+ (?: \. \d* )? | \. \d+ ) (?: [eE] [+-]? \d+ )? )
  | (?P<word>   [A-Za-z_] \w* )
  | (?P<string> '[^']*' | "[^"]*" )
  | (?P<sign>   [=!<>]= | && | \|\| | [-+*/^<>()\[\],] )
  | (?P<space>  \s+ )
    """,
    re.VERBOSE | re.ASCII,
)
_SPELLINGS = {"&&": "AND", "||": "OR"}


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"Unexpected character '{text[at]}'", at)
        assert found.lastgroup is not None
        written = _SPELLINGS.get(found[0], found[0])
        kind = "sign" if written in ("AND", "OR") else found.lastgroup
        if kind != "space":
            yield _Token(kind, written, at)
        at = found.end()
    yield _Token("end", "", len(text))


class _Parser:
    """Recursive descent, a method a rule of the grammar; one for all rules of `LEVELS`."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def expression(self, level: int = 0) -> Expression:
        if level == len(LEVELS):
            return self._signed()
        first = self.expression(level + 1)
        rest = []
        while self._token.kind == "sign" and self._token.text in LEVELS[level]:
            rest.append((self._take().text, self.expression(level + 1)))
        return Chain(first, tuple(rest)) if rest else first

    def end(self) -> None:
        if self._token.kind != "end":
            raise self._unexpected()

    def _signed(self) -> Expression:
        # Every way deeper leads through here.
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"Nested deeper than {MAX_DEPTH} levels", self._token.at)
        result = Negation(self._signed()) if self._takes("-") else self._power()
        self._depth -= 1
        return result

    def _power(self) -> Expression:
        base = self._primary()
        return Power(base, self._signed()) if self._takes("^") else base

    def _primary(self) -> Expression:
        token = self._token
        match token.kind:
            case "number":
                return self._number()
            case "string":
                return Text(self._take().text[1:-1])
            case "word":
                return self._word()
        if self._takes("("):
            expression = self.expression()
            self._expect(")")
            return expression
        if self._takes("["):
            return Array(self._list("]"))
        raise self._unexpected()

    def _number(self) -> Expression:
        token = self._take()
        value = float(token.text)
        if not math.isfinite(value):
            raise ExpressionError("Number out of range", token.at)
        return Number(value)

    def _word(self) -> Expression:
        token = self._take()
        if self._takes("("):
            return self._call(token)
        if token.text[0].islower():
            return Reference(token.text)
        return Keyword(token.text)

    def _call(self, token: _Token) -> Call:
        name = token.text
        if name not in FUNCTIONS:
            raise ExpressionError(f"Function '{name}' not found")
        arguments = () if self._takes(")") else self._list(")")
        function = FUNCTIONS[name]
        if not function.least <= len(arguments) <= function.most:
            raise ExpressionError(
                f"Function '{name}' takes {function.takes}; it has {len(arguments)}", token.at
            )
        return Call(name, arguments)

    def _list(self, closing: str) -> tuple[Expression, ...]:
        members = [self.expression()]
        while self._takes(","):
            members.append(self.expression())
        self._expect(closing)
        return tuple(members)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _takes(self, sign: str) -> bool:
        if self._token.kind != "sign" or self._token.text != sign:
            return False
        self._take()
        return True

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unexpected(f"; '{sign}' expected")

    def _unexpected(self, hint: str = "") -> ExpressionError:
        token = self._token
        what = f"'{token.text}'" if token.text else "end of expression"
        return ExpressionError(f"Unexpected {what}{hint}", token.at)
