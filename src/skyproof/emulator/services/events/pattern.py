"""Event patterns: checked once, then asked whether events match.

The operators are those of
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
(eb-event-patterns-content-based-filtering.html before). Where that page is silent, the rules and
the words of refusals are those of the library inside EventBridge, https://github.com/aws/event-ruler:

* Only leaves of an event have values: an object does not "exist", nor does an empty array.
* ``{"a": {"b": …}}`` and ``{"a.b": …}`` are the same, in patterns and in events.
* A field of an array's element is looked for in all elements, but fields below the same array have
  to be found in the same element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.services.events.pattern_operators import (
    PatternError,
    Test,
    absent,
    operator_test,
    present,
    value_test,
)

__all__ = ["Field", "Pattern", "PatternError", "parse"]

#: Ours, far beyond what fits into a pattern of readable length.
MAX_DEPTH = 100
#: Ways through all ``$or`` arrays; AWS documents the number without saying how it counts.
MAX_COMBINATIONS = 1_000

Path = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """What one field is asked: one of the tests is enough."""

    path: Path
    tests: tuple[Test, ...]

    @property
    def may_be_absent(self) -> bool:
        """Whether ``{"exists": false}`` is among the tests."""
        return absent in self.tests


@dataclass(frozen=True)
class Pattern:
    """Branches that ``$or`` makes, one of which has to hold with all its fields."""

    branches: tuple[tuple[Field, ...], ...]

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether the event, as parsed from JSON, is one that the pattern asks for."""
        return any(_branch_holds(branch, event) for branch in self.branches)


def parse(pattern: Mapping[str, Any]) -> Pattern:
    """Check a pattern, as parsed from JSON.

    Raises:
        PatternError: with AWS's reason.
    """
    if not isinstance(pattern, Mapping):
        raise PatternError("Filter is not an object")
    branches = _with_object([{}], (), pattern)
    return Pattern(
        tuple(tuple(Field(path, tests) for path, tests in branch.items()) for branch in branches)
    )


# Matching ----------------------------------------------------------------------------------------


def _branch_holds(branch: tuple[Field, ...], event: Mapping[str, Any]) -> bool:
    asked = [
        (field.path, field.tests)
        for field in branch
        # "Exists matching works on the presence or absence of a field in the JSON of the event":
        # in all of it, whatever elements of arrays the other fields are found in.
        if not (field.may_be_absent and not _holds([(field.path, (present,))], event))
    ]
    return _holds(asked, event)


def _holds(asked: list[tuple[Path, tuple[Test, ...]]], value: object) -> bool:
    return any(_element_holds(asked, element) for element in _elements(value))


def _element_holds(asked: list[tuple[Path, tuple[Test, ...]]], element: object) -> bool:
    if not isinstance(element, Mapping):
        return all(not path and any(test(element) for test in tests) for path, tests in asked)
    fields = _fields(element)
    below: dict[str, list[tuple[Path, tuple[Test, ...]]]] = {}
    for path, tests in asked:
        if not path or path[0] not in fields:
            return False
        below.setdefault(path[0], []).append((path[1:], tests))
    return all(_holds(inner, fields[name]) for name, inner in below.items())


def _elements(value: object) -> Iterator[object]:
    """A value itself, or what an array and the arrays in it hold."""
    waiting = [value]
    while waiting:
        element = waiting.pop()
        if isinstance(element, list):
            waiting.extend(element)
        else:
            yield element


def _fields(element: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object's fields, with dots in names read as nesting."""
    if not any("." in name for name in element):
        return element
    fields: dict[str, Any] = {}
    for name, value in element.items():
        head, dot, tail = name.partition(".")
        inner = {tail: value} if dot else value
        fields[head] = _joined(fields[head], inner) if head in fields else inner
    return fields


def _joined(one: object, other: object) -> object:
    """Two values under one name: an object with the fields of both, or else alternatives."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **other}
    return [one, other]


# Structure ---------------------------------------------------------------------------------------

_Branch = dict[Path, tuple[Test, ...]]

#: "… is Ruler reserved fieldName": operators, present and planned ones.
_RESERVED_INSIDE_OR = frozenset(
    "exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr "
    "= < <= > >= regex not-wildcard not-equals-ignore-case date-after date-on-or-after "
    "date-before date-on-or-before in-date-range ip-address-in-range "
    "ip-address-not-in-range".split()
)


def _with_object(
    branches: list[_Branch], at: Path, value: Mapping[str, Any], ors: int = 0
) -> list[_Branch]:
    """The branches with an object's fields added; it stands at a path, and below so many $or."""
    if not value:
        raise PatternError("Empty objects are not allowed")
    for name, inner in value.items():
        if name == "$or":
            branches = _with_or(branches, at, inner, ors + 1)
            continue
        if ors and name in _RESERVED_INSIDE_OR:
            raise PatternError(
                f"{name} is Ruler reserved fieldName which cannot be used inside $or."
            )
        path = (*at, *name.split("."))
        if len(path) + ors > MAX_DEPTH:
            raise PatternError(f"the pattern is nested more than {MAX_DEPTH} levels deep")
        if isinstance(inner, Mapping):
            branches = _with_object(branches, path, inner, ors)
        elif isinstance(inner, list):
            tests = _tests(inner)
            # A path that is named twice keeps what is said last, as in event-ruler.
            branches = [{**branch, path: tests} for branch in branches]
        else:
            raise PatternError(f'"{name}" must be an object or an array')
    return branches


def _with_or(branches: list[_Branch], at: Path, value: object, ors: int) -> list[_Branch]:
    if not isinstance(value, list):
        raise PatternError("It must be an Array followed with $or.")
    if not all(isinstance(entry, Mapping) for entry in value):
        raise PatternError("Only JSON object is allowed in array of $or relationship.")
    if len(value) < 2:
        raise PatternError("There must have at least 2 Objects in $or relationship.")
    if len(at) + ors > MAX_DEPTH:
        raise PatternError(f"the pattern is nested more than {MAX_DEPTH} levels deep")
    found: list[_Branch] = []
    for entry in value:
        found += _with_object(branches, at, entry, ors)
        if len(found) > MAX_COMBINATIONS:
            raise PatternError(f"$or makes over {MAX_COMBINATIONS} rule combinations")
    return found


def _tests(values: list[Any]) -> tuple[Test, ...]:
    if not values:
        raise PatternError("Empty arrays are not allowed")
    return tuple(_test(value) for value in values)


def _test(value: object) -> Test:
    if isinstance(value, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    return operator_test(value) if isinstance(value, Mapping) else value_test(value)
