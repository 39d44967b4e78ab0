"""The tree of an expression, what it uses, and its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: The operators that are read from left to right, loosest first.
LEVELS = (
    ("OR",),
    ("AND",),
    ("==", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/"),
)


@dataclass(frozen=True)
class Number:
    """A number as written; a minus before it is a `Negation`."""

    value: float


@dataclass(frozen=True)
class Text:
    """A string, without its quotes."""

    value: str


@dataclass(frozen=True)
class Reference:
    """The value of another query of the request."""

    id: str


@dataclass(frozen=True)
class Keyword:
    """A bare word that some functions take: AVG, DESC, REPEAT, …"""

    name: str


@dataclass(frozen=True)
class Array:
    """``[m1, m2]``."""

    members: tuple[Expression, ...]


@dataclass(frozen=True)
class Call:
    """``NAME(argument, …)``; the function exists and takes so many arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Power:
    """``base ^ exponent``."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Negation:
    """Unary minus."""

    term: Expression


@dataclass(frozen=True)
class Chain:
    """Operands joined by operators of one of the `LEVELS`, from left to right.

    One node however many operands, so that long sums are no deep trees.
    """

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


Expression = Number | Text | Reference | Keyword | Array | Call | Power | Negation | Chain


def references(expression: Expression) -> tuple[str, ...]:
    """The ids that an expression uses, each once, in order of appearance."""
    return tuple(dict.fromkeys(_used(expression)))


def unparse(expression: Expression) -> str:
    """The expression as text, with brackets only where precedence asks for them."""
    match expression:
        case Number(value):
            return repr(value)
        case Text(value):
            return f'"{value}"' if "'" in value else f"'{value}'"
        case Reference(name) | Keyword(name):
            return name
        case Array(members):
            return f"[{_listed(members)}]"
        case Call(name, arguments):
            return f"{name}({_listed(arguments)})"
        case Power(base, exponent):
            return f"{_bracketed(base, _PRIMARY)} ^ {_bracketed(exponent, _SIGNED)}"
        case Negation(term):
            return f"-{_bracketed(term, _SIGNED)}"
        case Chain(first, rest):
            tighter = _rank(expression) + 1
            tail = (f" {sign} {_bracketed(operand, tighter)}" for sign, operand in rest)
            return _bracketed(first, tighter) + "".join(tail)


def _used(expression: Expression) -> Iterator[str]:
    match expression:
        case Reference(id):
            yield id
        case Array(parts) | Call(_, parts):
            for part in parts:
                yield from _used(part)
        case Power(base, exponent):
            yield from _used(base)
            yield from _used(exponent)
        case Negation(term):
            yield from _used(term)
        case Chain(first, rest):
            yield from _used(first)
            for _, operand in rest:
                yield from _used(operand)


#: How tight signs, powers and everything else bind; `LEVELS` bind less.
_SIGNED, _POWER, _PRIMARY = range(len(LEVELS), len(LEVELS) + 3)


def _rank(expression: Expression) -> int:
    match expression:
        case Chain(_, rest):
            return next(rank for rank, signs in enumerate(LEVELS) if rest[0][0] in signs)
        case Negation():
            return _SIGNED
        case Power():
            return _POWER
    return _PRIMARY


def _bracketed(expression: Expression, least: int) -> str:
    text = unparse(expression)
    return text if _rank(expression) >= least else f"({text})"


def _listed(expressions: tuple[Expression, ...]) -> str:
    return ", ".join(map(unparse, expressions))
