"""Parts of the program inside the subprocess that need none."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from skyproof.emulator.functions import bootstrap


# The marshaller of
# https://github.com/aws/aws-lambda-python-runtime-interface-client passes bytes and knows decimals.
@pytest.mark.parametrize(
    ("result", "payload"),
    [
        (None, "null"),
        ({"a": (1, 2)}, '{"a": [1, 2]}'),
        (Decimal("12"), "12"),
        (Decimal("1.5"), "1.5"),
        (Decimal("NaN"), "NaN"),
        (b"raw", "raw"),
        (b"\xff", "\udcff"),
    ],
)
def test_results_have_lambdas_json(result: object, payload: str) -> None:
    assert bootstrap.marshal(result) == payload


def test_a_result_that_holds_itself_is_an_error() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(bootstrap.FaultException, match="Unable to marshal response: Circular"):
        bootstrap.marshal(endless)


def test_an_error_without_text_or_trace_is_logged() -> None:
    described = bootstrap.describe(KeyError(), "id")
    assert described == {
        "errorMessage": "",
        "errorType": "KeyError",
        "requestId": "id",
        "stackTrace": [],
    }
    assert bootstrap.error_event(described) == (
        "[ERROR] KeyError\nTraceback (most recent call last):"
    )


@pytest.mark.parametrize("text", [None, "", "null"])
def test_a_client_context_is_optional(text: str | None) -> None:
    if text == "null":
        with pytest.raises(bootstrap.FaultException):
            bootstrap.parse_client_context(text)
    else:
        assert bootstrap.parse_client_context(text) is None


def test_a_client_context_without_client_has_none() -> None:
    context = bootstrap.parse_client_context(json.dumps({"env": {"locale": "de"}}))
    assert context is not None
    assert (context.client, context.env, context.custom) == (None, {"locale": "de"}, None)


def test_memory_is_counted_in_megabytes() -> None:
    assert 5 < bootstrap.peak_memory() < 10_000
