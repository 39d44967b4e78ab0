"""The commands of a query: what each makes of the rows that the one before it leaves.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from skyproof.emulator.services.logs.insights.expressions import (
    Aggregate,
    Expression,
    Field,
    Row,
    aggregates,
)
from skyproof.emulator.services.logs.insights.glob import Glob
from skyproof.emulator.services.logs.insights.regex import Regex
from skyproof.emulator.services.logs.insights.values import sort_key, text, truth

#: What tells one group from another: values that print alike are the same.
Key: TypeAlias = tuple[str | None, ...]


@dataclass
class Table:
    """The rows between two commands.

    Attributes:
        matched: how many log events have passed the filters.
        shown: the names of the fields that ``fields`` or ``stats`` ask for, in order.
        displayed: those that the last ``display`` asks for, which then are all that count.
    """

    rows: list[Row]
    matched: int
    shown: list[str] = field(default_factory=list)
    displayed: list[str] | None = None
    is_aggregated: bool = False


@dataclass(frozen=True)
class Column:
    """An expression and the name of its values: an alias, or the expression as it is written."""

    expression: Expression
    name: str

    def add_to(self, row: Row) -> None:
        if self.expression != Field(self.name):
            row.values[self.name] = self.expression.value(row)


@dataclass(frozen=True)
class Fields:
    """Show these in addition to those of the ``fields`` before."""

    columns: tuple[Column, ...]

    def apply(self, table: Table) -> None:
        for row in table.rows:
            for column in self.columns:
                column.add_to(row)
        table.shown += [column.name for column in self.columns]


@dataclass(frozen=True)
class Display:
    """Show only these.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Display.html
    """

    columns: tuple[Column, ...]

    def apply(self, table: Table) -> None:
        for row in table.rows:
            for column in self.columns:
                column.add_to(row)
        table.displayed = [column.name for column in self.columns]


@dataclass(frozen=True)
class Filter:
    """Keep the rows for which a condition holds."""

    condition: Expression

    def apply(self, table: Table) -> None:
        table.rows = [row for row in table.rows if truth(self.condition.value(row))]
        if not table.is_aggregated:
            table.matched = len(table.rows)


@dataclass(frozen=True)
class Parse:
    """Extract fields; a row that does not match stays, without them."""

    source: Field
    pattern: Glob | Regex

    def apply(self, table: Table) -> None:
        for row in table.rows:
            value = self.source.value(row)
            if value is not None:
                row.values.update(self.pattern.groups(text(value)) or {})


@dataclass(frozen=True)
class Stats:
    """One row for each group of rows; all rows are one group where there are no keys.

    Where no row is left, there is no group and no result.
    """

    columns: tuple[Column, ...]
    keys: tuple[Column, ...]

    def apply(self, table: Table) -> None:
        groups: dict[Key, list[Row]] = {}
        for row in table.rows:
            for key in self.keys:
                key.add_to(row)
            groups.setdefault(_key(row, [key.name for key in self.keys]), []).append(row)
        wanted = {one for column in self.columns for one in aggregates(column.expression)}
        table.rows = [self._row(rows, wanted) for rows in groups.values()]
        table.shown = [column.name for column in (*self.keys, *self.columns)]
        table.displayed = None
        table.is_aggregated = True

    def _row(self, rows: list[Row], wanted: set[Aggregate]) -> Row:
        group = Row(
            {key.name: rows[0].values.get(key.name) for key in self.keys},
            {aggregate: aggregate.of(rows) for aggregate in wanted},
        )
        for column in self.columns:
            column.add_to(group)
        return group


@dataclass(frozen=True)
class Sort:
    """Order the rows; each key comes with whether the greatest is first."""

    keys: tuple[tuple[Expression, bool], ...]

    def apply(self, table: Table) -> None:
        for expression, descending in reversed(self.keys):
            table.rows.sort(key=lambda row: sort_key(expression.value(row)), reverse=descending)


@dataclass(frozen=True)
class Limit:
    """Keep the first rows."""

    count: int

    def apply(self, table: Table) -> None:
        del table.rows[self.count :]


@dataclass(frozen=True)
class Dedup:
    """Keep the first row of each combination of values; one with a missing value is no duplicate.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html
    """

    names: tuple[str, ...]

    def apply(self, table: Table) -> None:
        seen: set[Key] = set()
        kept = []
        for row in table.rows:
            key = _key(row, self.names)
            if None in key or key not in seen:
                kept.append(row)
            seen.add(key)
        table.rows = kept


Command: TypeAlias = Fields | Display | Filter | Parse | Stats | Sort | Limit | Dedup


@dataclass(frozen=True)
class Query:
    """A query, as it was read."""

    commands: tuple[Command, ...]


def _key(row: Row, names: list[str] | tuple[str, ...]) -> Key:
    values = [row.values.get(name) for name in names]
    return tuple(None if value is None else text(value) for value in values)
