"""The syntax of queries: commands with pipes between them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from skyproof.emulator.services.logs.insights.commands import (
    Column,
    Command,
    Dedup,
    Display,
    Fields,
    Filter,
    Limit,
    Parse,
    Query,
    Sort,
    Stats,
)
from skyproof.emulator.services.logs.insights.errors import QueryError
from skyproof.emulator.services.logs.insights.expression_syntax import ExpressionReader
from skyproof.emulator.services.logs.insights.expressions import Expression, Field, free_fields
from skyproof.emulator.services.logs.insights.glob import Glob
from skyproof.emulator.services.logs.insights.regex import Regex
from skyproof.emulator.services.logs.insights.scanner import Scanner, Symbol
from skyproof.emulator.services.logs.insights.scope import Scope

#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
MAX_LENGTH = 10_000
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html#CWL_QuerySyntax-stats-multi
MAX_STATS = 2

#: Documented commands, and the deprecated ones of the console's old samples.
NOT_IMPLEMENTED = frozenset(
    "anomaly diff filterindex head join lookup order pattern search source subquery tail union "
    "unmask unnest".split()
)

_Part = TypeVar("_Part")


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        QueryError: it is not valid, or uses what is not implemented; the text says where.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The query is longer than {MAX_LENGTH} characters: {len(text)}")
    return _Reader(text).query()


class _Reader:
    """One method for each command."""

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._scope = Scope()
        self._expressions = ExpressionReader(self._scanner, self._scope)
        self._commands: list[Command] = []
        self._readers: dict[str, Callable[[], Command]] = {
            "fields": lambda: Fields(self._columns()),
            "display": lambda: Display(self._columns()),
            "filter": lambda: Filter(self._expressions.condition()),
            "where": lambda: Filter(self._expressions.condition()),
            "parse": self._parse,
            "stats": self._stats,
            "sort": lambda: Sort(self._separated(self._sort_key)),
            "limit": self._limit,
            "dedup": lambda: Dedup(self._separated(lambda: self._expressions.field().name)),
        }

    def query(self) -> Query:
        self._commands.append(self._command())
        while self._scanner.takes("|"):
            self._commands.append(self._command())
        if self._scanner.next.kind != "end":
            raise self._scanner.unexpected("|")
        return Query(tuple(self._commands))

    def _command(self) -> Command:
        word = self._scanner.next
        name = word.text.lower()
        if word.kind == "name" and name in NOT_IMPLEMENTED:
            raise self._scanner.error(f"The command {word.text} is not implemented", word.at)
        if word.kind != "name" or name not in self._readers:
            raise self._scanner.unexpected(f"one of {', '.join(self._readers)}")
        self._check_order(word, name)
        self._scanner.take()
        return self._readers[name]()

    def _check_order(self, word: Symbol, name: str) -> None:
        """The documented rules of which command may follow which."""
        if name != "limit" and any(isinstance(one, Dedup) for one in self._commands):
            raise self._scanner.error("Only limit can follow dedup", word.at)
        if name != "stats":
            return
        before = [i for i, one in enumerate(self._commands) if isinstance(one, Stats)]
        if len(before) == MAX_STATS:
            problem = f"A query can have at most {MAX_STATS} stats commands"
            raise self._scanner.error(problem, word.at)
        if before and any(isinstance(one, Sort | Limit) for one in self._commands[before[0] :]):
            problem = "sort and limit must come after the second stats command"
            raise self._scanner.error(problem, word.at)

    def _columns(self) -> tuple[Column, ...]:
        return self._separated(self._defined)

    def _defined(self) -> Column:
        column = self._column()
        if column.expression != Field(column.name):
            self._scope.define(column.name)
        return column

    def _column(self) -> Column:
        start = self._scanner.next.at
        expression = self._expressions.condition()
        if self._scanner.takes_word("as"):
            return Column(expression, self._alias())
        if isinstance(expression, Field):
            return Column(expression, expression.name)
        return Column(expression, self._scanner.text[start : self._scanner.end])

    def _alias(self) -> str:
        at = self._scanner.next.at
        name = self._expressions.field_name()
        if self._scope.defines(name):
            raise self._scanner.error(f"The field {name} is already defined", at)
        return name

    def _parse(self) -> Parse:
        source = Field("@message")
        if self._scanner.next.kind in ("name", "quoted"):
            source = self._expressions.field()
        regex = self._scanner.takes_regex()
        pattern = self._glob() if regex is None else self._named(regex)
        for name in pattern.names:
            self._scope.define(name)
        return Parse(source, pattern)

    def _glob(self) -> Glob:
        symbol = self._scanner.next
        if symbol.kind != "text":
            raise self._scanner.unexpected("a text or a regular expression")
        self._scanner.take()
        if not self._scanner.takes_word("as"):
            raise self._scanner.unexpected("as")
        names = self._separated(self._alias)
        stars = symbol.text.count("*")
        if stars != len(names) or len(set(names)) < len(names):
            problem = (
                f"The pattern has {stars} *, for which there must be as many different aliases"
            )
            raise self._scanner.error(problem, symbol.at)
        return Glob(symbol.text, names)

    def _named(self, symbol: Symbol) -> Regex:
        regex = self._expressions.regex(symbol)
        if not regex.names or self._scanner.next.is_word("as"):
            problem = "A regular expression of parse must name its groups, as (?<name>...)"
            raise self._scanner.error(problem, symbol.at)
        for name in regex.names:
            if self._scope.defines(name):
                raise self._scanner.error(f"The field {name} is already defined", symbol.at)
        return regex

    def _stats(self) -> Stats:
        start = self._scanner.next.at
        self._expressions.in_stats = True
        columns = self._separated(self._column)
        self._expressions.in_stats = False
        keys: tuple[Column, ...] = ()
        if self._scanner.takes_word("by"):
            keys = self._separated(self._column)
        names = [column.name for column in (*keys, *columns)]
        if len(set(names)) < len(names):
            raise self._scanner.error("Two columns of stats have one name", start)
        known = {key.name for key in keys}
        for column in columns:
            for name in free_fields(column.expression):
                if name not in known:
                    problem = f"{name} is neither in an aggregation function nor after by"
                    raise self._scanner.error(problem, start)
            # Of AWS's sample queries, one subtracts a column from another one.
            known.add(column.name)
        self._scope.aggregate(names)
        return Stats(columns, keys)

    def _sort_key(self) -> tuple[Expression, bool]:
        expression = self._expressions.condition()
        descending = self._scanner.takes_word("desc")
        if not descending:
            self._scanner.takes_word("asc")
        return expression, descending

    def _limit(self) -> Limit:
        symbol = self._scanner.next
        if symbol.kind != "number" or not symbol.text.isdigit() or int(symbol.text[:9]) == 0:
            raise self._scanner.unexpected("a number of rows")
        self._scanner.take()
        return Limit(int(symbol.text[:9]))

    def _separated(self, read: Callable[[], _Part]) -> tuple[_Part, ...]:
        found = [read()]
        while self._scanner.takes(","):
            found.append(read())
        return tuple(found)
