"""Functions as texts, and environments that end with their test."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from skyproof.emulator.functions import Definition, Environment, Outcome

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
REQUEST = "b7a3c1de-0000-4000-8000-000000000001"

Start = Callable[..., Environment]


def zipped(**files: str) -> bytes:
    """A zip of Python files; a double underscore in a name stands for a slash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return buffer.getvalue()


def define(code: str, **changes: Any) -> Definition:
    """A function whose module is `code`."""
    values: dict[str, Any] = {
        "name": "checkout",
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:checkout",
        "version": "$LATEST",
        "handler": "app.handler",
        "package": zipped(app=code),
        "variables": {"AWS_REGION": "eu-west-1"},
        "timeout": 30.0,
        "memory": 128,
        "log_group": "/aws/lambda/checkout",
        "log_stream": "2030/01/02/[$LATEST]0123",
    }
    return Definition(**(values | changes))


def call(environment: Environment, event: object = None, **arguments: Any) -> Outcome:
    values: dict[str, Any] = {"request_id": REQUEST, "now": NOW} | arguments
    return environment.invoke(json.dumps(event).encode(), **values)


def result(outcome: Outcome) -> Any:
    """What the handler answered; fails with its error."""
    assert outcome.error is None, outcome.payload
    return json.loads(outcome.payload)


def failure(outcome: Outcome) -> Any:
    """The error object of an invocation that failed."""
    assert outcome.error == "Unhandled", outcome.payload
    return json.loads(outcome.payload)


@pytest.fixture
def start() -> Iterator[Start]:
    """``start(code, **changes of the definition)``: an environment, closed after the test."""
    started: list[Environment] = []

    def environment(code: str, **changes: Any) -> Environment:
        started.append(Environment(define(code, **changes)))
        return started[-1]

    yield environment
    for each in started:
        each.close()
