"""Which records of a source a function is to see.

"If a record satisfies one or more of your filters, Lambda includes the record in the next event."
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from skyproof.emulator.services.events import pattern
from skyproof.emulator.services.lambda_.validation import invalid

Filters = Sequence[Mapping[str, str]]


def check(filters: Filters) -> None:
    """Raise InvalidParameterValueException for a pattern that is none, in the recorded words."""
    for one in filters:
        try:
            _parsed(one.get("Pattern", "{}"))
        except (pattern.PatternError, ValueError) as error:
            raise invalid("Invalid filter pattern definition.") from error


def admits(filters: Filters, record: Mapping[str, Any], member: str, content: str) -> bool:
    """Whether a record passes; without filters all do.

    Args:
        member: under which name patterns ask for the content.
        content: the text of the record's body or data. Patterns look into it where it is a JSON
            object; one that asks for fields of a plain text, or for a text in place of fields,
            drops the record.
    """
    if not filters:
        return True
    shown = {**record, member: _opened(content)}
    return any(_parsed(one.get("Pattern", "{}")).matches(shown) for one in filters)


def _opened(content: str) -> Any:
    try:
        found = json.loads(content)
    except ValueError:
        return content
    return found if isinstance(found, dict) else content


@cache
def _parsed(text: str) -> pattern.Pattern:
    return pattern.parse(json.loads(text))
