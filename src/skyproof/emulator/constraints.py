"""What an AWS service checks before its own rules: the constraints in the API's model.

The texts are those of AWS's service framework, e.g. (recorded) "1 validation error detected: Value
'abc' at 'resourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern:
...". Nothing here belongs to one service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial, wraps
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from skyproof.emulator import service, wire
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result

Method = Callable[[Any, Call, Params], Result]
#: What a value breaks, in AWS's words; ``None`` for one that will do.
Constraint = Callable[[Any], str | None]

#: Under which code a service refuses bad parameters: the first of these that an operation declares.
_CODES = (
    "InvalidParameterException",
    "InvalidRequestException",
    "ValidationException",
    "BadRequestException",
)


def checked_operations(service_name: str) -> Callable[[str], Callable[[Method], Method]]:
    """An ``operation`` decorator for one service whose handlers see only what the model allows.

    Handlers get no nulls and no members that the model lacks.
    """

    def operation(name: str) -> Callable[[Method], Method]:
        def mark(method: Method) -> Method:
            @wraps(method)
            def checked(self: Any, call: Call, params: Params) -> Result:
                return method(self, call, check(service_name, name, params))

            return service.operation(name)(checked)

        return mark

    return operation


def check(service_name: str, operation: str, params: Params) -> Params:
    """The parameters that the model knows, without nulls.

    Raises:
        AwsError: MissingRequiredParameterException where the operation declares it, else the code
            with which the operation refuses bad parameters, else ValidationException.
    """
    asked = _input(service_name, operation)
    values: Params = asked.form.known(params)
    if asked.tells_missing:
        for name in asked.form.required:
            if name not in values:
                raise AwsError("MissingRequiredParameterException", f"Missing {name}")
    problems = list(asked.form.problems(values, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise AwsError(
            asked.code, f"{len(problems)} validation {noun} detected: {'; '.join(problems)}"
        )
    return values


class _Form:
    """A shape of a model: what it asks of its values, read off the model once.

    Every call to a service is checked: read anew each time, the model took 24 of the 82 µs of a
    PutLogEvents of three lines; now 13.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._constraints = tuple(_constraints(shape))

    def known(self, value: Any) -> Any:
        """The value without nulls and without members that the model lacks."""
        return value

    def problems(self, value: Any, path: str) -> Iterator[str]:
        """What is wrong with a value, which lies at a path of the parameters."""
        for constraint in self.broken(value):
            yield _problem(_shown(self.shape, value), path, constraint)

    def broken(self, value: Any) -> list[str]:
        """The constraints that it breaks, those of a list's or map's plain members included."""
        found = [constraint(value) for constraint in self._constraints]
        return [text for text in found if text]

    @property
    def free(self) -> bool:
        """Whether any value will do."""
        return not self._constraints


class _List(_Form):
    def __init__(self, shape: ListShape) -> None:
        super().__init__(shape)
        self._item = _form(shape.member)
        self._structures = isinstance(shape.member, StructureShape)

    def known(self, value: Any) -> Any:
        return [self._item.known(item) for item in value]

    def problems(self, value: Any, path: str) -> Iterator[str]:
        yield from super().problems(value, path)
        if self._structures:
            for number, item in enumerate(value, 1):
                yield from self._item.problems(item, f"{path}.{number}.member")

    @property
    def free(self) -> bool:
        return super().free and not self._structures


class _Map(_Form):
    def __init__(self, shape: MapShape) -> None:
        super().__init__(shape)
        self._value = _form(shape.value)

    def known(self, value: Any) -> Any:
        return {key: self._value.known(item) for key, item in value.items()}


