"""``= 4*``, ``>= 5``, ``!= %regex%``: comparing one value of a message with the pattern's.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.regex import Regex
from skyproof.emulator.services.logs.patterns.scanner import Scanner

_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_BARE = re.compile(r"[A-Za-z0-9_.*+-]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Value:
    """One value of a message: its text and, where it is one, the number."""

    text: str
    number: float | None


@dataclass(frozen=True)
class Number:
    """A number without quotes."""

    text: str
    number: float

    def equals(self, value: Value) -> bool:
        """Numbers by their size: 1e+3 is 1000. A text that is no number, by its characters."""
        return value.text == self.text if value.number is None else value.number == self.number


@dataclass(frozen=True)
class Text:
    """A text, which may begin and end with the wildcard ``*``.

    Inside, ``*`` is an asterisk: "Ev*ent will only match the actual string Ev*ent", says the
    edition in https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide, and none denies it.
    """

    text: str

    def equals(self, value: Value) -> bool:
        """Whether the text is the value's, but for what the wildcards stand for."""
        if self.text == "*":
            return True
        core = self.text.removeprefix("*").removesuffix("*")
        match self.text.startswith("*"), self.text.endswith("*"):
            case True, True:
                return core in value.text
            case True, False:
                return value.text.endswith(core)
            case False, True:
                return value.text.startswith(core)
            case _:
                return value.text == core


@dataclass(frozen=True)
class Expression:
    """A regular expression."""

    regex: Regex

    def equals(self, value: Value) -> bool:
        """Whether it matches a part of the value."""
        return self.regex.search(value.text)


@dataclass(frozen=True)
class Equality:
    """``=`` or, ``negated``, ``!=``."""

    operand: Number | Text | Expression
    negated: bool

    def holds(self, value: Value) -> bool:
        return self.operand.equals(value) != self.negated


@dataclass(frozen=True)
class Order:
    """``<``, ``<=``, ``>`` or ``>=`` a number; false for what is no number."""

    symbol: str
    number: float

    def holds(self, value: Value) -> bool:
        return value.number is not None and _ORDERS[self.symbol](value.number, self.number)


Comparison = Equality | Order


def read_comparison(scanner: Scanner) -> Comparison:
    """An operator and what it compares with.

    Raises:
        PatternError: there is none, or an order with something else than a number.
    """
    symbol = scanner.take(_OPERATOR)
    if not symbol:
        raise scanner.wanted("an operator (=, !=, <, <=, >, >=)")
    scanner.skip_spaces()
    at = scanner.at
    operand = _operand(scanner)
    if symbol in ("=", "!="):
        return Equality(operand, negated=symbol == "!=")
    if not isinstance(operand, Number):
        raise PatternError(f"'{symbol}' compares with numbers only", at)
    return Order(symbol, operand.number)


def number_in(text: str) -> float | None:
    """The number that a text is, None if it is none."""
    if _NUMBER.fullmatch(text) is None:
        return None
    # Integers stay exact: account numbers and such have more digits than a float.
    return int(text) if _INTEGER.fullmatch(text) and len(text) < 1_000 else float(text)


def _operand(scanner: Scanner) -> Number | Text | Expression:
    if scanner.next == '"':
        return Text(scanner.quoted())
    if scanner.next == "%":
        return Expression(scanner.regex())
    bare = scanner.take(_BARE)
    if not bare:
        raise scanner.wanted("a text, a number or a regular expression")
    number = number_in(bare)
    if number is not None:
        return Number(bare, number)
    if "+" in bare or "-" in bare:
        raise PatternError(f"'{bare}' has to be in double quotation marks", scanner.at - len(bare))
    return Text(bare)
