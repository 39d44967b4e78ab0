"""Parameters of the wrong type, and of types that only some protocols have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
from werkzeug.test import Client

from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.cloudwatch.conftest import metric_alarm


@pytest.fixture
def post(world: World) -> Any:
    """``post(operation, params)`` over CBOR, unchecked by any client → (status, body)."""

    def send(operation: str, params: Any) -> tuple[int, Any]:
        scope = "Credential=123456789012/20260105/us-east-1/monitoring/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 {scope}",
            "Content-Type": "application/cbor",
            "smithy-protocol": "rpc-v2-cbor",
        }
        path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
        answer = Client(Gateway(world)).post(path, data=cbor2.dumps(params), headers=headers)
        return answer.status_code, cbor2.loads(answer.get_data() or b"\xa0")

    return send


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Threshold": "high"}, "str can not be a double"),
        ({"Threshold": True}, "bool can not be a double"),
        ({"Period": 1.5}, "float can not be a integer"),
        ({"ActionsEnabled": "yes"}, "str can not be a boolean"),
        ({"OKActions": "topic"}, "str can not be a list"),
        ({"Dimensions": ["x"]}, "str can not be a structure"),
        ({"Namespace": 1}, "int can not be a string"),
    ],
)
def test_a_wrong_type_is_a_bad_request(post: Any, change: dict[str, Any], message: str) -> None:
    status, body = post("PutMetricAlarm", metric_alarm() | change)
    assert (status, body["__type"], body["message"]) == (400, "SerializationException", message)


def test_nulls_and_strangers_are_passed_over(post: Any, cloudwatch: Any) -> None:
    status, _ = post("PutMetricAlarm", metric_alarm() | {"Unit": None, "Stranger": 1})
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (status, "Unit" in alarm) == (200, False)


@pytest.mark.parametrize("start", [1767225600, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"])
def test_times_in_any_form(post: Any, cloudwatch: Any, start: Any) -> None:
    span = {"StartTime": start, "EndTime": 1767229200}
    subject = {"Namespace": "N", "MetricName": "m", "Stat": "Sum"}
    status, _ = post(
        "PutAnomalyDetector", subject | {"Configuration": {"ExcludedTimeRanges": [span]}}
    )
    assert status == 200
    (detector,) = cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]
    (range_,) = detector["Configuration"]["ExcludedTimeRanges"]
    assert range_["StartTime"] == datetime(2026, 1, 1, tzinfo=UTC)
