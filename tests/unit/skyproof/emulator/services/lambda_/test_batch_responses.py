"""What a function's answer says of its batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skyproof.emulator.functions import Outcome
from skyproof.emulator.services.lambda_.batch_responses import failed_items

ALL = ["a", "b", "c"]


def named(*identifiers: Any) -> bytes:
    failures = [{"itemIdentifier": one} for one in identifiers]
    return json.dumps({"batchItemFailures": failures}).encode()


def failed(payload: bytes, error: str | None = None, *, reports: bool = True) -> list[str]:
    outcome = Outcome(payload, error, (), 0.0, 0, 0, None, False)
    return failed_items(outcome, ALL, reports=reports)


@pytest.mark.parametrize(
    "payload", [b"null", b"{}", b"", named(), b'{"batchItemFailures": null}', b'{"done": 3}']
)
def test_an_answer_without_failures_is_a_success(payload: bytes) -> None:
    assert failed(payload) == []


@pytest.mark.parametrize(
    "payload",
    [
        b"no JSON",
        b'"done"',
        named(""),
        named(None),
        named("not of the batch"),
        b'{"batchItemFailures": [{"identifier": "a"}]}',
        b'{"batchItemFailures": ["a"]}',
        b'{"batchItemFailures": "a"}',
    ],
)
def test_an_answer_that_cannot_be_read_is_a_failure_of_all(payload: bytes) -> None:
    assert failed(payload) == ALL


def test_named_items_fail_in_the_order_of_the_batch() -> None:
    assert failed(named("c", "a", "c")) == ["a", "c"]


def test_a_function_that_raises_fails_on_all_and_one_that_is_not_asked_on_none() -> None:
    assert failed(named("a"), "Unhandled") == ALL
    assert failed(named("a"), reports=False) == []
