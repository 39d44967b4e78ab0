"""The fields that Logs Insights finds in log events by itself.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.logs.insights.discovery import MAX_FIELDS, Record, fields
from skyproof.emulator.services.logs.insights.values import Value

FUNCTION = "123456789012:/aws/lambda/f"
ID = "8f507cfc-xmpl-4697-b07a-ac58fc914c95".replace("xmpl", "0123")
REPORT = (
    f"REPORT RequestId: {ID}\tDuration: 23.90 ms\tBilled Duration: 24 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 69 MB\tInit Duration: 166.62 ms\t\n"
    "XRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1\tSegmentId: 07f5xmpl2d1f6f85\t"
    "Sampled: true\n"
)


def found(message: str, log: str = "123456789012:/app") -> dict[str, Value]:
    """What is found in the message, beyond what all log events have."""
    everything = fields(Record(message, 1, 2, log, "s", "p"))
    own = ("@message", "@timestamp", "@ingestionTime", "@logStream", "@log", "@ptr")
    return {name: value for name, value in everything.items() if name not in own}


def test_the_fields_of_all_log_events() -> None:
    assert fields(Record("text", 1, 2, "123456789012:/app", "stream", "pointer")) == {
        "@message": "text",
        "@timestamp": 1,
        "@ingestionTime": 2,
        "@logStream": "stream",
        "@log": "123456789012:/app",
        "@ptr": "pointer",
    }


def test_the_documented_event_of_cloudtrail() -> None:
    event = {
        "eventVersion": "1.0",
        "userIdentity": {"type": "IAMUser", "userName": "Alice"},
        "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-abcde123"}]}},
        "responseElements": {"instancesSet": {"items": [{"currentState": {"code": 0}}]}},
    }
    assert found(json.dumps(event)) == {
        "eventVersion": "1.0",
        "userIdentity.type": "IAMUser",
        "userIdentity.userName": "Alice",
        "requestParameters.instancesSet.items.0.instanceId": "i-abcde123",
        "responseElements.instancesSet.items.0.currentState.code": 0,
    }


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"a": 1, "b": "1", "c": null}', {"a": 1, "b": "1"}),
        ('{"a": true, "b": false}', {"a": 1, "b": 0}),
        ('{"a": 1.50, "b": 2.0, "c": -1}', {"a": "1.50", "b": 2, "c": -1}),
        ('{"a": [1, [2, {"b": 3}]]}', {"a.0": 1, "a.1.0": 2, "a.1.1.b": 3}),
        ('{"@example.com": 1}', {"@@example.com": 1}),
        ('{"a": {}, "b": []}', {}),
        (' {"a": 1}\n', {"a": 1}),
        ("[1, 2]", {}),
        ('"text"', {}),
        ("text", {}),
        ("", {}),
        ('{"a": 1} and more', {}),
        ('INFO {"a": 1}', {}),
        ('{"a": NaN}', {}),
        ('{"a": ', {}),
        ("[" * 100_000, {}),
        ('{"a":' * 100_000, {}),
        ('{"a": ' + "1" * 5_000 + "}", {}),
    ],
)
def test_the_fields_of_a_message(message: str, expected: dict[str, Value]) -> None:
    assert found(message) == expected


def test_a_message_has_no_more_than_so_many_fields() -> None:
    message = json.dumps({f"f{i}": i for i in range(MAX_FIELDS + 1)})
    assert list(found(message)) == [f"f{i}" for i in range(MAX_FIELDS)]


@pytest.mark.parametrize(
    "message", ['INFO {"a": {"b": 1}} then', 'x\t{"a": {"b": 1}} {"c": 2}', '{"a": {"b": 1}}']
)
def test_the_first_json_in_a_functions_log_event_counts(message: str) -> None:
    assert found(message, FUNCTION) == {"a.b": 1}


def test_a_functions_report() -> None:
    assert found(REPORT, FUNCTION) == {
        "@type": "REPORT",
        "@requestId": ID,
        "@duration": "23.90",
        "@billedDuration": 24,
        "@memorySize": 128_000_000,
        "@maxMemoryUsed": 69_000_000,
        "@initDuration": "166.62",
        "@xrayTraceId": "1-5e34a614-10bdxmplf1fb44f07bc535a1",
        "@xraySegmentId": "07f5xmpl2d1f6f85",
    }


@pytest.mark.parametrize("kind", ["START", "END"])
def test_the_start_and_end_of_an_invocation(kind: str) -> None:
    message = f"{kind} RequestId: {ID} Version: $LATEST\n"
    assert found(message, FUNCTION) == {"@type": kind, "@requestId": ID}


def test_a_report_is_only_at_the_beginning_of_a_message() -> None:
    assert found(f"my {REPORT}") == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=3), JSON))
def test_no_field_is_a_structure(document: dict[str, object]) -> None:
    for value in found(json.dumps(document)).values():
        assert isinstance(value, str | int)
