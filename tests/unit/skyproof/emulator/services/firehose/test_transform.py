"""A function's answer counts for a record or fails it, one by one.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.firehose import transform
from skyproof.emulator.services.firehose.buffer import Record, in_chunks
from skyproof.emulator.services.firehose.transform import Failure, UnreadableAnswer

ARRIVED = datetime(2026, 1, 5, tzinfo=UTC)
RECORDS = [Record(name, name.encode(), ARRIVED) for name in ("a", "b")]


def result(record_id: str, outcome: str = "Ok", data: str | None = "new") -> dict[str, Any]:
    encoded = {} if data is None else {"data": b64encode(data.encode()).decode()}
    return {"recordId": record_id, "result": outcome, **encoded}


def answer(*results: Any) -> bytes:
    return json.dumps({"records": results}).encode()


def read(*results: Any) -> tuple[list[tuple[str, bytes]], list[tuple[str, str]]]:
    """(id, data) of what was transformed, (id, error code) of what failed."""
    found = transform.read(answer(*results), RECORDS)
    done = [(record.id, record.data) for record in found.done]
    return done, [(record.id, failure.code) for record, failure in found.failed]


def test_transformed_data_takes_the_place_of_what_was_put() -> None:
    assert read(result("a"), result("b", data="B")) == ([("a", b"new"), ("b", b"B")], [])


def test_records_keep_their_order_whatever_the_answers() -> None:
    assert [name for name, _ in read(result("b"), result("a"))[0]] == ["a", "b"]


def test_a_dropped_record_is_neither_done_nor_failed() -> None:
    assert read(result("a", "Dropped", None), result("b")) == ([("b", b"new")], [])


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([result("a", "ProcessingFailed", None)], "Lambda.ProcessingFailedStatus"),
        ([], "Lambda.MissingRecordId"),
        ([result("foreign")], "Lambda.MissingRecordId"),
        ([result("a"), result("a")], "Lambda.DuplicatedRecordId"),
    ],
)
def test_a_record_fails_alone(results: list[Any], code: str) -> None:
    assert read(*results, result("b")) == ([("b", b"new")], [("a", code)])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"records": {}}',
        b"[" * 100_000,
        answer("a"),
        answer({"result": "Ok", "data": ""}),
        answer({"recordId": 1, "result": "Ok", "data": ""}),
        answer(result("a", "ok")),
        answer({"recordId": "a", "result": ["Ok"], "data": ""}),
        answer(result("a", data=None)),
        answer({"recordId": "a", "result": "Ok", "data": "no base64!"}),
        answer({"recordId": "a", "result": "Ok", "data": 5}),
    ],
)
def test_an_answer_of_another_form_counts_for_nothing(text: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        transform.read(text, RECORDS)


@given(st.lists(st.sampled_from(["a", "b", "c"])), st.sampled_from(["Ok", "ProcessingFailed"]))
def test_every_record_has_one_outcome(ids: list[str], outcome: str) -> None:
    done, failed = read(*(result(name, outcome) for name in ids))
    assert sorted([name for name, _ in done] + [name for name, _ in failed]) == ["a", "b"]


def test_the_event_is_the_documented_one() -> None:
    arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"
    assert json.loads(transform.payload(RECORDS[:1], "i", arn, "us-east-1")) == {
        "invocationId": "i",
        "deliveryStreamArn": arn,
        "region": "us-east-1",
        "records": [
            {"recordId": "a", "approximateArrivalTimestamp": 1767571200000, "data": "YQ=="}
        ],
    }


def test_a_failed_record_is_written_as_a_line() -> None:
    """https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html"""
    failure = Failure.known("Lambda.FunctionError")
    line = transform.error_line(RECORDS[0], failure, attempts=4, ended=ARRIVED, function="f")
    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "attemptsMade": 4,
        "arrivalTimestamp": 1767571200000,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": (
            "The Lambda function was successfully invoked but it returned an error result."
        ),
        "attemptEndingTimestamp": 1767571200000,
        "rawData": "YQ==",
        "lambdaArn": "f",
    }


def test_a_refusal_without_words_of_firehose_keeps_those_of_lambda() -> None:
    failure = Failure.of_refusal("ServiceException", "broken")
    assert failure == Failure("Lambda.ServiceException", "broken")


@given(st.lists(st.integers(0, 9)), st.integers(1, 20))
def test_chunks_are_within_the_limit_and_lose_nothing(sizes: list[int], limit: int) -> None:
    records = [Record(str(n), b"x" * size, ARRIVED) for n, size in enumerate(sizes)]
    chunks = list(in_chunks(records, sizes, limit))
    assert [record for chunk in chunks for record in chunk] == records
    assert all(
        len(chunk) == 1 or 0 < sum(len(record.data) for record in chunk) <= limit
        for chunk in chunks
        if any(record.data for record in chunk)
    )


def test_the_payload_of_many_small_records_is_limited_as_well() -> None:
    records = [Record(f"{n:036}", b"x", ARRIVED) for n in range(60_000)]
    chunks = list(transform.chunks(records, 1024 * 1024))
    payloads = [transform.payload(chunk, "i" * 36, "a" * 100, "us-east-1") for chunk in chunks]
    assert len(payloads) == 2
    assert all(len(payload) <= 6 * 1024 * 1024 for payload in payloads)
