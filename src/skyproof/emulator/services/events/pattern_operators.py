"""The tests that the values and operators of event patterns stand for.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html; the words
of refusals are those of https://github.com/aws/event-ruler.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

LARGEST_NUMBER = 5_000_000_000
DECIMALS = 6

#: Whether a leaf of an event (text, number, true, false or null) has what is asked for.
Test = Callable[[object], bool]


class PatternError(ValueError):
    """A pattern that AWS refuses; the text is AWS's, without the position in the JSON text."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


def operator_test(expression: Mapping[str, Any]) -> Test:
    """The test of an expression such as ``{"prefix": "us-"}``.

    Raises:
        PatternError: for anything that is not one operator with an operand of its kind.
    """
    if not expression:
        raise PatternError("Match expression name not found")
    name, operand = next(iter(expression.items()))
    if name not in _OPERATORS:
        raise PatternError(f"Unrecognized match type {name}")
    test = _OPERATORS[name](operand)
    if len(expression) > 1:
        raise PatternError(
            "Too many elements in numeric expression"
            if name in ("numeric", "anything-but")
            else "Only one key allowed in match expression"
        )
    return test


def present(_value: object) -> bool:
    return True


def absent(_value: object) -> bool:
    """Marks a field that may be absent; none that is there passes."""
    return False


def _exists(operand: object) -> Test:
    if not isinstance(operand, bool):
        raise PatternError("exists match pattern must be either true or false.")
    return present if operand else absent


def value_test(expected: object) -> Test:
    """300 equals 300.0 and 3.0e2, but not "300".

    Numbers that are too large or too fine to be compared are equal only in the same notation.
    """
    number = _comparable(expected)
    if number is not None:
        return lambda value: _comparable(value) == number
    return lambda value: type(value) is type(expected) and value == expected


def _text(what: str, operand: object) -> str:
    if not isinstance(operand, str):
        raise PatternError(f"{what} match pattern must be a string")
    return operand


def _on_text(test: Callable[[str], bool]) -> Test:
    return lambda value: isinstance(value, str) and test(value)


def _equals_ignore_case(operand: object) -> Test:
    folded = _text("equals-ignore-case", operand).lower()
    return _on_text(lambda value: value.lower() == folded)


def _prefix(operand: object) -> Test:
    if isinstance(operand, Mapping):
        folded = _ignoring_case("prefix", operand)
        return _on_text(lambda value: value.lower().startswith(folded))
    prefix = _text("prefix", operand)
    return _on_text(lambda value: value.startswith(prefix))


def _suffix(operand: object) -> Test:
    if isinstance(operand, Mapping):
        folded = _ignoring_case("suffix", operand)
        return _on_text(lambda value: value.lower().endswith(folded))
    suffix = _text("suffix", operand)
    return _on_text(lambda value: value.endswith(suffix))


def _ignoring_case(what: str, operand: Mapping[str, Any]) -> str:
    """The text, in lower case, of ``{"prefix": {"equals-ignore-case": text}}``."""
    if not operand:
        raise PatternError(f"{what.capitalize()} expression name not found")
    name, inner = next(iter(operand.items()))
    if name != "equals-ignore-case":
        raise PatternError(f"Unsupported {what} pattern: {name}")
    folded = _text("equals-ignore-case", inner).lower()
    if len(operand) > 1:
        raise PatternError("Only one key allowed in match expression")
    return folded


def _wildcard(operand: object) -> Test:
    first, *rest = _wildcard_parts(_text("wildcard", operand))
    if not rest:
        return _on_text(lambda value: value == first)
    *middle, last = rest

    def matches(value: str) -> bool:
        at, end = len(first), len(value) - len(last)
        if end < at or not (value.startswith(first) and value.endswith(last)):
            return False
        for part in middle:
            found = value.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return _on_text(matches)


def _wildcard_parts(text: str) -> list[str]:
    r"""What stands between the asterisks; ``\*`` and ``\\`` are the characters themselves."""
    parts, at = [""], 0
    while at < len(text):
        if text[at] == "*":
            if text[at + 1 : at + 2] == "*":
                raise PatternError(f"Consecutive wildcard characters at pos {_position(text, at)}")
            parts.append("")
        elif text[at] == "\\":
            if text[at + 1 : at + 2] not in ("*", "\\"):
                raise PatternError(f"Invalid escape character at pos {_position(text, at)}")
            at += 1
            parts[-1] += text[at]
        else:
            parts[-1] += text[at]
        at += 1
    return parts


def _position(text: str, at: int) -> int:
    """As AWS counts: in bytes, with the quote before the text."""
    return 1 + len(text[:at].encode("utf-8", "surrogatepass"))


def _anything_but(operand: object) -> Test:
    """Any value that is there and passes none of the tests: null, too."""
    if isinstance(operand, Mapping):
        tests = _anything_but_operator(operand)
    else:
        values = operand if isinstance(operand, list) else [_text_or_number(operand)]
        if not all(_is_text_or_number(value) for value in values):
            raise PatternError("Inside anything but list, start|null|boolean is not supported.")
        if len({isinstance(value, str) for value in values}) != 1:
            raise PatternError(
                "Inside anything but list, either all values are number or string, "
                "mixed type is not supported"
            )
        for value in values:
            if not isinstance(value, str):
                _number(value)
        tests = [value_test(value) for value in values]
    return lambda value: not any(test(value) for test in tests)


