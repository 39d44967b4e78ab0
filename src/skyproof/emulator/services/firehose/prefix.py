"""Prefixes of object keys, with their expressions.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from skyproof.emulator.errors import AwsError, OperationNotImplementedError

RANDOM_LENGTH = 11

_EXPRESSION = re.compile(r"!\{([^{}:]*):([^{}]*)\}")
_ERROR_TYPE = "!{firehose:error-output-type}"
_DEFAULT = "yyyy/MM/dd/HH/"
_OF_PARTITIONS = "partitionKeyFrom"

#: Letter of Java's DateTimeFormatter → the number it stands for, and how often it may stand.
_FIELDS: dict[str, tuple[Callable[[datetime], int], int]] = {
    "y": (lambda moment: moment.year, 4),
    "u": (lambda moment: moment.year, 4),
    "M": (lambda moment: moment.month, 2),
    "d": (lambda moment: moment.day, 2),
    "D": (lambda moment: moment.timetuple().tm_yday, 3),
    "H": (lambda moment: moment.hour, 2),
    "m": (lambda moment: moment.minute, 2),
    "s": (lambda moment: moment.second, 2),
}
_PART = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']")

Draw = Callable[[], str]


def check(prefix: str, error_prefix: str) -> None:
    """Refuse a pair of prefixes that breaks the documented rules; empty ones were not given.

    Raises:
        AwsError: InvalidArgumentException, or NotImplemented for what is not evaluated here.
    """
    for text in (prefix, error_prefix):
        _check_expressions(text)
    if _ERROR_TYPE in prefix:
        raise _invalid(f"Prefix cannot contain {_ERROR_TYPE}")
    if "!{" in prefix and not error_prefix:
        raise _invalid("ErrorOutputPrefix cannot be null when Prefix contains expressions")
    if "!{" in error_prefix and _ERROR_TYPE not in error_prefix:
        raise _invalid(f"ErrorOutputPrefix must contain at least one instance of {_ERROR_TYPE}")


def evaluate(prefix: str, oldest: datetime, draw: Draw) -> str:
    """The prefix of delivered records.

    Args:
        oldest: the arrival of the oldest record, in the time zone of the destination.
        draw: gives a new random string of 11 characters.
    """
    if "!{" not in prefix:
        return prefix + format_time(_DEFAULT, oldest)
    return _replace(prefix, oldest, draw, "")


def evaluate_error(
    error_prefix: str, prefix: str, error_type: str, oldest: datetime, draw: Draw
) -> str:
    """The prefix of records that could not be delivered, e.g. of the type ``processing-failed``."""
    if "!{" not in error_prefix:
        return f"{error_prefix or prefix}{error_type}/{format_time(_DEFAULT, oldest)}"
    return _replace(error_prefix, oldest, draw, error_type)


def format_time(pattern: str, moment: datetime) -> str:
    """A time as Java's DateTimeFormatter writes it.

    https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html

    Raises:
        AwsError: the pattern is broken, or uses letters that are not implemented.
    """
    done, written = 0, []
    for found in _PART.finditer(pattern):
        if found.start() != done:
            break
        done = found.end()
        written.append(_written(found[0], found[1], moment))
    if done != len(pattern):
        raise _invalid(f"a literal of the timestamp pattern {pattern!r} does not end")
    return "".join(written)


def _written(part: str, letter: str | None, moment: datetime) -> str:
    if part.startswith("'"):
        return "'" if part == "''" else part[1:-1].replace("''", "'")
    if letter is None:
        if part in "[]#":
            raise OperationNotImplementedError("firehose", f"timestamp patterns with {part}")
        return part
    value_of, longest = _FIELDS.get(letter, (None, 0))
    if value_of is None or len(part) > longest:
        raise OperationNotImplementedError("firehose", f"the timestamp pattern letters {part}")
    value = value_of(moment)
    if letter in "yu" and len(part) == 2:
        value %= 100
    return f"{value:0{len(part)}d}"


def _replace(text: str, moment: datetime, draw: Draw, error_type: str) -> str:
    def value(expression: re.Match[str]) -> str:
        if expression[1] == "timestamp":
            return format_time(expression[2], moment)
        return draw() if expression[2] == "random-string" else error_type

    return _EXPRESSION.sub(value, text)


def _check_expressions(text: str) -> None:
    # Any time will do to see whether a pattern can be written.
    some_time = datetime(2000, 1, 1)  # noqa: DTZ001 (it is thrown away)
    for namespace, value in _EXPRESSION.findall(text):
        if namespace == "timestamp":
            format_time(value, some_time)
        elif namespace.startswith(_OF_PARTITIONS):
            raise OperationNotImplementedError("firehose", f"prefixes with !{{{namespace}:…}}")
        elif namespace != "firehose" or value not in ("random-string", "error-output-type"):
            raise _invalid(f"!{{{namespace}:{value}}} is no expression of a prefix")
    if "!{" in _EXPRESSION.sub("", text):
        raise _invalid("the sequence !{ can only appear in !{namespace:value} expressions")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
