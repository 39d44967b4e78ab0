"""What an AWS service checks before its own rules: the constraints in the API's model.

The texts are those of AWS's service framework, e.g. (recorded) "1 validation error detected: Value
'abc' at 'resourceArn' failed to satisfy constraint: Member must satisfy regular expression pattern:
...". Nothing here belongs to one service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from skyproof.emulator import service, wire
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result

Method = Callable[[Any, Call, Params], Result]

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
    model = wire.service_model(service_name).operation_model(operation)
    shape = _input_shape(service_name, operation)
    codes = {error.name for error in model.error_shapes}
    values: Params = _known(shape, params)
    missing = [name for name in shape.required_members if name not in values]
    if missing and "MissingRequiredParameterException" in codes:
        raise AwsError("MissingRequiredParameterException", f"Missing {missing[0]}")
    problems = list(_problems(shape, values, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise AwsError(
            next((code for code in _CODES if code in codes), "ValidationException"),
            f"{len(problems)} validation {noun} detected: {'; '.join(problems)}",
        )
    return values


@cache
def _input_shape(service_name: str, operation: str) -> StructureShape:
    shape: StructureShape = wire.service_model(service_name).operation_model(operation).input_shape
    return shape


def _known(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = ((name, member, value.get(name)) for name, member in shape.members.items())
        return {name: _known(member, item) for name, member, item in members if item is not None}
    if isinstance(shape, ListShape):
        return [_known(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _known(shape.value, item) for key, item in value.items()}
    return value


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            where = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
            if name in value:
                yield from _problems(member, value[name], where)
            elif name in shape.required_members:
                yield _problem("null", where, "Member must not be null")
        return
    for constraint in _broken(shape, value):
        yield _problem(_shown(shape, value), path, constraint)
    if isinstance(shape, ListShape) and isinstance(shape.member, StructureShape):
        for number, item in enumerate(value, 1):
            yield from _problems(shape.member, item, f"{path}.{number}.member")


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints that a value breaks, those of a list's or map's plain members included."""
    limits = shape.metadata
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    yield from _out_of_range(limits, value)
    pattern = limits.get("pattern")
    if isinstance(value, str) and pattern and not _compiled(pattern).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {pattern}"
    if isinstance(shape, ListShape) and not isinstance(shape.member, StructureShape):
        yield from _broken_members("Member", shape.member, value)
    if isinstance(shape, MapShape):
        yield from _broken_members("Map keys", shape.key, value)
        yield from _broken_members("Map value", shape.value, value.values())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of the models, in Java's dialect, for Python's, which has no ``\p{...}``."""
    for java, python in ((r"\p{L}", r"\w"), (r"\p{N}", r"\w"), (r"\p{Z}", _SPACES)):
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


#: Unicode's separators (category Z), for use within a character class.
_SPACES = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def _out_of_range(limits: dict[str, Any], value: Any) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, str | bytes | list | dict | int | float):
        return
    size, what = (value, "value") if isinstance(value, int | float) else (len(value), "length")
    if "min" in limits and size < limits["min"]:
        yield f"Member must have {what} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"Member must have {what} less than or equal to {limits['max']}"


def _broken_members(what: str, shape: Shape, values: Any) -> Iterator[str]:
    broken = dict.fromkeys(text for value in values for text in _broken(shape, value))
    if broken:
        yield f"{what} must satisfy constraint: [{', '.join(broken)}]"


def _problem(shown: str, path: str, constraint: str) -> str:
    value = f"Value {shown}" if shown else "Value"
    return f"{value} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(shape: Shape, value: Any) -> str:
    if shape.type_name in ("blob", "map"):
        return ""
    return f"'[{', '.join(map(str, value))}]'" if isinstance(value, list) else f"'{value}'"


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
