"""Checks while they run, outcomes as tables and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from skyproof.probe.check import Check
from skyproof.probe.comparing import Difference
from skyproof.probe.running import Outcome, run

#: The file has all of it.
DETAIL = 160

_STYLES = {"holds": "green", "differs": "yellow", "lacks": "magenta", "fails": "red"}


def watched(out: Console, url: str, checks: Sequence[Check]) -> list[Outcome]:
    """Run checks; a terminal shows which was the last, for all of them take minutes."""
    done = 0

    def tell(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        last = escape(f"{url}: {done} of {len(checks)} checks, {outcome.service}: {outcome.what}")
        status.update(last)

    with out.status(escape(url)) as status:
        return run(url, checks, tell)


def table(outcomes: Sequence[Outcome]) -> Table:
    """Service, check, result, detail."""
    made = Table("service", "check", "result", "detail")
    for one in outcomes:
        result = Text(one.result, _STYLES[one.result])
        made.add_row(one.service, Text(one.what), result, Text(shorten(one.detail, DETAIL)))
    return made


def table_of(found: Sequence[Difference], here: str, there: str) -> Table:
    """Check, call, and what each of the two answers; a check is named once."""
    made = Table("check", "call", escape(here), escape(there), title="differences")
    before = ""
    for one in found:
        check = one.check if one.check != before else ""
        made.add_row(*map(Text, (check, one.operation, one.here, one.there)))
        before = one.check
    return made


def total(outcomes: Sequence[Outcome]) -> str:
    """``71 checks: 60 hold, 10 differ, 1 lacks``: a check counts once."""
    counts = Counter[str](one.result for one in outcomes)
    told = (f"{n} {_verb(result, n)}" for result in _STYLES if (n := counts[result]))
    return f"{_counted(len(outcomes), 'check')}: {', '.join(told)}"


def total_of(found: Sequence[Difference], here: str, there: str) -> str:
    """``3 differences in 2 checks between … and …``."""
    checks = _counted(len({one.check for one in found}), "check")
    between = f"between {here} and {there}"
    return f"{_counted(len(found), 'difference')} in {checks} {between}"


def _verb(result: str, count: int) -> str:
    return result if count == 1 else result.removesuffix("s")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


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
