"""A role and packages for functions."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from skyproof.emulator.functions import Outcome
from skyproof.emulator.services.lambda_ import Lambda
from skyproof.emulator.world import World

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def package(source: str = "def handler(event, context): ...") -> bytes:
    """A zip archive with one module; the same bytes for the same source."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py"), source)
    return content.getvalue()


@pytest.fixture
def create(client: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """``create(name="orders", **members)``: a function with what CreateFunction requires.

    A member that is None is left out.
    """

    def make(name: str = "orders", **members: Any) -> dict[str, Any]:
        iam = client("iam")
        role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=TRUST)["Role"]
        required = {
            "Runtime": "python3.12",
            "Handler": "main.handler",
            "Code": {"ZipFile": package()},
        }
        given = {key: value for key, value in (required | members).items() if value is not None}
        created: dict[str, Any] = client("lambda").create_function(
            FunctionName=name, Role=role["Arn"], **given
        )
        return created

    return make


class Handler:
    """Stands in for the process of every function: what it was given, and what it answers.

    Attributes:
        answer: from the records of a batch to the function's result; it may raise, as a function
            may. Lambda's own refusals are AwsErrors.
    """

    def __init__(self, world: World) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.times: list[datetime] = []
        self.answer: Callable[[list[dict[str, Any]]], Any] = lambda _records: None
        self._clock = world.clock

    def __call__(
        self, _call: Any, _found: Any, payload: bytes, _age: float | None
    ) -> tuple[str, Outcome]:
        records = json.loads(payload)["Records"]
        self.batches.append(records)
        self.times.append(self._clock.now())
        error = None
        try:
            result = json.dumps(self.answer(records)).encode()
        except ValueError as raised:
            error, result = "Unhandled", json.dumps({"errorMessage": str(raised)}).encode()
        return f"request-{len(self.batches)}", Outcome(result, error, (), 0.0, 0, 0, None, False)

    def seen(self, member: str) -> list[list[Any]]:
        """One member of each record, batch by batch."""
        return [[record[member] for record in batch] for batch in self.batches]

    def data(self) -> list[list[str]]:
        """The data of streams' records, batch by batch."""
        return [[b64decode(one["kinesis"]["data"]).decode() for one in b] for b in self.batches]


@pytest.fixture
def handler(world: World, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """What event sources hand over goes here instead of to a process."""
    made = Handler(world)
    monkeypatch.setattr(Lambda.of(world), "hand_over", made)
    return made
