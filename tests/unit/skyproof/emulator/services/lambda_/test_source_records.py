"""How records are divided into payloads."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.lambda_ import source_records


@given(st.lists(st.text(max_size=40), max_size=30))
def test_records_keep_their_order_in_as_few_payloads_as_fit(bodies: list[str]) -> None:
    limit = 400
    records = [{"body": body} for body in bodies]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_records, "MAX_PAYLOAD", limit)
        parts = list(source_records.fitting(records))

    assert [one for part in parts for one in part] == records
    for part in parts:
        assert len(part) == 1 or len(source_records.payload(part)) <= limit
    for part, following in pairwise(parts):
        more = [*part, following[0]]
        assert len(source_records.payload(more)) > limit - 2, "a record more had fitted"


def test_a_binary_attribute_is_base64() -> None:
    message = {
        "MessageId": "1",
        "ReceiptHandle": "r",
        "Body": "b",
        "MD5OfBody": "m",
        "MessageAttributes": {"raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
    }

    shown = source_records.of_message(message, "arn:aws:sqs:eu-west-1:123456789012:q")

    assert shown["messageAttributes"]["raw"] == {
        "binaryValue": "AP8=",
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "Binary",
    }
    assert shown["awsRegion"] == "eu-west-1"
    json.dumps(shown)
