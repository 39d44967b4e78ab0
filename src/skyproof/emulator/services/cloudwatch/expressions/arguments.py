"""The arguments of a function, and the checks of their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Never

from skyproof.emulator.services.cloudwatch.expressions.errors import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.values import (
    Environment,
    Scalar,
    Series,
    Value,
    kind,
)


@dataclass(frozen=True)
class Argument:
    """A value, or else a keyword; with the id if it was written as one."""

    value: Value | None = None
    keyword: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Arguments:
    """What a function is called with.

    Positions count from 0. The methods raise ExpressionError for an argument of another type.
    """

    function: str
    given: tuple[Argument, ...]
    environment: Environment

    def __len__(self) -> int:
        return len(self.given)

    def value(self, position: int) -> Value:
        """A value of any type."""
        value = self.given[position].value
        return self.refuse(position, "a value") if value is None else value

    def scalar(self, position: int) -> Scalar:
        value = self.value(position)
        if isinstance(value, Series | list | str):
            return self.refuse(position, "Scalar")
        return value

    def text(self, position: int) -> str:
        value = self.value(position)
        return value if isinstance(value, str) else self.refuse(position, "String")

    def series(self, position: int) -> Series:
        value = self.value(position)
        return value if isinstance(value, Series) else self.refuse(position, "TimeSeries")

    def array(self, position: int) -> list[Series]:
        value = self.value(position)
        return value if isinstance(value, list) else self.refuse(position, "TimeSeries[]")

    def one_or_many(self, position: int) -> Series | list[Series]:
        value = self.value(position)
        if isinstance(value, Series | list):
            return value
        return self.refuse(position, "TimeSeries or TimeSeries[]")

    def each(self, function: Callable[[Series], Series]) -> Series | list[Series]:
        """The first argument, a time series or an array, with a function done to each."""
        value = self.one_or_many(0)
        return [function(one) for one in value] if isinstance(value, list) else function(value)

    def id(self, position: int) -> str:
        return self.given[position].id or self.refuse(position, "an Id")

    def keyword(self, position: int, *allowed: str) -> str:
        word = self.given[position].keyword
        return word if word in allowed else self.refuse(position, " or ".join(allowed))

    def refuse(self, position: int, expected: str) -> Never:
        """Raise ExpressionError: an argument is not what the function expects."""
        given = self.given[position]
        got = given.keyword if given.value is None else kind(given.value)
        raise ExpressionError(
            f"Unsupported argument {position + 1} of function '{self.function}': "
            f"'{got}', expected {expected}"
        )
