"""Outcomes as tables and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from skyproof.probe.comparing import Difference
from skyproof.probe.running import Outcome

#: The file has all of it.
DETAIL = 160

_STYLES = {"holds": "green", "differs": "yellow", "lacks": "magenta", "fails": "red"}


def table(outcomes: Sequence[Outcome]) -> Table:
    """Service, check, result, detail."""
    made = Table("service", "check", "result", "detail")
    for one in outcomes:
        result = Text(one.result, _STYLES[one.result])
        made.add_row(one.service, Text(one.what), result, Text(shorten(one.detail, DETAIL)))
    return made


def table_of(found: Sequence[Difference], here: str, there: str) -> Table:
    """Check, call, and what each of the two answers."""
    made = Table("check", "call", escape(here), escape(there), title="differences")
    for one in found:
        made.add_row(*map(Text, (one.check, one.operation, one.here, one.there)))
    return made


def total(outcomes: Sequence[Outcome]) -> str:
    """``71 checks: 60 hold, 5 differ, ...``."""
    counts = Counter[str](one.result for one in outcomes)
    told = ", ".join(f"{result} {counts[result]}" for result in _STYLES if counts[result])
    return f"{len(outcomes)} checks: {told}"


def write(
    file: Path, endpoint: str, outcomes: Sequence[Outcome], found: Sequence[Difference]
) -> None:
    """Everything, with every call on record."""
    whole = {
        "endpoint": endpoint,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "checks": [one.plain() for one in outcomes],
        "differences": [asdict(one) for one in found],
    }
    file.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
