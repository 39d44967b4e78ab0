"""CloudWatch Logs Insights: queries over log events.

``parse`` reads a query, ``run`` runs it::

    run(parse("filter level = 'ERROR' | stats count(*) by service"), records).rows

Of the modules, ``syntax`` and ``expression_syntax`` read what ``scanner`` takes apart; ``commands``
and ``expressions`` are what a query is made of; ``discovery`` finds the fields of log events.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

from skyproof.emulator.services.logs.insights.commands import Query
from skyproof.emulator.services.logs.insights.discovery import Record
from skyproof.emulator.services.logs.insights.errors import QueryError
from skyproof.emulator.services.logs.insights.evaluation import Result, run
from skyproof.emulator.services.logs.insights.syntax import parse

__all__ = ["Query", "QueryError", "Record", "Result", "parse", "run"]
