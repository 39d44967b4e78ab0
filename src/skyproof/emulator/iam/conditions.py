"""Conditions of statements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from skyproof.emulator.iam import patterns
from skyproof.emulator.iam.errors import PolicyError, UnsupportedPolicyError
from skyproof.emulator.iam.patterns import Context, Pattern, Template

T = TypeVar("T")
W = TypeVar("W")


@dataclass(frozen=True)
class _Test:
    """How one wanted value is held against one of the request.

    Attributes:
        matches: whether they match.
        check: raises ValueError for a wanted value that is not of the operator's type.
    """

    matches: Callable[[Template, Context, str], bool]
    check: Callable[[str], object] = str


@dataclass(frozen=True)
class _Operator:
    """An operator taken apart, e.g. ``ForAnyValue:StringNotLikeIfExists``.

    Attributes:
        quantifier: ``forallvalues``, ``foranyvalue`` or empty.
    """

    test: _Test
    negated: bool
    quantifier: str
    if_exists: bool


@dataclass(frozen=True)
class Condition:
    """One key of one operator.

    Attributes:
        operator: as written.
        key: as written; case does not matter.
        wanted: the values of the policy, of which one is enough.
    """

    operator: str
    key: str
    wanted: tuple[Template, ...]

    def holds(self, context: Context) -> bool:
        """Whether the request fulfils it.

        Raises:
            UnsupportedPolicyError: the request has several values and the operator does not say
                how many must match.
        """
        given = context.get(self.key.lower(), ())
        if self.operator.lower() == "null":
            return _boolean("false" if given else "true") in self._booleans(context)
        parts = _operator(self.operator)
        if parts.quantifier:
            return self._holds_for_set(parts, context, given)
        if not given:
            return parts.negated or parts.if_exists
        if len(given) > 1:
            raise UnsupportedPolicyError(
                f"{self.operator} of {self.key}, which has several values in the request, without "
                "ForAllValues or ForAnyValue"
            )
        return self._matches(parts, context, given[0])

    def mismatch(self, context: Context) -> str:
        """What did not fit, for people."""
        wanted = ", ".join(template.written for template in self.wanted)
        given = ", ".join(context.get(self.key.lower(), ()))
        return (
            f"condition {self.operator} of {self.key} wants {wanted} and got {given or 'nothing'}"
        )

    def _holds_for_set(self, parts: _Operator, context: Context, given: Sequence[str]) -> bool:
        """No values, or empty ones, are all and none at once.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        """
        found = (self._matches(parts, context, value) for value in given if value)
        if not given and parts.if_exists:
            return True
        return all(found) if parts.quantifier == "forallvalues" else any(found)

    def _matches(self, parts: _Operator, context: Context, value: str) -> bool:
        """A negated operator wants a value that none of the policy's match."""
        found = any(parts.test.matches(wanted, context, value) for wanted in self.wanted)
        return found != parts.negated

    def _booleans(self, context: Context) -> set[bool]:
        return {_boolean(wanted.text(context) or "") for wanted in self.wanted}


def read(element: Any, *, variables: bool) -> tuple[Condition, ...]:
    """Read the element ``Condition``.

    Raises:
        PolicyError: not the shape of conditions, an unknown operator, or a value that is not of
            the operator's type.
        UnsupportedPolicyError: BinaryEquals.
    """
    if not isinstance(element, dict):
        raise PolicyError("Condition is not an object")
    return tuple(_read(element, variables))


def _read(element: dict[str, Any], variables: bool) -> Iterator[Condition]:
    for name, keys in element.items():
        if not isinstance(keys, dict):
            raise PolicyError(f"{name} is not an object of condition keys")
        null = name.lower() == "null"
        check = _boolean if null else _operator(name).test.check
        for key, value in keys.items():
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
            texts = [Template.read(one, variables=variables and not null) for one in _texts(value)]
            for text in texts:
                _check(check, text, name)
            yield Condition(name, key, tuple(texts))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [_text(one) for one in values]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"{value!r} is not a value of a condition")


