"""Running a query over log events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skyproof.emulator.services.logs.insights.commands import Query, Table
from skyproof.emulator.services.logs.insights.discovery import Record, fields
from skyproof.emulator.services.logs.insights.expressions import Row
from skyproof.emulator.services.logs.insights.values import text

_DEFAULT = ["@timestamp", "@message"]
_POINTER = "@ptr"


@dataclass
class Result:
    """What GetQueryResults answers.

    Attributes:
        rows: each row's fields and their values in order, without the fields that it does not
            have; rows that are log events have ``@ptr``, too.
        matched: how many log events passed the filters.
        scanned: how many there were.
        bytes_scanned: the size of their messages.
    """

    rows: list[dict[str, str]]
    matched: int
    scanned: int
    bytes_scanned: int


def run(query: Query, records: Iterable[Record], limit: int = 1000) -> Result:
    """Run a query over log events; the newest are first where it does not sort.

    Args:
        limit: the most rows of the result, also where the query's own limit is higher.

    Raises:
        QueryError: a result would be too large.
    """
    scanned = sorted(records, key=lambda record: record.timestamp, reverse=True)
    table = Table([Row(fields(record)) for record in scanned], matched=len(scanned))
    for command in query.commands:
        command.apply(table)
    names = table.displayed or table.shown or _DEFAULT
    if not table.is_aggregated:
        names = [*names, _POINTER]
    return Result(
        [_shown(row, names) for row in table.rows[:limit]],
        table.matched,
        len(scanned),
        sum(len(record.message.encode(errors="replace")) for record in scanned),
    )


def _shown(row: Row, names: list[str]) -> dict[str, str]:
    values = {name: row.values.get(name) for name in names}
    return {name: text(value) for name, value in values.items() if value is not None}
