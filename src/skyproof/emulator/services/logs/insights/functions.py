"""The functions of queries. One that gets a missing field, or what it cannot work on, gives none.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from skyproof.emulator.services.logs.insights.errors import QueryError
from skyproof.emulator.services.logs.insights.values import (
    MAX_TEXT,
    Number,
    Timestamp,
    Value,
    finite,
    number,
    text,
)

Apply: TypeAlias = Callable[..., Value]

#: Documented functions that raise an error that names them.
NOT_IMPLEMENTED = frozenset(
    "case if isipinsubnet isipv4insubnet isipv6insubnet isvalidip isvalidipv4 isvalidipv6 "
    "jsonparse jsonstringify now regexmatch urldecode urlencode".split()
)


@dataclass(frozen=True)
class Function:
    """A function of values, and how many it takes; ``most`` is None for any number."""

    apply: Apply
    least: int = 1
    most: int | None = 1

    def takes(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)


def calculate(operator: str, left: Value, right: Value) -> Value:
    """An arithmetic operation; nothing where there is no number, as for a division by zero."""
    a, b = number(left), number(right)
    if a is None or b is None:
        return None
    try:
        return finite(_OPERATIONS[operator](a, b))
    except (ArithmeticError, ValueError):
        return None


_OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    # The remainder of Java and C has the sign of the dividend.
    "%": math.fmod,
    # Not Python's, which would make 9^9^9 an integer of many digits.
    "^": math.pow,
}


def _of_numbers(apply: Callable[..., Number]) -> Apply:
    def applied(*arguments: Value) -> Value:
        numbers = [found for one in arguments if (found := number(one)) is not None]
        if len(numbers) < len(arguments):
            return None
        try:
            return finite(apply(*numbers))
        except (ArithmeticError, ValueError):
            return None

    return applied


def _of_texts(apply: Apply) -> Apply:
    def applied(*arguments: Value) -> Value:
        if None in arguments:
            return None
        return apply(*map(text, arguments))

    return applied


def _extreme(choose: Callable[..., Number]) -> Apply:
    # Of one argument, Python's max and min would want a list.
    return _of_numbers(lambda *numbers: choose(numbers))


def _from_millis(value: Value) -> Value:
    milliseconds = number(value)
    return None if milliseconds is None else Timestamp(milliseconds)


def _to_millis(value: Value) -> Value:
    return int(value) if isinstance(value, Timestamp) else None


def _concat(*parts: str) -> str:
    _bound(sum(map(len, parts)))
    return "".join(parts)


def _replace(whole: str, old: str, new: str) -> str:
    if not old:
        return whole
    _bound(len(whole) + whole.count(old) * (len(new) - len(old)))
    return whole.replace(old, new)


def _bound(length: int) -> None:
    if length > MAX_TEXT:
        raise QueryError(f"A text of {length} characters is longer than {MAX_TEXT}")


def _substr(whole: str, start: str, length: str | None = None) -> Value:
    first, count = number(start), len(whole) if length is None else number(length)
    if first is None or count is None or first < 0 or count < 0:
        return None
    return whole[int(first) : int(first) + int(count)]


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


#: By name in lower case.
FUNCTIONS: dict[str, Function] = {
    "abs": Function(_of_numbers(abs)),
    "ceil": Function(_of_numbers(math.ceil)),
    "floor": Function(_of_numbers(math.floor)),
    "greatest": Function(_extreme(max), most=None),
    "least": Function(_extreme(min), most=None),
    "log": Function(_of_numbers(math.log)),
    "sqrt": Function(_of_numbers(math.sqrt)),
    "frommillis": Function(_from_millis),
    "tomillis": Function(_to_millis),
    "ispresent": Function(lambda value: int(value is not None)),
    "coalesce": Function(_coalesce, most=None),
    "isempty": Function(lambda value: int(not text(value))),
    "isblank": Function(lambda value: int(not text(value).strip())),
    "concat": Function(_of_texts(_concat), most=None),
    "ltrim": Function(_of_texts(str.lstrip), most=2),
    "rtrim": Function(_of_texts(str.rstrip), most=2),
    "trim": Function(_of_texts(str.strip), most=2),
    "strlen": Function(_of_texts(len)),
    "toupper": Function(_of_texts(str.upper)),
    "tolower": Function(_of_texts(str.lower)),
    "substr": Function(_of_texts(_substr), least=2, most=3),
    "replace": Function(_of_texts(_replace), least=3, most=3),
    "strcontains": Function(_of_texts(lambda whole, part: int(part in whole)), least=2, most=2),
}
