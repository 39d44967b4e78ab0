"""Conditions joined by ``&&``, ``||`` and parentheses, which JSON and columns have in common.

"the following standard order of operations: () > && > ||"
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.scanner import Scanner

#: Of this emulator, AWS documents none: it keeps the parser within Python's stack.
MAX_DEPTH = 50

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)


class Condition(Protocol[S_contra]):
    """Something that holds for a subject or does not."""

    def holds(self, subject: S_contra, /) -> bool: ...


@dataclass(frozen=True)
class AllOf(Generic[S]):
    """All of them."""

    conditions: tuple[Condition[S], ...]

    def holds(self, subject: S, /) -> bool:
        return all(condition.holds(subject) for condition in self.conditions)


@dataclass(frozen=True)
class AnyOf(Generic[S]):
    """Any of them."""

    conditions: tuple[Condition[S], ...]

    def holds(self, subject: S, /) -> bool:
        return any(condition.holds(subject) for condition in self.conditions)


def read_conditions(
    scanner: Scanner, single: Callable[[Scanner], Condition[S]], depth: int = 0
) -> Condition[S]:
    """One or more conditions; ``single`` reads one without parentheses.

    Raises:
        PatternError: parentheses that are not closed or nest too deeply, and ``single``'s own.
    """

    def term() -> Condition[S]:
        at = scanner.at
        if not scanner.takes("("):
            return single(scanner)
        if depth == MAX_DEPTH:
            raise PatternError(f"parentheses nest deeper than {MAX_DEPTH}", at)
        inner = read_conditions(scanner, single, depth + 1)
        scanner.expect(")")
        return inner

    def all_of() -> Condition[S]:
        terms = [term()]
        while scanner.takes("&&"):
            terms.append(term())
        return AllOf(tuple(terms))

    choices = [all_of()]
    while scanner.takes("||"):
        choices.append(all_of())
    return AnyOf(tuple(choices))
