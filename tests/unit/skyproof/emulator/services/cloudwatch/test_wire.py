"""The same service over every protocol that its clients speak: CBOR, JSON and query."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import boto3
import cbor2
import pytest
from botocore.config import Config

from skyproof.emulator import Emulator
from tests.unit.skyproof.emulator.services.cloudwatch.conftest import metric_alarm

TARGET = "GraniteServiceVersion20100801"
XML = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
QUERY = {
    "Id": "m1",
    "MetricStat": {
        "Metric": {
            "Namespace": "N",
            "MetricName": "m",
            "Dimensions": [{"Name": "A", "Value": "1"}],
        },
        "Period": 60,
        "Stat": "Sum",
    },
    "ReturnData": False,
}
EXPRESSION = {"Id": "e1", "Expression": "m1 * 2", "Label": "twice", "ReturnData": True}
MATH = metric_alarm("math", MetricName=None, Namespace=None, Statistic=None, Period=None) | {
    "Metrics": [QUERY, EXPRESSION],
    "AlarmActions": [TOPIC],
    "ActionsEnabled": False,
}

Send = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Site:
    """An endpoint, and an account that no other test uses."""

    endpoint: str
    account: str


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


_accounts = count(100_000_000_000)


@pytest.fixture
def site(emulator: Emulator) -> Site:
    return Site(emulator.endpoint, str(next(_accounts)))


def post(site: Site, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    scope = f"Credential={site.account}/20260105/us-east-1/monitoring/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 {scope}"} | headers
    request = Request(site.endpoint + path, data=body, headers=signed)  # noqa: S310
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        return bytes(answer.read())


def over_cbor(site: Site) -> Send:
    def send(operation: str, params: dict[str, Any]) -> Any:
        path = f"/service/{TARGET}/operation/{operation}"
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return cbor2.loads(post(site, path, cbor2.dumps(params), headers))

    return send


def over_json(site: Site) -> Send:
    def send(operation: str, params: dict[str, Any]) -> Any:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{TARGET}.{operation}",
        }
        return json.loads(post(site, "/", json.dumps(params).encode(), headers) or b"{}")

    return send


def over_query(site: Site) -> Send:
    def send(operation: str, params: dict[str, Any]) -> Any:
        form = {"Action": operation, "Version": "2010-08-01"} | dict(flat("", params))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        root = ET.fromstring(post(site, "/", urlencode(form).encode(), headers))  # noqa: S314
        result = root.find(f"{XML}{operation}Result")
        return unfold(result) if result is not None else {}

    return send


def flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The query protocol's form fields; like Terraform's, an empty list is an empty field."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(f"{name}.{key}" if name else key, item)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value, 1):
            yield from flat(f"{name}.member.{number}", item)
    elif value == []:
        yield name, ""
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def unfold(element: ET.Element) -> Any:
    children = list(element)
    if not children:
        return element.text
    if all(child.tag == f"{XML}member" for child in children):
        return [unfold(child) for child in children]
    return {child.tag.removeprefix(XML): unfold(child) for child in children}


PROTOCOLS = [over_cbor, over_json, over_query]


@pytest.fixture(params=PROTOCOLS, ids=lambda make: str(make.__name__))
def send(request: pytest.FixtureRequest, site: Site) -> Send:
    return request.param(site)  # type: ignore[no-any-return]


@pytest.fixture
def boto(site: Site) -> Any:
    return boto3.client(
        "cloudwatch",
        region_name="us-east-1",
        aws_access_key_id=site.account,
        aws_secret_access_key="test",
        endpoint_url=site.endpoint,
        config=Config(retries={"total_max_attempts": 1}),
    )


def shape(value: Any) -> Any:
    """Values as text, as query gives them, without the times that differ from call to call."""
    if isinstance(value, dict):
        kept = {k: shape(v) for k, v in value.items() if "Timestamp" not in k}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return (
        str(float(value))
        if isinstance(value, int | float) and not isinstance(value, bool)
        else value
    )


def numbers(value: Any) -> Any:
    """Text that is a number, as the text of that float: 60 and 60.0 are the same."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return (
        str(float(value))
        if isinstance(value, str) and value.replace(".", "", 1).isdigit()
        else value
    )