def _check(check: Callable[[str], object], wanted: Template, name: str) -> None:
    if not wanted.is_constant:
        return
    try:
        check(wanted.text({}) or "")
    except ValueError as error:
        raise PolicyError(f"{wanted.written!r} is not a value for {name}") from error


def _operator(name: str) -> _Operator:
    quantifier, _, plain = name.lower().rpartition(":")
    base = plain.removesuffix("ifexists")
    if base == "binaryequals":
        raise UnsupportedPolicyError(f"the condition operator {name}")
    if base not in _OPERATORS or quantifier not in ("", "forallvalues", "foranyvalue"):
        raise PolicyError(f"{name} is not a condition operator")
    test, negated = _OPERATORS[base]
    return _Operator(test, negated, quantifier, if_exists=plain != base)


def _of_texts(compare: Callable[[str, str], bool]) -> _Test:
    def test(wanted: Template, context: Context, given: str) -> bool:
        text = wanted.text(context)
        return text is not None and compare(given, text)

    return _Test(test)


def _of_patterns(compare: Callable[[Pattern, str], bool]) -> _Test:
    def test(wanted: Template, context: Context, given: str) -> bool:
        pattern = wanted.pattern(context)
        return pattern is not None and compare(pattern, given)

    return _Test(test)


def _of_values(
    read_given: Callable[[str], T],
    compare: Callable[[T, W], bool],
    read_wanted: Callable[[str], W],
) -> _Test:
    """Values of a type; what is not of that type matches nothing."""

    def test(wanted: Template, context: Context, given: str) -> bool:
        text = wanted.text(context)
        try:
            return text is not None and compare(read_given(given), read_wanted(text))
        except ValueError:
            return False

    return _Test(test, read_wanted)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite():
        raise ValueError(text)
    return number


def _time(text: str) -> datetime:
    """A date as W3C writes ISO 8601, or seconds since the epoch.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    """
    if re.fullmatch(r"[0-9]{1,11}", text):
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _same_ignoring_case(given: str, wanted: str) -> bool:
    return given.lower() == wanted.lower()


_STRING_EQUALS = _of_texts(operator.eq)
_STRING_EQUALS_IGNORING_CASE = _of_texts(_same_ignoring_case)
_STRING_LIKE = _of_patterns(patterns.matches)
#: ArnEquals and ArnLike behave identically.
_ARN_LIKE = _of_patterns(patterns.arn_matches)
_IN_NETWORK = _of_values(
    ip_address, lambda given, network: given in network, lambda text: ip_network(text, strict=False)
)
_COMPARISONS: dict[str, tuple[Callable[[Any, Any], bool], bool]] = {
    "equals": (operator.eq, False),
    "notequals": (operator.eq, True),
    "lessthan": (operator.lt, False),
    "lessthanequals": (operator.le, False),
    "greaterthan": (operator.gt, False),
    "greaterthanequals": (operator.ge, False),
}
#: Operator in lower case to its test, and whether it is negated.
_OPERATORS: dict[str, tuple[_Test, bool]] = {
    "stringequals": (_STRING_EQUALS, False),
    "stringnotequals": (_STRING_EQUALS, True),
    "stringequalsignorecase": (_STRING_EQUALS_IGNORING_CASE, False),
    "stringnotequalsignorecase": (_STRING_EQUALS_IGNORING_CASE, True),
    "stringlike": (_STRING_LIKE, False),
    "stringnotlike": (_STRING_LIKE, True),
    "arnequals": (_ARN_LIKE, False),
    "arnnotequals": (_ARN_LIKE, True),
    "arnlike": (_ARN_LIKE, False),
    "arnnotlike": (_ARN_LIKE, True),
    "bool": (_of_values(_boolean, operator.eq, _boolean), False),
    "ipaddress": (_IN_NETWORK, False),
    "notipaddress": (_IN_NETWORK, True),
    **{
        f"{kind}{name}": (_of_values(read, compare, read), negated)
        for kind, read in (("numeric", _number), ("date", _time))
        for name, (compare, negated) in _COMPARISONS.items()
    },
}
