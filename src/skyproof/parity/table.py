"""The parity of all tests as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

from rich.table import Table
from rich.text import Text

from skyproof.parity.records import Found

_STYLES = {"passed": "green", "failed": "red"}
NOT_RUN = "not run"

Records = Mapping[str, Mapping[str, Found]]


def table(records: Records) -> Table:
    """Tests by backends, a section for each file.

    The heading of a backend has the version and the date of its latest run, a cell those of its own
    where they are others.
    """
    latest = {backend: _latest(found.values()) for backend, found in records.items()}
    made = Table("test", title="parity")
    for backend, run in latest.items():
        made.add_column(Text(f"{backend} {run}"))
    made.columns[0].overflow = "fold"
    for file, tests in groupby(sorted(_tests(records)), _file):
        made.add_section()
        made.add_row(Text(file, "bold"))
        for test in tests:
            cells = (
                _cell(found.get(test), backend, latest[backend])
                for backend, found in records.items()
            )
            made.add_row(Text("  " + test.removeprefix(f"{file}::")), *cells)
    return made


def total(records: Records) -> str:
    """``192 tests; localstack: 190 passed, 2 skipped``."""
    tests = _tests(records)
    told = ["1 test" if len(tests) == 1 else f"{len(tests)} tests"]
    for backend, found in records.items():
        kinds = Counter(_kind(found.get(test)) for test in tests)
        counted = (f"{count} {kind}" for kind, count in sorted(kinds.items()))
        told.append(f"{backend}: {', '.join(counted)}")
    return "; ".join(told)


def _tests(records: Records) -> set[str]:
    return {test for found in records.values() for test in found}


def _file(test: str) -> str:
    return test.partition("::")[0]


def _kind(found: Found | None) -> str:
    return found.outcome.partition(":")[0] if found else NOT_RUN


def _run(found: Found) -> str:
    return f"{found.version}, {found.date}"


def _latest(found: Iterable[Found]) -> str:
    return _run(max(found, key=lambda one: one.date))


def _cell(found: Found | None, backend: str, latest: str) -> Text:
    if found is None:
        return Text(NOT_RUN, "dim")
    # The heading says which backend it is.
    outcome = found.outcome.replace(f"does not hold on {backend}: ", "")
    text = Text(outcome, _STYLES.get(outcome, "yellow"))
    return text if _run(found) == latest else text.append(f"  {_run(found)}", "dim")
