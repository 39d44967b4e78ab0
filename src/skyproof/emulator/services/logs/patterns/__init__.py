"""Filter patterns: what metric filters, subscription filters and FilterLogEvents look for.

Three languages, told apart by their first character: terms (:mod:`.terms`), ``{ … }`` for JSON
(:mod:`.json_pattern`), ``[ … ]`` for space-delimited columns (:mod:`.columns`).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

from skyproof.emulator.services.logs.patterns import columns, json_pattern, terms
from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.match import Match, Pattern

__all__ = ["Match", "Pattern", "PatternError", "parse"]

#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
MAX_LENGTH = 1024


def parse(text: str) -> Pattern:
    """Read a filter pattern; an empty one matches every message.

    Raises:
        PatternError: with what is wrong and at which character, counted from 0.
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(f"must not be longer than {MAX_LENGTH} characters", MAX_LENGTH)
    match text.lstrip()[:1]:
        case "{":
            return json_pattern.parse(text)
        case "[":
            return columns.parse(text)
        case _:
            return terms.parse(text)
