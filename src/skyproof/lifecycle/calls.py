"""Calls of AWS as data: an operation, and JMESPath expressions for what goes in and comes out.

The expressions are read in a context: a mapping of what is known when the call is made. The tables
in :mod:`skyproof.lifecycle.kinds` are written in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from skyproof.lifecycle import errors

Context = Mapping[str, Any]
Arguments = Mapping[str, str]
"""Parameter → a JMESPath expression for its value; what is null is left out."""

# Operations that hand out pages, and for which boto3 has no paginator, go on by these.
_TOKENS = ("NextToken", "nextToken")


@dataclass(frozen=True)
class Listing:
    """A list call, over all its pages.

    Attributes:
        items: in a page of its answer, a list of what is there.
        within: a list call that comes first: this one is made for each of what that one finds.
            Arguments then speak of that one's finding; found is ``{of: that, it: this}``.
    """

    operation: str
    items: str
    arguments: Arguments = field(default_factory=dict)
    within: Listing | None = None

    def read(self, client: Any, context: Context | None = None) -> Iterator[Any]:
        """Everything there is. Raises botocore.exceptions.ClientError."""
        if self.within is None:
            yield from self._read(client, context or {})
            return
        for outer in self.within.read(client, context):
            try:
                for found in self._read(client, outer):
                    yield {"of": outer, "it": found}
            except ClientError as error:
                # Deleted since the outer call, or guarded by a policy of its own, as keys are.
                if not errors.is_gone(error) and not errors.is_denied(error):
                    raise

    def answers(self, client: Any, context: Any) -> Iterator[Any]:
        """What ``items`` is in each page. Raises botocore.exceptions.ClientError."""
        for page in _pages(client, self.operation, evaluated(self.arguments, context)):
            yield search(self.items, page)

    def _read(self, client: Any, context: Any) -> Iterator[Any]:
        for answer in self.answers(client, context):
            yield from answer or ()


@dataclass(frozen=True)
class Call:
    """One call that changes something.

    Attributes:
        when: makes the call only where this is true.
        refusals: in the answer, why the call did nothing although it raised nothing.
    """

    operation: str
    arguments: Arguments
    when: str = ""
    refusals: str = ""

    def make(self, client: Any, context: Context) -> None:
        """Call. Raises botocore.exceptions.ClientError, also for what the answer refuses."""
        if self.when and not search(self.when, context):
            return
        answer = getattr(client, self.operation)(**evaluated(self.arguments, context))
        refused = search(self.refusals, answer) if self.refusals else None
        if refused:
            code, message = refused
            raise ClientError({"Error": {"Code": code, "Message": message}}, self.operation)


@dataclass(frozen=True)
class Each:
    """Calls for each of what a list call finds, in the context ``{of: the outer, it: this}``."""

    listing: Listing
    calls: tuple[Call, ...]

    def make(self, client: Any, context: Context) -> None:
        """List and call; what is gone in between is as it should be."""
        for found in self.listing.read(client, context):
            for call in self.calls:
                try:
                    call.make(client, {"of": context, "it": found})
                except ClientError as error:
                    if not errors.is_gone(error):
                        raise


Step = Call | Each


def evaluated(arguments: Arguments, context: Any) -> dict[str, Any]:
    """The arguments' values in a context."""
    values = {name: search(expression, context) for name, expression in arguments.items()}
    return {name: value for name, value in values.items() if value is not None}


def search(expression: str, data: Any) -> Any:
    """What a JMESPath expression finds."""
    return _compiled(expression).search(data)


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _pages(client: Any, operation: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**arguments)
        return
    while True:
        page = getattr(client, operation)(**arguments)
        yield page
        more = {token: page[token] for token in _TOKENS if page.get(token)}
        if not more:
            return
        arguments = arguments | more
