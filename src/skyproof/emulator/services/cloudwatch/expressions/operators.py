"""The operators of metric math.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-arithmetic

Comparison and logic between two time series have a point where either has one; "the function treats
the missing value in the other time series as 0". They take no arrays.

Arithmetic between two has a point only where both have one: a gap stays a gap, unless FILL closes
it. Here the page says "missing values in a time series are treated as 0" as well; whoever finds
that it is so changes `_by_point` alone. Of two operands one may be an array.
"""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable

from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.values import (
    Scalar,
    Series,
    Value,
    defined,
    kind,
)

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
    "/": python.truediv,
    "^": math.pow,
}
_TRUTH: dict[str, Callable[[float, float], bool]] = {
    "==": python.eq,
    "!=": python.ne,
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
    "AND": lambda left, right: left != 0 and right != 0,
    "OR": lambda left, right: left != 0 or right != 0,
}
_OPERATORS = {**_ARITHMETIC, **_TRUTH}


def operate(operator: str, left: Value, right: Value) -> Value:
    """The result of a binary operator: ``+ - * / ^``, a comparison, ``AND`` or ``OR``.

    Raises:
        ExpressionError: for types that the operator does not take.
    """
    arrays = isinstance(left, list) + isinstance(right, list)
    if isinstance(left, str) or isinstance(right, str) or arrays > (operator in _ARITHMETIC):
        kinds = f"[{kind(left)}, {kind(right)}]"
        raise ExpressionError(f"Unsupported operand type(s) for {operator}: '{kinds}'")
    if isinstance(left, list):
        assert not isinstance(right, list)
        return [_by_point(operator, member, right) for member in left]
    if isinstance(right, list):
        return [_against(operator, left, member) for member in right]
    if isinstance(left, Series):
        return _by_point(operator, left, right)
    if isinstance(right, Series):
        return _against(operator, left, right)
    return _result(operator, left, right)


def negated(value: Value) -> Value:
    """Unary minus.

    Raises:
        ExpressionError: for a string.
    """
    return operate("-", 0.0, value)


def _by_point(operator: str, left: Series, right: Series | Scalar) -> Series:
    if not isinstance(right, Series):
        return left.mapped(lambda value: _result(operator, value, right))
    both = Series(left.label, {}, max(left.period, right.period))
    if operator in _ARITHMETIC:
        seconds = sorted(left.points.keys() & right.points.keys())
    else:
        seconds = sorted(left.points.keys() | right.points.keys())
    return both.with_points(
        (second, _result(operator, left.points.get(second, 0.0), right.points.get(second, 0.0)))
        for second in seconds
    )


def _against(operator: str, left: Series | Scalar, right: Series) -> Series:
    """As `_by_point`, for the member of an array on the right, which keeps its label."""
    if not isinstance(left, Series):
        return right.mapped(lambda value: _result(operator, left, value))
    return _by_point(operator, Series(right.label, left.points, left.period), right)


def _result(operator: str, left: float, right: float) -> float:
    if math.isnan(left) or math.isnan(right):
        return math.nan
    return defined(_OPERATORS[operator], left, right)
