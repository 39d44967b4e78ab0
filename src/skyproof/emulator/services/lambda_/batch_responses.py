"""Which items of a batch a function has failed on.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from skyproof.emulator.functions import Outcome


def failed_items(outcome: Outcome, items: Sequence[str], *, reports: bool) -> list[str]:
    """The identifiers of those that failed, in the order of the batch.

    Args:
        reports: whether the mapping asks the function to name them (ReportBatchItemFailures). What
            it then answers that is not of the documented form, or names what was not in the batch,
            is a failure of all.
    """
    if outcome.error is not None:
        return list(items)
    if not reports:
        return []
    named = _named(outcome.payload)
    if named is None or not named <= set(items):
        return list(items)
    return [item for item in items if item in named]


def _named(payload: bytes) -> set[str] | None:
    """What the answer names; None for an answer that cannot be read."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return None
    # "An empty or null EventResponse" and "an empty or null batchItemFailures list" are success.
    if answer is None or answer == {}:
        return set()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
    if isinstance(answer, dict) and failures is None:
        return set()
    if not isinstance(failures, list) or not isinstance(answer, dict):
        return None
    identifiers = [_identifier(one) for one in failures]
    return None if None in identifiers else {one for one in identifiers if one is not None}


def _identifier(failure: Any) -> str | None:
    found = failure.get("itemIdentifier") if isinstance(failure, dict) else None
    return found if isinstance(found, str) and found else None
