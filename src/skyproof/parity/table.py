"""The parity of all tests as a table."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from skyproof.parity.records import Found

_STYLES = {"passed": "green", "failed": "red"}


def table(records: Mapping[str, Mapping[str, Found]]) -> Table:
    """Tests by backends: the outcome, with version and date of the run that found it."""
    made = Table("test", *records, title="parity")
    for test in sorted({test for found in records.values() for test in found}):
        made.add_row(Text(test), *(_cell(found.get(test)) for found in records.values()))
    return made


def _cell(found: Found | None) -> Text:
    if found is None:
        return Text("not run", "dim")
    text = Text(found.outcome, _STYLES.get(found.outcome, "yellow"))
    return text.append(f"  {found.version}, {found.date}", "dim")
