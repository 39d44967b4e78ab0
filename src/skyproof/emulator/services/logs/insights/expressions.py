"""What an expression is, and its value for one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from skyproof.emulator.services.logs.insights.aggregates import BY_TIME, STATISTICS, percentile
from skyproof.emulator.services.logs.insights.functions import Function, calculate
from skyproof.emulator.services.logs.insights.periods import Period
from skyproof.emulator.services.logs.insights.regex import Regex
from skyproof.emulator.services.logs.insights.values import (
    Number,
    Value,
    equal,
    less,
    number,
    text,
    truth,
)


@dataclass
class Row:
    """A log event or a group of them.

    Attributes:
        values: the fields by name: discovered, extracted and calculated ones.
        statistics: what the aggregates of a group are.
    """

    values: dict[str, Value]
    statistics: Mapping[Aggregate, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Literal:
    """A text or a number in the query."""

    is_: Value

    def value(self, _row: Row) -> Value:
        return self.is_


@dataclass(frozen=True)
class Field:
    """A field by its name."""

    name: str

    def value(self, row: Row) -> Value:
        return row.values.get(self.name)


@dataclass(frozen=True)
class Call:
    """A function of one row's values."""

    function: Function
    arguments: tuple[Expression, ...]

    def value(self, row: Row) -> Value:
        return self.function.apply(*(argument.value(row) for argument in self.arguments))


@dataclass(frozen=True)
class Rounded:
    """``datefloor``, ``dateceil``, and ``bin``, which is the former of ``@timestamp``."""

    term: Expression
    period: Period
    up: bool = False

    def value(self, row: Row) -> Value:
        time = number(self.term.value(row))
        if time is None:
            return None
        return self.period.ceil(int(time)) if self.up else self.period.floor(int(time))


@dataclass(frozen=True)
class Arithmetic:
    """A row of terms, calculated from the left; each comes with the operator before it."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]

    def value(self, row: Row) -> Value:
        total = self.first.value(row)
        for operator, term in self.rest:
            total = calculate(operator, total, term.value(row))
        return total


@dataclass(frozen=True)
class Compare:
    """``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``.

    AWS does not document comparisons with a missing field: here it differs from everything, and no
    order holds.
    """

    operator: str
    left: Expression
    right: Expression

    def value(self, row: Row) -> Value:
        left, right = self.left.value(row), self.right.value(row)
        if self.operator == "!=":
            return int(not equal(left, right))
        return int(
            ("=" in self.operator and equal(left, right))
            or ("<" in self.operator and less(left, right))
            or (">" in self.operator and less(right, left))
        )


@dataclass(frozen=True)
class Like:
    """A text has a part, or matches a regular expression somewhere."""

    term: Expression
    pattern: str | Regex

    def value(self, row: Row) -> Value:
        found = self.term.value(row)
        if found is None:
            return 0
        if isinstance(self.pattern, Regex):
            return int(self.pattern.matches(text(found)))
        return int(self.pattern in text(found))


@dataclass(frozen=True)
class In:
    """A value equals one of several, as a whole."""

    term: Expression
    members: tuple[Expression, ...]

    def value(self, row: Row) -> Value:
        found = self.term.value(row)
        return int(any(equal(found, member.value(row)) for member in self.members))


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    term: Expression

    def value(self, row: Row) -> Value:
        return int(not truth(self.term.value(row)))


@dataclass(frozen=True)
class And:
    """All of two or more conditions."""

    terms: tuple[Expression, ...]

    def value(self, row: Row) -> Value:
        return int(all(truth(term.value(row)) for term in self.terms))


@dataclass(frozen=True)
class Or:
    """Any of two or more conditions."""

    terms: tuple[Expression, ...]

    def value(self, row: Row) -> Value:
        return int(any(truth(term.value(row)) for term in self.terms))


@dataclass(frozen=True)
class Aggregate:
    """A statistic of a group of rows; ``argument`` is None for ``count(*)``.

    Attributes:
        percent: of ``pct``, 0 to 100.
    """

    name: str
    argument: Expression | None = None
    percent: Number | None = None

    def value(self, row: Row) -> Value:
        return row.statistics[self]

    def of(self, rows: Sequence[Row]) -> Value:
        """The statistic of these rows."""
        if self.argument is None:
            return len(rows)
        if self.name in BY_TIME:
            rows = sorted(rows, key=lambda row: number(row.values["@timestamp"]) or 0)
        values = [value for row in rows if (value := self.argument.value(row)) is not None]
        if self.percent is not None:
            return percentile(values, self.percent)
        return STATISTICS[self.name](values)


Expression: TypeAlias = (
    Literal | Field | Call | Rounded | Arithmetic | Compare | Like | In | Not | And | Or | Aggregate
)


def aggregates(expression: Expression) -> Iterator[Aggregate]:
    """The aggregates in an expression; there are none in one another."""
    if isinstance(expression, Aggregate):
        yield expression
        return
    for part in parts(expression):
        yield from aggregates(part)


def free_fields(expression: Expression) -> Iterator[str]:
    """The names of the fields that an expression needs, apart from those in its aggregates."""
    if isinstance(expression, Field):
        yield expression.name
    elif not isinstance(expression, Aggregate):
        for part in parts(expression):
            yield from free_fields(part)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of."""
    match expression:
        case Call(arguments=terms) | And(terms=terms) | Or(terms=terms):
            return terms
        case Rounded(term=term) | Like(term=term) | Not(term=term):
            return (term,)
        case Arithmetic(first=first, rest=rest):
            return (first, *(term for _, term in rest))
        case Compare(left=left, right=right):
            return (left, right)
        case In(term=term, members=members):
            return (term, *members)
    return ()
