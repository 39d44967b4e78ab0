"""What is mended of another emulator's answers, and what is left as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from skyproof.emulator.base import GatewayRequest
from skyproof.emulator.endpoint_mends import mended
from skyproof.emulator.target import Target

SQS = Target("123456789012", "us-east-1", "sqs")
GET = "AmazonSQS.GetQueueAttributes"


def after(body: Any, *, target: Target = SQS, operation: str = GET, status: int = 200) -> Any:
    headers = Headers({"X-Amz-Target": operation})
    environ = EnvironBuilder(method="POST", headers=headers).get_environ()
    answer = Response(json.dumps(body), status=status)
    return json.loads(mended(GatewayRequest(environ), target, answer).get_data())


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"RedriveAllowPolicy": "", "DelaySeconds": "0"}, {"Attributes": {"DelaySeconds": "0"}}),
        ({"RedriveAllowPolicy": ""}, {}),
        ({"DelaySeconds": "0"}, {"Attributes": {"DelaySeconds": "0"}}),
    ],
)
def test_attributes_that_were_cleared_are_gone(attributes: Any, expected: Any) -> None:
    assert after({"Attributes": attributes}) == expected


EMPTY = {"Attributes": {"a": ""}}


@pytest.mark.parametrize(
    "other",
    [
        {"operation": "AmazonSQS.ReceiveMessage"},
        {"target": Target("123456789012", "us-east-1", "sns")},
        {"status": 400},
    ],
)
def test_nothing_else_is_touched(other: Any) -> None:
    assert after(EMPTY, **other) == EMPTY
