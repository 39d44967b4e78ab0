"""Log lines as JSON objects, which Lambda's JSON log format takes over as they are.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

import json
from datetime import UTC, datetime
from typing import Literal

Level = Literal["DEBUG", "INFO", "WARN", "ERROR"]


def log(level: Level, message: str, **fields: object) -> None:
    """Write one line; ``timestamp`` (RFC 3339) and ``level`` are what Lambda filters by."""
    timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"timestamp": timestamp, "level": level, "message": message, **fields}
    print(json.dumps(line, default=str), flush=True)
