"""What a pattern answers about a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.selector import parse_selector


@dataclass(frozen=True)
class Match:
    """The facts of one match.

    Attributes:
        document: the message as JSON, for a JSON pattern.
        columns: the message's columns, for a space-delimited pattern, keyed as in the
            ``extractedValues`` of TestMetricFilter: ``$name``, or ``$4`` for the fourth where the
            pattern has no name.
    """

    document: Mapping[str, object] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def value(self, selector: str) -> str | float | int | bool | None:
        """The value that ``metricValue`` or a dimension names, None where the message has none.

        ``$.a.b[0]`` selects in JSON; objects, arrays and null are no values. ``$name`` is a column,
        always text.

        Raises:
            PatternError: the selector is malformed or, with a wildcard, selects several values.
        """
        if selector.startswith("$") and not selector.startswith(("$.", "$[")):
            return self.columns.get(selector)
        path = parse_selector(selector)
        if path.wildcards:
            raise PatternError(f"{selector} may select several values, one is needed", 0)
        for node in path.select(self.document):
            if isinstance(node, str | int | float):
                return node
        return None


class Pattern(Protocol):
    """A filter pattern, parsed."""

    def match(self, message: str) -> Match | None:
        """The match of a log event's message, None where it does not match."""
