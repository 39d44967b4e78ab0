"""What CloudWatch checks before it looks at its own rules: the constraints in the API's model.

The texts are those of AWS's service framework, e.g. (recorded) "1 validation error detected: Value
'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set:
[INSUFFICIENT_DATA, ALARM, OK]".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, wraps
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_to_aware_datetime

from skyproof.emulator import service, wire
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result
from skyproof.emulator.services.cloudwatch import refusals

Method = Callable[[Any, Call, Params], Result]


def operation(name: str) -> Callable[[Method], Method]:
    """As the function of that name in ``skyproof.emulator.service``, with parameters checked.

    The method sees no nulls, no members that the model lacks, floats where the model says double
    and aware datetimes, whatever protocol they came by.
    """

    def mark(method: Method) -> Method:
        @wraps(method)
        def checked(self: Any, call: Call, params: Params) -> Result:
            shape = _input_shape(name)
            values = _typed(shape, params)
            check(name, shape, values)
            return method(self, call, values)

        return service.operation(name)(checked)

    return mark


def check(name: str, shape: StructureShape, values: Params) -> None:
    """Refuse what the model forbids.

    Raises:
        AwsError: MissingParameter, for operations that declare it, or ValidationError.
    """
    missing = [m for m in shape.required_members if m not in values]
    if missing and _declares(name, "MissingParameter"):
        raise refusals.missing(missing[0])
    problems = _problems(shape, values)
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise refusals.validation(
            f"{len(problems)} validation {noun} detected: {'; '.join(problems)}",
        )


@cache
def _input_shape(name: str) -> StructureShape:
    shape: StructureShape = wire.service_model("cloudwatch").operation_model(name).input_shape
    return shape


@cache
def _declares(name: str, code: str) -> bool:
    shapes = wire.service_model("cloudwatch").operation_model(name).error_shapes
    return any(shape.error_code == code for shape in shapes)


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "timestamp": (datetime, str, int, float),
}


def _fits(shape: Shape, value: Any) -> bool:
    is_misplaced = isinstance(value, bool) and shape.type_name != "boolean"
    return not is_misplaced and isinstance(value, _PYTHON_TYPES[shape.type_name])


def _typed(shape: Shape, value: Any) -> Any:
    if not _fits(shape, value):
        raise AwsError(
            "SerializationException", f"{type(value).__name__} can not be a {shape.type_name}"
        )
    if isinstance(shape, StructureShape):
        return {
            name: _typed(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_typed(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _typed(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and not isinstance(value, datetime):
        return parse_to_aware_datetime(value)
    return float(value) if shape.type_name == "double" else value


def _problems(shape: Shape, value: Any) -> list[str]:
    found: list[str] = []
    _look(shape, value, "", found)
    return found


def _look(shape: Shape, value: Any, path: str, found: list[str]) -> None:
    """Add what is wrong with a value, or with something in it."""
    if isinstance(shape, StructureShape):
        before = f"{path}." if path else ""
        for name, member in shape.members.items():
            if name in value:
                _look(member, value[name], before + _lower_first(name), found)
            elif name in shape.required_members:
                where = before + _lower_first(name)
                found.append(_problem("null", where, "Member must not be null"))
        return
    constraint = _broken(shape, value)
    if constraint:
        found.append(_problem(_shown(value), path, constraint))
    if isinstance(shape, ListShape):
        for number, item in enumerate(value, 1):
            _look(shape.member, item, f"{path}.{number}.member", found)


def _broken(shape: Shape, value: Any) -> str | None:
    """The first constraint that a value breaks."""
    limits = shape.metadata
    if "enum" in limits and value not in limits["enum"]:
        return f"Member must satisfy enum value set: [{', '.join(_enum_order(shape))}]"
    sized = isinstance(value, str | list)
    if not sized and (isinstance(value, bool) or not isinstance(value, int | float)):
        return None
    size = len(value) if sized else value
    what = "length" if sized else "value"
    if "min" in limits and size < limits["min"]:
        return f"Member must have {what} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        return f"Member must have {what} less than or equal to {limits['max']}"
    pattern = limits.get("pattern")
    if isinstance(value, str) and pattern and not re.fullmatch(pattern, value, re.DOTALL):
        return f"Member must satisfy regular expression pattern: {pattern}"
    return None


def _enum_order(shape: Shape) -> list[str]:
    # AWS lists them in an order of its own; this one is recorded, the others are the model's.
    recorded = {"StateValue": ["INSUFFICIENT_DATA", "ALARM", "OK"]}
    return recorded.get(shape.name) or list(shape.metadata["enum"])


def _problem(shown: str, path: str, constraint: str) -> str:
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    return f"'[{', '.join(map(str, value))}]'" if isinstance(value, list) else f"'{value}'"


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
