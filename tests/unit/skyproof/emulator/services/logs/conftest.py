"""A group ``app`` with a stream ``one``, on a standing clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skyproof.emulator.clock import Clock

Write = Callable[..., dict[str, Any]]


@pytest.fixture
def app(client: Callable[..., Any], still: Clock) -> Any:
    """The client to Logs, with the group and the stream made."""
    logs = client("logs")
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")
    return logs


@pytest.fixture
def write(app: Any, still: Clock) -> Write:
    """``write(("text", -60), …)``: events so many seconds from now; the answer of PutLogEvents."""

    def put(*events: tuple[str, float], stream: str = "one") -> dict[str, Any]:
        now = still.now().timestamp()
        answer: dict[str, Any] = app.put_log_events(
            logGroupName="app",
            logStreamName=stream,
            logEvents=[
                {"timestamp": int((now + after) * 1000), "message": text} for text, after in events
            ],
        )
        answer.pop("ResponseMetadata")
        return answer

    return put
