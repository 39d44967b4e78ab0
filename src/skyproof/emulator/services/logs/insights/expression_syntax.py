"""The syntax of expressions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html

Grammar, with keywords and functions' names in any case::

    or         = and { "or" and }
    and        = not { "and" not }
    not        = "not" not | comparison
    comparison = sum [ operator sum | [ "not" ] "like" pattern | "=~" pattern
                     | [ "not" ] "in" "[" literal { "," literal } "]" ]
    pattern    = text | "/" regular expression "/"
    sum        = product { ( "+" | "-" ) product }
    product    = power { ( "*" | "/" | "%" ) power }
    power      = unary [ "^" power ]
    unary      = "-" unary | text | number | "true" | "false" | field | call | "(" or ")"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from skyproof.emulator.services.logs.insights import periods
from skyproof.emulator.services.logs.insights.aggregates import BY_TIME, STATISTICS
from skyproof.emulator.services.logs.insights.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Call,
    Compare,
    Expression,
    Field,
    In,
    Like,
    Literal,
    Not,
    Or,
    Rounded,
)
from skyproof.emulator.services.logs.insights.functions import FUNCTIONS, NOT_IMPLEMENTED
from skyproof.emulator.services.logs.insights.regex import Regex
from skyproof.emulator.services.logs.insights.regex_syntax import RegexError
from skyproof.emulator.services.logs.insights.scanner import Scanner, Symbol
from skyproof.emulator.services.logs.insights.scope import Scope
from skyproof.emulator.services.logs.insights.values import Number, number

#: Of this emulator: reading and calculating take Python's stack.
MAX_DEPTH = 50

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TIME = "@timestamp"


class ExpressionReader:
    """Reads expressions off a scanner."""

    def __init__(self, scanner: Scanner, scope: Scope) -> None:
        self._scanner = scanner
        self._scope = scope
        self._depth = 0
        #: Whether a statistic may come next: in ``stats``, outside of another one.
        self.in_stats = False

    def condition(self) -> Expression:
        """Read the widest expression that there is.

        Raises:
            QueryError: it is none.
        """
        with self._deeper():
            return _one_or(Or, self._separated("or", self._and))

    def field_name(self) -> str:
        """A field's or alias's name."""
        if self._scanner.next.kind not in ("name", "quoted"):
            raise self._scanner.unexpected("a field")
        return self._scanner.take().text

    def field(self) -> Field:
        """A field that the command may read."""
        at = self._scanner.next.at
        return self._known(self.field_name(), at)

    def regex(self, symbol: Symbol) -> Regex:
        """The regular expression that a symbol spells."""
        try:
            return Regex(symbol.text)
        except RegexError as error:
            problem = f"Invalid regular expression: {error}"
            raise self._scanner.error(problem, symbol.at) from error

    def _and(self) -> Expression:
        return _one_or(And, self._separated("and", self._not))

    def _separated(self, word: str, read: Callable[[], Expression]) -> list[Expression]:
        terms = [read()]
        while self._scanner.takes_word(word):
            terms.append(read())
        return terms

    def _not(self) -> Expression:
        if not self._scanner.takes_word("not"):
            return self._comparison()
        with self._deeper():
            return Not(self._not())

    def _comparison(self) -> Expression:
        left = self._sum()
        symbol = self._scanner.next
        if symbol.kind == "symbol" and symbol.text in _COMPARISONS:
            self._scanner.take()
            return Compare(symbol.text, left, self._sum())
        if self._scanner.takes("=~"):
            return Like(left, self._pattern())
        negated = self._scanner.takes_word("not")
        if self._scanner.takes_word("like"):
            test: Expression = Like(left, self._pattern())
        elif self._scanner.takes_word("in"):
            test = In(left, self._members())
        elif negated:
            raise self._scanner.unexpected("like or in")
        else:
            return left
        return Not(test) if negated else test

    def _pattern(self) -> str | Regex:
        regex = self._scanner.takes_regex()
        if regex is not None:
            return self.regex(regex)
        if self._scanner.next.kind != "text":
            raise self._scanner.unexpected("a text or a regular expression")
        return self._scanner.take().text

    def _members(self) -> tuple[Expression, ...]:
        self._scanner.expect("[")
        members = [self._literal()]
        while self._scanner.takes(","):
            members.append(self._literal())
        self._scanner.expect("]")
        return tuple(members)

    def _literal(self) -> Expression:
        negative = self._scanner.takes("-")
        symbol = self._scanner.next
        if symbol.kind == "number":
            value = self._number()
            return Literal(-value if negative else value)
        if symbol.kind == "text" and not negative:
            return Literal(self._scanner.take().text)
        raise self._scanner.unexpected("a text or a number")

    def _sum(self) -> Expression:
        return self._row(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._row(("*", "/", "%"), self._power)

    def _row(self, operators: tuple[str, ...], read: Callable[[], Expression]) -> Expression:
        first = read()
        rest: list[tuple[str, Expression]] = []
        while self._scanner.next.kind == "symbol" and self._scanner.next.text in operators:
            operator = self._scanner.take().text
            rest.append((operator, read()))
        return Arithmetic(first, tuple(rest)) if rest else first

    def _power(self) -> Expression:
        base = self._unary()
        if not self._scanner.takes("^"):
            return base
        with self._deeper():
            return Arithmetic(base, (("^", self._power()),))

    def _unary(self) -> Expression:
        with self._deeper():
            if self._scanner.takes("-"):
                return Arithmetic(Literal(0), (("-", self._unary()),))
            if self._scanner.takes("("):
                inner = self.condition()
                self._scanner.expect(")")
                return inner
            return self._term()

    def _term(self) -> Expression:
        symbol = self._scanner.next
        if symbol.kind == "number":
            return Literal(self._number())
        if symbol.kind == "text":
            return Literal(self._scanner.take().text)
        if symbol.is_word("true", "false"):
            return Literal(int(self._scanner.take().text.lower() == "true"))
        calculated = self._scope.calculated(self._scanner.text, symbol.at)
        if calculated is not None:
            self._scanner.skip(len(calculated))
            return Field(calculated)
        name = self.field_name()
        if symbol.kind == "name" and self._scanner.takes("("):
            return self._call(symbol)
        return self._known(name, symbol.at)

    def _number(self) -> Number:
        symbol = self._scanner.take()
        value = number(symbol.text)
        if value is None:
            raise self._scanner.error("The number is too large", symbol.at)
        return value

    def _call(self, symbol: Symbol) -> Expression:
        name = symbol.text.lower()
        if name in ("bin", "datefloor", "dateceil"):
            return self._rounded(name, symbol)
        if name in STATISTICS or name == "pct":
            return self._aggregate(name, symbol)
        return self._function(name, symbol)

    def _rounded(self, name: str, symbol: Symbol) -> Rounded:
        if name == "bin":
            term: Expression = self._known(_TIME, symbol.at)
        else:
            term = self._sum()
            self._scanner.expect(",")
        written = self._scanner.next
        if written.kind != "period":
            raise self._scanner.unexpected("a period")
        try:
            period = periods.read(self._scanner.take().text)
        except ValueError as error:
            raise self._scanner.error(str(error), written.at) from error
        self._closed(symbol)
        return Rounded(term, period, up=name == "dateceil")

    def _aggregate(self, name: str, symbol: Symbol) -> Aggregate:
        if not self.in_stats:
            problem = f"{symbol.text} is only supported in the stats command, and not in itself"
            raise self._scanner.error(problem, symbol.at)
        if name in BY_TIME:
            self._known(_TIME, symbol.at)
        if name == "count" and (self._scanner.takes("*") or self._scanner.next.text == ")"):
            self._closed(symbol)
            return Aggregate(name)
        outer, self.in_stats = self.in_stats, False
        argument = self.condition()
        self.in_stats = outer
        percent = None
        if name == "pct":
            self._scanner.expect(",")
            percent = self._percent()
        self._closed(symbol)
        return Aggregate(name, argument, percent)

    def _percent(self) -> Number:
        symbol = self._scanner.next
        if symbol.kind != "number":
            raise self._scanner.unexpected("a percentage")
        percent = self._number()
        if percent > 100:
            raise self._scanner.error("A percentage is 0 to 100", symbol.at)
        return percent

    def _function(self, name: str, symbol: Symbol) -> Call:
        function = FUNCTIONS.get(name)
        if function is None:
            self._no_function(symbol)
        arguments: list[Expression] = []
        while not self._scanner.takes(")"):
            if arguments:
                self._scanner.expect(",")
            arguments.append(self.condition())
        if not function.takes(len(arguments)):
            problem = f"{symbol.text} does not take {len(arguments)} arguments"
            raise self._scanner.error(problem, symbol.at)
        return Call(function, tuple(arguments))

    def _no_function(self, symbol: Symbol) -> NoReturn:
        if symbol.text.lower() in NOT_IMPLEMENTED:
            problem = f"The function {symbol.text} is not implemented"
        else:
            problem = f"Unknown function {symbol.text}"
        raise self._scanner.error(problem, symbol.at)

    def _closed(self, symbol: Symbol) -> None:
        if not self._scanner.takes(")"):
            raise self._scanner.unexpected(f") after the arguments of {symbol.text}")

    def _known(self, name: str, at: int) -> Field:
        if not self._scope.knows(name):
            raise self._scanner.error(f"Unknown symbols found in or after stats: {name}", at)
        return Field(name)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            problem = f"Expressions are nested more than {MAX_DEPTH} deep"
            raise self._scanner.error(problem, self._scanner.next.at)
        yield
        self._depth -= 1


def _one_or(all_: type[And] | type[Or], terms: list[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else all_(tuple(terms))
