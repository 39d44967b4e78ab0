"""JSON patterns: ``{ $.user.id = 1 && ($.level = "ERR*" || $.trace NOT EXISTS) }``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-json-log-events
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from skyproof.emulator.services.logs.patterns.comparison import Comparison, Value, read_comparison
from skyproof.emulator.services.logs.patterns.conditions import Condition, read_conditions
from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.match import Match
from skyproof.emulator.services.logs.patterns.scanner import Scanner
from skyproof.emulator.services.logs.patterns.selector import Selector, read_selector

#: "up to three wildcard selectors in a filter pattern with compound expressions".
MAX_WILDCARDS = 3

_WORD = re.compile(r"[A-Za-z]+")
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class Compare:
    """A value compares. Of several, which a wildcard selects, any one.

    Neither ``=`` nor ``!=`` holds where there is no value: "If a property selector points to an
    array or object, the filter pattern won't match the log format", "Value nodes can be strings
    or numbers".
    """

    selector: Selector
    comparison: Comparison

    def holds(self, document: object, /) -> bool:
        values = map(_value, self.selector.select(document))
        return any(value is not None and self.comparison.holds(value) for value in values)


@dataclass(frozen=True)
class Is:
    """``IS NULL``, ``IS TRUE``, ``IS FALSE``: the field is there and is that constant."""

    selector: Selector
    constant: bool | None

    def holds(self, document: object, /) -> bool:
        return any(node is self.constant for node in self.selector.select(document))


@dataclass(frozen=True)
class NotExists:
    """``NOT EXISTS``; a field that is null exists."""

    selector: Selector

    def holds(self, document: object, /) -> bool:
        return not self.selector.select(document)


@dataclass(frozen=True)
class JsonPattern:
    """A condition on messages that are JSON objects; no other message matches."""

    condition: Condition[object]

    def match(self, message: str) -> Match | None:
        document = _document(message)
        if document is None or not self.condition.holds(document):
            return None
        return Match(document=document)


def parse(text: str) -> JsonPattern:
    """Read a pattern in curly brackets.

    Raises:
        PatternError: a syntax error, or one of AWS's quotas exceeded.
    """
    scanner = Scanner(text)
    wildcards = 0

    def single(scanner: Scanner) -> Condition[object]:
        nonlocal wildcards
        scanner.skip_spaces()
        at = scanner.at
        selector = read_selector(scanner)
        wildcards += selector.wildcards
        if wildcards > MAX_WILDCARDS:
            raise PatternError(f"more than {MAX_WILDCARDS} wildcard selectors", at)
        return _test(scanner, selector)

    scanner.expect("{")
    condition = read_conditions(scanner, single)
    if not scanner.takes("}"):
        raise scanner.wanted("'&&', '||' or '}'")
    scanner.end()
    return JsonPattern(condition)


def _test(scanner: Scanner, selector: Selector) -> Condition[object]:
    scanner.skip_spaces()
    at = scanner.at
    match scanner.take(_WORD):
        case "":
            return Compare(selector, read_comparison(scanner))
        case "IS":
            return Is(selector, _constant(scanner))
        case "NOT":
            if scanner.take(_WORD) != "EXISTS":
                raise PatternError("'NOT' without 'EXISTS'", at)
            return NotExists(selector)
        case "EXISTS":
            # "The variables IS NOT and EXISTS currently aren't supported."
            raise PatternError("'EXISTS' is not supported by CloudWatch Logs", at)
        case word:
            raise PatternError(f"'{word}' where an operator, IS or NOT EXISTS is expected", at)


def _constant(scanner: Scanner) -> bool | None:
    scanner.skip_spaces()
    at = scanner.at
    word = scanner.take(_WORD)
    if word == "NOT":
        raise PatternError("'IS NOT' is not supported by CloudWatch Logs", at)
    if word not in _CONSTANTS:
        raise PatternError("NULL, TRUE or FALSE has to follow IS", at)
    return _CONSTANTS[word]


def _value(node: object) -> Value | None:
    match node:
        case bool():
            return None
        case str():
            return Value(node, None)
        case int():
            return Value(str(node), node)
        case float():
            # 1.0e3 reads 1000, as its author would write it in a pattern.
            return Value(f"{node:.15g}", node)
        case _:
            return None


def _document(message: str) -> dict[str, object] | None:
    try:
        document = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _refuse(constant: str) -> None:
    """NaN and Infinity, which Python reads, are no JSON."""
    raise ValueError(constant)