@pytest.mark.parametrize("alarm", [metric_alarm("plain"), MATH], ids=["plain", "math"])
def test_an_alarm_reads_the_same(send: Send, boto: Any, alarm: dict[str, Any]) -> None:
    send("PutMetricAlarm", alarm | {"OKActions": [], "Tags": [{"Key": "k", "Value": "v"}]})
    by_boto = boto.describe_alarms()["MetricAlarms"]
    assert {name: by_boto[0].get(name) for name in alarm} == alarm
    answer = send("DescribeAlarms", {"AlarmNames": [alarm["AlarmName"]]})
    assert numbers(shape(answer["MetricAlarms"])) == numbers(shape(by_boto))
    tags = send("ListTagsForResource", {"ResourceARN": by_boto[0]["AlarmArn"]})["Tags"]
    assert tags == [{"Key": "k", "Value": "v"}]


def test_times_are_times(send: Send) -> None:
    before = datetime.now(UTC).timestamp()
    send("PutMetricAlarm", metric_alarm())
    (alarm,) = send("DescribeAlarms", {})["MetricAlarms"]
    stamp = alarm["StateUpdatedTimestamp"]
    if isinstance(stamp, str):
        stamp = datetime.fromisoformat(stamp)
    if isinstance(stamp, datetime):
        stamp = stamp.timestamp()
    assert before - 1 <= stamp <= datetime.now(UTC).timestamp() + 1


def test_composites_streams_detectors_dashboards_and_rules(send: Send, boto: Any) -> None:
    send("PutCompositeAlarm", {"AlarmName": "c", "AlarmRule": "TRUE", "ActionsEnabled": False})
    (composite,) = boto.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (composite["AlarmRule"], composite["ActionsEnabled"]) == ("TRUE", False)

    firehose = "arn:aws:firehose:us-east-1:123456789012:deliverystream/f"
    stream = {
        "Name": "s",
        "FirehoseArn": firehose,
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "OutputFormat": "json",
        "IncludeFilters": [{"Namespace": "N", "MetricNames": ["a", "b"]}],
        "ExcludeFilters": [],
    }
    assert send("PutMetricStream", stream)["Arn"].endswith("metric-stream/s")
    shown = boto.get_metric_stream(Name="s")
    assert (shown["IncludeFilters"], "ExcludeFilters" in shown) == (stream["IncludeFilters"], False)

    excluded = [{"StartTime": "2026-01-01T00:00:00Z", "EndTime": "2026-01-02T00:00:00Z"}]
    if send.__qualname__.startswith("over_cbor"):
        excluded = [{k: datetime.fromisoformat(v) for k, v in excluded[0].items()}]  # type: ignore[misc]
    single = {"Namespace": "N", "MetricName": "m", "Stat": "Sum"}
    send("PutAnomalyDetector", single | {"Configuration": {"ExcludedTimeRanges": excluded}})
    (detector,) = boto.describe_anomaly_detectors()["AnomalyDetectors"]
    assert detector["Configuration"]["ExcludedTimeRanges"] == [
        {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 2, tzinfo=UTC)}
    ]

    send("PutDashboard", {"DashboardName": "d", "DashboardBody": '{"widgets": []}'})
    assert boto.get_dashboard(DashboardName="d")["DashboardBody"] == '{"widgets": []}'


def test_metric_data_go_in_and_come_out(send: Send, boto: Any) -> None:
    send("PutMetricData", {"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": 3}]})
    (metric,) = boto.list_metrics()["Metrics"]
    assert metric == {"Namespace": "N", "MetricName": "m", "Dimensions": []}


def test_a_refusal_has_its_code(send: Send, boto: Any) -> None:
    with pytest.raises(HTTPError) as caught:
        send("PutCompositeAlarm", {"AlarmName": "c", "AlarmRule": "()"})
    text = caught.value.read().decode(errors="replace")
    assert caught.value.code == 400
    assert "Error in AlarmRule [Unsupported token ')' at char 1" in text
    if not send.__qualname__.startswith("over_query"):
        assert caught.value.headers["x-amzn-query-error"] == "ValidationError;Sender"
    else:
        assert "<Code>ValidationError</Code>" in text
    with pytest.raises(boto.exceptions.ClientError, match="ValidationError"):
        boto.put_composite_alarm(AlarmName="c", AlarmRule="()")
