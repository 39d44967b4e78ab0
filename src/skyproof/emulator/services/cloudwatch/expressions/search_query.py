"""What a SEARCH looks for, and whether a metric is that.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from skyproof.emulator.services.cloudwatch.expressions.errors import not_implemented
from skyproof.emulator.services.cloudwatch.expressions.search_tokens import matches_partly

#: The designator of the account that a metric comes from.
ACCOUNT = ":aws.AccountId"


@dataclass(frozen=True)
class Metric:
    """What is searched; ``accounts`` are the names of its account, None where it is not known."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    accounts: Collection[str] | None

    def texts(self, designator: str | None) -> Collection[str]:
        """The texts that a term with such a designator, or without any, is compared with."""
        match designator:
            case None:
                names, values = self.dimensions.keys(), self.dimensions.values()
                return [self.namespace, self.name, *names, *values]
            case "Namespace":
                return [self.namespace]
            case "MetricName":
                return [self.name]
        if designator == ACCOUNT:
            if self.accounts is None:
                raise not_implemented(f"{ACCOUNT} in this search")
            return self.accounts
        return [self.dimensions[designator]] if designator in self.dimensions else []


@dataclass(frozen=True)
class Term:
    """A text of the metric, of all or of those that a designator names, matches."""

    designator: str | None
    text: str
    exact: bool

    def matches(self, metric: Metric) -> bool:
        texts = metric.texts(self.designator)
        if self.exact:
            return self.text in texts
        return any(matches_partly(self.text, text) for text in texts)


@dataclass(frozen=True)
class Not:
    """The opposite."""

    clause: Clause

    def matches(self, metric: Metric) -> bool:
        return not self.clause.matches(metric)


@dataclass(frozen=True)
class And:
    """All of two or more."""

    clauses: tuple[Clause, ...]

    def matches(self, metric: Metric) -> bool:
        return all(clause.matches(metric) for clause in self.clauses)


@dataclass(frozen=True)
class Or:
    """Any of two or more."""

    clauses: tuple[Clause, ...]

    def matches(self, metric: Metric) -> bool:
        return any(clause.matches(metric) for clause in self.clauses)


Clause = Term | Not | And | Or


@dataclass(frozen=True)
class Schema:
    """Metrics of a namespace that have these dimensions and no others."""

    namespace: str
    dimensions: frozenset[str]


@dataclass(frozen=True)
class SearchQuery:
    """A schema, a clause, or both."""

    schema: Schema | None
    clause: Clause | None

    def matches(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        accounts: Collection[str] | None = None,
    ) -> bool:
        """Whether the search finds a metric.

        Args:
            namespace, name, dimensions: of the metric.
            accounts: what a query may call the metric's account: its id and, in the account that
                searches, ``LOCAL``.

        Raises:
            ExpressionError: for a query by account where none is given.
        """
        if self.schema not in (None, Schema(namespace, frozenset(dimensions))):
            return False
        metric = Metric(namespace, name, dimensions, accounts)
        return self.clause is None or self.clause.matches(metric)