class _Structure(_Form):
    @cached_property
    def required(self) -> list[str]:
        return list(self.shape.required_members)

    @cached_property
    def _members(self) -> dict[str, _Form]:
        """Read when they are asked for: a structure may hold itself."""
        return {name: _form(member) for name, member in self.shape.members.items()}

    @cached_property
    def _checked(self) -> list[tuple[str, str, _Form, bool]]:
        """The members with which something can be wrong, and whether they must be there."""
        return [
            (name, _lower_first(name), form, name in self.required)
            for name, form in self._members.items()
            if name in self.required or not form.free
        ]

    def known(self, value: Any) -> Any:
        return {
            name: form.known(value[name])
            for name, form in self._members.items()
            if value.get(name) is not None
        }

    def problems(self, value: Any, path: str) -> Iterator[str]:
        for name, told, form, required in self._checked:
            where = f"{path}.{told}" if path else told
            if name in value:
                yield from form.problems(value[name], where)
            elif required:
                yield _problem("null", where, "Member must not be null")

    @property
    def free(self) -> bool:
        return False


def _form(shape: Shape) -> _Form:
    if isinstance(shape, StructureShape):
        return _Structure(shape)
    if isinstance(shape, ListShape):
        return _List(shape)
    return _Map(shape) if isinstance(shape, MapShape) else _Form(shape)


@dataclass(frozen=True)
class _Input:
    """What an operation takes, and with which code it refuses."""

    form: _Structure
    code: str
    tells_missing: bool


@cache
def _input(service_name: str, operation: str) -> _Input:
    model = wire.service_model(service_name).operation_model(operation)
    codes = {error.name for error in model.error_shapes}
    return _Input(
        _Structure(model.input_shape),
        next((code for code in _CODES if code in codes), "ValidationException"),
        "MissingRequiredParameterException" in codes,
    )


def _constraints(shape: Shape) -> Iterator[Constraint]:
    limits = shape.metadata
    if "enum" in limits:
        yield partial(_not_of, limits["enum"])
    if "min" in limits or "max" in limits:
        yield partial(_out_of_range, limits)
    if limits.get("pattern"):
        yield partial(_unlike, limits["pattern"])
    if isinstance(shape, ListShape) and not isinstance(shape.member, StructureShape):
        yield from _of_members("Member", shape.member, iter)
    if isinstance(shape, MapShape):
        yield from _of_members("Map keys", shape.key, dict.keys)
        yield from _of_members("Map value", shape.value, dict.values)


def _of_members(
    what: str, shape: Shape, members: Callable[[Any], Iterable[Any]]
) -> Iterator[Constraint]:
    form = _Form(shape)
    if form.free:
        return

    def constraint(value: Any) -> str | None:
        broken = dict.fromkeys(text for member in members(value) for text in form.broken(member))
        return f"{what} must satisfy constraint: [{', '.join(broken)}]" if broken else None

    yield constraint


def _not_of(values: list[Any], value: Any) -> str | None:
    if value in values:
        return None
    return f"Member must satisfy enum value set: [{', '.join(values)}]"


def _unlike(pattern: str, value: Any) -> str | None:
    if not isinstance(value, str) or _compiled(pattern).fullmatch(value):
        return None
    return f"Member must satisfy regular expression pattern: {pattern}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of the models, in Java's dialect, for Python's, which has no ``\p{...}``."""
    for java, python in ((r"\p{L}", r"\w"), (r"\p{N}", r"\w"), (r"\p{Z}", _SPACES)):
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


#: Unicode's separators (category Z), for use within a character class.
_SPACES = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


_SIZED, _NUMBERS = (str, bytes, list, dict), (int, float)


def _out_of_range(limits: dict[str, Any], value: Any) -> str | None:
    size: float
    if isinstance(value, _SIZED):
        size, what = len(value), "length"
    elif isinstance(value, _NUMBERS) and not isinstance(value, bool):
        size, what = value, "value"
    else:
        return None
    if "min" in limits and size < limits["min"]:
        return f"Member must have {what} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        return f"Member must have {what} less than or equal to {limits['max']}"
    return None


def _problem(shown: str, path: str, constraint: str) -> str:
    value = f"Value {shown}" if shown else "Value"
    return f"{value} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(shape: Shape, value: Any) -> str:
    if shape.type_name in ("blob", "map"):
        return ""
    return f"'[{', '.join(map(str, value))}]'" if isinstance(value, list) else f"'{value}'"


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