def _anything_but_operator(operand: Mapping[str, Any]) -> list[Test]:
    if not operand:
        raise PatternError("Anything-But expression name not found")
    name, inner = next(iter(operand.items()))
    if name not in ("equals-ignore-case", "prefix", "suffix", "wildcard"):
        raise PatternError(f"Unsupported anything-but pattern: {name}")
    values = inner if isinstance(inner, list) else [_text_or_number(inner)]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    for value in values:
        if not isinstance(value, str):
            raise PatternError(_NOT_TEXT[name])
        if not value and name in ("prefix", "suffix"):
            raise PatternError("Null prefix/suffix not allowed")
    tests = [_OPERATORS[name](value) for value in values]
    if len(operand) > 1:
        raise PatternError("Too many elements in numeric expression")
    return tests


_NOT_TEXT = {
    "equals-ignore-case": (
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
    ),
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "wildcard": "wildcard match pattern must be a string",
}


def _is_text_or_number(value: object) -> bool:
    return isinstance(value, str) or _is_number(value)


def _text_or_number(operand: object) -> object:
    if not _is_text_or_number(operand):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    return operand


def _cidr(operand: object) -> Test:
    # Sic: AWS says "prefix" here.
    text = _text("prefix", operand)
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required")
    if not (bits.removeprefix("-").isascii() and bits.removeprefix("-").isdigit()):
        raise PatternError("Malformed CIDR, mask bits must be an integer")
    if bits.startswith("-"):
        raise PatternError("Malformed CIDR, mask bits must not be negative")
    network = _network(address, min(int(bits[:9]), 999))
    return _on_text(lambda value: _is_in(network, value))


def _network(address: str, bits: int) -> IPv4Network | IPv6Network:
    try:
        found = ip_address(address)
    except ValueError:
        raise PatternError(f"Nonstandard IP address: {address}") from None
    # The whole address (/32, /128) is refused, too.
    if bits >= found.max_prefixlen:
        raise PatternError(f"IPv{found.version} mask bits must be < {found.max_prefixlen}")
    network = IPv4Network if found.version == 4 else IPv6Network
    return network((int(found), bits), strict=False)


def _is_in(network: IPv4Network | IPv6Network, value: str) -> bool:
    try:
        return ip_address(value) in network
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _comparable(value: object) -> Decimal | None:
    """The number, if it is one that EventBridge compares by value.

    "Numeric matching … is limited to values between -5.0e9 and +5.0e9 inclusive, with 15 digits of
    precision, or six digits to the right of the decimal point."
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return None
    number = Decimal(str(value))
    return number if number == round(number, DECIMALS) else None


def _number(value: object) -> Decimal:
    number = _comparable(value)
    if number is not None:
        return number
    assert isinstance(value, int | float)
    if -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise PatternError(f"Only values upto {DECIMALS} decimals are supported")
    raise PatternError("Value must be between -5.0E9 and 5.0E9, inclusive")


def _numeric(operand: object) -> Test:
    if not isinstance(operand, list):
        raise PatternError("Value of numeric must be an array.")
    compare = operand[0] if operand else "]"
    if not operand or not isinstance(compare, str):
        raise PatternError(f"Invalid member in numeric match: {compare}")
    if compare not in _COMPARE:
        raise PatternError(f"Unrecognized numeric range operator: {compare}")
    bounds = [(_COMPARE[compare], _bound(operand, 0))]
    if len(operand) > 2:
        if compare not in (">", ">="):
            raise PatternError("Too many elements in numeric expression")
        bounds.append(_upper_bound(operand))
    return lambda value: _is_within(bounds, value)


def _upper_bound(operand: list[Any]) -> tuple[_Compare, Decimal]:
    compare = operand[2]
    if not isinstance(compare, str):
        raise PatternError(f"Bad value in numeric range: {compare}")
    if compare not in ("<", "<="):
        raise PatternError(f"Bad numeric range operator: {compare}")
    top = _bound(operand, 2)
    if len(operand) > 4:
        raise PatternError("Too many terms in numeric range expression")
    if top <= _bound(operand, 0):
        raise PatternError("Bottom must be less than top")
    return _COMPARE[compare], top


def _bound(operand: list[Any], at: int) -> Decimal:
    """The number that follows an operator."""
    if len(operand) == at + 1 or not _is_number(operand[at + 1]):
        compare = "equals" if operand[at] == "=" else operand[at]
        raise PatternError(f"Value of {compare} must be numeric")
    return _number(operand[at + 1])


def _is_within(bounds: list[tuple[_Compare, Decimal]], value: object) -> bool:
    number = _comparable(value)
    return number is not None and all(compare(number, bound) for compare, bound in bounds)


_Compare = Callable[[Decimal, Decimal], bool]

_COMPARE: Mapping[str, _Compare] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_OPERATORS: Mapping[str, Callable[[object], Test]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}
