"""What metric streams send."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.stream_formats import (
    MAX_RECORD,
    StreamedDatum,
    as_json,
    as_opentelemetry,
    records,
)

#: The example of
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-json.html
DISK = StreamedDatum(
    stream="MyMetricStream",
    account="1234567890",
    region="us-east-1",
    namespace="AWS/EC2",
    name="DiskWriteOps",
    dimensions=(("InstanceId", "i-123456789012"),),
    second=1_611_929_698,
    unit="Seconds",
    count=3.0,
    sum=20.0,
    maximum=18.0,
    minimum=0.0,
    statistics={"p99": 17.56, "p99.9": 17.8764, "TM(25%:75%)": 16.43},
)
#: The first data point of the example of
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-opentelemetry-100.html
#: whose unit, "NoneTranslated", stands for what the table of translations has for None.
TABLE = StreamedDatum(
    stream="MyMetricStream",
    account="123456789012",
    region="us-east-1",
    namespace="AWS/DynamoDB",
    name="ConsumedReadCapacityUnits",
    dimensions=(("TableName", "MyTable"),),
    second=60,
    unit="None",
    count=1.0,
    sum=1.0,
    maximum=1.0,
    minimum=1.0,
    statistics={"p95": 1.0, "p99": 1.0},
)
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:metric-stream/MyMetricStream"

#: Messages as opentelemetry-proto 1.0 defines them: the name of each field, and what it holds.
ANY_VALUE: dict[int, tuple[str, Any]] = {1: ("string_value", str)}
KEY_VALUE = {1: ("key", str), 2: ("value", ANY_VALUE)}
ANY_VALUE[6] = ("kvlist_value", {1: ("values", [KEY_VALUE])})
RESOURCE = {1: ("attributes", [KEY_VALUE])}
QUANTILE = {1: ("quantile", float), 2: ("value", float)}
DATA_POINT = {
    2: ("start_time_unix_nano", int),
    3: ("time_unix_nano", int),
    4: ("count", int),
    5: ("sum", float),
    6: ("quantile_values", [QUANTILE]),
    7: ("attributes", [KEY_VALUE]),
}
METRIC = {1: ("name", str), 3: ("unit", str), 11: ("summary", {1: ("data_points", [DATA_POINT])})}
RESOURCE_METRICS = {
    1: ("resource", RESOURCE),
    2: ("scope_metrics", [{2: ("metrics", [METRIC])}]),
}
REQUEST = {1: ("resource_metrics", [RESOURCE_METRICS])}


def varint(content: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    number = shift = 0
    while True:
        number |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 0x80:
            return number, at


def fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        tag, at = varint(content, at)
        assert tag & 7 in (1, 2), "only 64 bits and lengths are used"
        length, at = (8, at) if tag & 7 == 1 else varint(content, at)
        yield tag >> 3, content[at : at + length]
        at += length
    assert at == len(content)


def decode(content: bytes, kind: Any) -> Any:
    """A value of a kind: a message is a table of its fields, a repeated field a list of one."""
    if kind is str:
        return content.decode()
    if kind in (int, float):
        return struct.unpack("<Q" if kind is int else "<d", content)[0]
    found: dict[str, Any] = {}
    for number, value in fields(content):
        name, field = kind[number]
        if isinstance(field, list):
            found.setdefault(name, []).append(decode(value, field[0]))
        else:
            assert name not in found
            found[name] = decode(value, field)
    return found


def requests(record: bytes) -> list[Any]:
    """The messages of a record, each with its length before it."""
    found, at = [], 0
    while at < len(record):
        length, at = varint(record, at)
        assert at + length <= len(record)
        found.append(decode(record[at : at + length], REQUEST))
        at += length
    return found


def string(key: str, value: str) -> Any:
    return {"key": key, "value": {"string_value": value}}


def data_points(*data: StreamedDatum, period: int = 60) -> list[Any]:
    [request] = requests(as_opentelemetry(data, "1.0", period))
    [resource] = request["resource_metrics"]
    [scope] = resource["scope_metrics"]
    return [point for metric in scope["metrics"] for point in metric["summary"]["data_points"]]


def test_the_documented_json_is_written_on_a_line() -> None:
    assert as_json([DISK]) == (
        b'{"metric_stream_name":"MyMetricStream","account_id":"1234567890","region":"us-east-1",'
        b'"namespace":"AWS/EC2","metric_name":"DiskWriteOps",'
        b'"dimensions":{"InstanceId":"i-123456789012"},"timestamp":1611929698000,'
        b'"value":{"count":3.0,"sum":20.0,"max":18.0,"min":0.0,"p99":17.56,"p99.9":17.8764,'
        b'"TM(25%:75%)":16.43},"unit":"Seconds"}\n'
    )


def test_each_datum_has_its_line() -> None:
    lines = as_json([DISK, TABLE, replace(DISK, name='a "b"\nµ', dimensions=())])
    assert lines.endswith(b"\n")
    names = [json.loads(line)["metric_name"] for line in lines.splitlines()]
    assert names == ["DiskWriteOps", "ConsumedReadCapacityUnits", 'a "b"\nµ']


def test_the_documented_message_is_written() -> None:
    later = replace(TABLE, second=70, count=2, sum=5.0, minimum=2.0, maximum=3.0, statistics={})
    attributes = [
        string("Namespace", "AWS/DynamoDB"),
        string("MetricName", "ConsumedReadCapacityUnits"),
        {
            "key": "Dimensions",
            "value": {"kvlist_value": {"values": [string("TableName", "MyTable")]}},
        },
    ]
    assert requests(as_opentelemetry([TABLE, later], "1.0")) == [
        {
            "resource_metrics": [
                {
                    "resource": {
                        "attributes": [
                            string("cloud.provider", "aws"),
                            string("cloud.account.id", "123456789012"),
                            string("cloud.region", "us-east-1"),
                            string("aws.exporter.arn", ARN),
                        ]
                    },
                    "scope_metrics": [
                        {
                            "metrics": [
                                {
                                    "name": "amazonaws.com/AWS/DynamoDB/ConsumedReadCapacityUnits",
                                    "unit": "1",
                                    "summary": {
                                        "data_points": [
                                            {
                                                "start_time_unix_nano": 60_000_000_000,
                                                "time_unix_nano": 120_000_000_000,
                                                "count": 1,
                                                "sum": 1.0,
                                                "quantile_values": [
                                                    {"value": 1.0},
                                                    {"quantile": 0.95, "value": 1.0},
                                                    {"quantile": 0.99, "value": 1.0},
                                                    {"quantile": 1.0, "value": 1.0},
                                                ],
                                                "attributes": attributes,
                                            },
                                            {
                                                "start_time_unix_nano": 70_000_000_000,
                                                "time_unix_nano": 130_000_000_000,
                                                "count": 2,
                                                "sum": 5.0,
                                                "quantile_values": [
                                                    {"value": 2.0},
                                                    {"quantile": 1.0, "value": 3.0},
                                                ],
                                                "attributes": attributes,
                                            },
                                        ]
                                    },
                                }
                            ]
                        }
                    ],
                }
            ]
        }
    ]


@pytest.mark.parametrize(
    ("unit", "translated"),
    [
        ("Seconds", "s"),
        ("Microseconds", "us"),
        ("Milliseconds", "ms"),
        ("Bytes", "By"),
        ("Kilobytes", "kBy"),
        ("Megabytes", "MBy"),
        ("Gigabytes", "GBy"),
        ("Terabytes", "TBy"),
        ("Bits", "bit"),
        ("Kilobits", "kbit"),
        ("Megabits", "MBit"),
        ("Gigabits", "GBit"),
        ("Terabits", "Tbit"),
        ("Percent", "%"),
        ("Count", "{Count}"),
        ("None", "1"),
        ("Bytes/Second", "By/s"),
        ("Count/Second", "{Count}/s"),
    ],
)
def test_units_are_translated_as_documented(unit: str, translated: str) -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-opentelemetry-translation-100.html
    [request] = requests(as_opentelemetry([replace(TABLE, unit=unit)], "1.0"))
    metric = request["resource_metrics"][0]["scope_metrics"][0]["metrics"][0]
    assert metric["unit"] == translated


def test_a_unit_that_cloudwatch_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="Furlongs/Second is not a unit"):
        as_opentelemetry([replace(TABLE, unit="Furlongs/Second")], "1.0")


def test_quantiles_increase_strictly_from_minimum_to_maximum() -> None:
    statistics = {"p99.9": 9.0, "p5": 2.0, "p100": 7.0, "p0": 8.0, "p99": 6.0, "p99.00": 6.0}
    [point] = data_points(replace(TABLE, minimum=1.0, maximum=10.0, statistics=statistics))
    quantiles = [(q.get("quantile", 0.0), q["value"]) for q in point["quantile_values"]]
    assert quantiles == [(0.0, 1.0), (0.05, 2.0), (0.99, 6.0), (0.999, 9.0), (1.0, 10.0)]


@pytest.mark.parametrize("name", ["TM(10%:90%)", "tm90", "IQM", "Average"])
def test_opentelemetry_has_only_percentiles(name: str) -> None:
    with pytest.raises(ValueError, match="only percentiles"):
        as_opentelemetry([replace(TABLE, statistics={name: 1.0})], "1.0")


def test_a_data_point_lasts_for_its_period() -> None:
    [point] = data_points(TABLE, period=300)
    assert point["time_unix_nano"] - point["start_time_unix_nano"] == 300_000_000_000


def test_a_metric_without_dimensions_has_an_empty_list_of_them() -> None:
    [point] = data_points(replace(TABLE, dimensions=()))
    assert point["attributes"][2] == {"key": "Dimensions", "value": {"kvlist_value": {}}}


def test_data_of_one_metric_and_unit_stand_together() -> None:
    other = replace(TABLE, unit="Count")
    [request] = requests(as_opentelemetry([TABLE, other, replace(TABLE, second=120)], "1.0"))
    metrics = request["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    found = [(metric["unit"], len(metric["summary"]["data_points"])) for metric in metrics]
    assert found == [("1", 2), ("{Count}", 1)]


def test_metrics_of_linked_accounts_come_from_the_owners_stream() -> None:
    linked = replace(TABLE, account="210987654321", owner="123456789012")
    [request] = requests(as_opentelemetry([TABLE, linked], "1.0"))
    resources = [
        {pair["key"]: pair["value"]["string_value"] for pair in one["resource"]["attributes"]}
        for one in request["resource_metrics"]
    ]
    assert [one["cloud.account.id"] for one in resources] == ["123456789012", "210987654321"]
    assert {one["aws.exporter.arn"] for one in resources} == {ARN}


def test_opentelemetry_0_7_is_not_emulated() -> None:
    with pytest.raises(NotImplementedError, match=r"opentelemetry0\.7 are not emulated"):
        records([TABLE], "opentelemetry0.7")


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="xml is not an output format"):
        records([TABLE], "xml")


def test_json_is_sent_as_it_is_written() -> None:
    assert records([DISK, TABLE], "json") == [as_json([DISK, TABLE])]


def test_opentelemetry_is_sent_as_it_is_written() -> None:
    assert records([TABLE], "opentelemetry1.0") == [as_opentelemetry([TABLE], "1.0")]


@pytest.mark.parametrize("output_format", ["json", "opentelemetry1.0"])
def test_no_data_make_no_record(output_format: str) -> None:
    assert records([], output_format) == []


def many(count: int) -> list[StreamedDatum]:
    wide = tuple((f"{number:0>255}", "v" * 1024) for number in range(10))
    return [replace(TABLE, second=60 * number, dimensions=wide) for number in range(count)]


def test_json_is_cut_between_lines() -> None:
    data = many(200)
    sent = records(data, "json")
    assert b"".join(sent) == as_json(data)
    assert len(sent) > 1
    assert all(len(record) <= MAX_RECORD and record.endswith(b"\n") for record in sent)


def test_opentelemetry_is_cut_into_whole_messages() -> None:
    data = many(200)
    sent = records(data, "opentelemetry1.0")
    assert len(sent) > 1
    assert all(len(record) <= MAX_RECORD for record in sent)
    seconds = [
        point.get("start_time_unix_nano", 0) // 1_000_000_000
        for record in sent
        for request in requests(record)
        for point in request["resource_metrics"][0]["scope_metrics"][0]["metrics"][0]["summary"][
            "data_points"
        ]
    ]
    assert seconds == [datum.second for datum in data]


@pytest.mark.parametrize("output_format", ["json", "opentelemetry1.0"])
def test_a_datum_that_fits_into_no_record_is_refused(output_format: str) -> None:
    huge = replace(TABLE, dimensions=(("a", "b" * MAX_RECORD),))
    with pytest.raises(ValueError, match="does not fit into a record"):
        records([TABLE, huge], output_format)


NUMBERS = st.floats(-1e100, 1e100)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
DATA = st.builds(
    StreamedDatum,
    stream=st.just("s"),
    account=st.sampled_from(["1", "2"]),
    region=st.just("eu-central-1"),
    namespace=TEXTS,
    name=TEXTS,
    dimensions=st.dictionaries(TEXTS, TEXTS, max_size=3).map(lambda d: tuple(d.items())),
    second=st.integers(0, 2**33),
    unit=st.sampled_from(["None", "Bytes/Second"]),
    count=st.integers(0, 2**40).map(float),
    sum=NUMBERS,
    maximum=NUMBERS,
    minimum=NUMBERS,
    statistics=st.dictionaries(st.sampled_from(["p1", "p50", "p99.9"]), NUMBERS),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(DATA, max_size=5))
def test_every_datum_reads_back_from_json(data: list[StreamedDatum]) -> None:
    read = [json.loads(line) for line in as_json(data).split(b"\n")[:-1]]
    assert [
        (one["metric_name"], one["timestamp"], one["dimensions"], one["value"]["sum"])
        for one in read
    ] == [(d.name, d.second * 1000, dict(d.dimensions), d.sum) for d in data]


@settings(max_examples=50, deadline=None)
@given(DATA)
def test_every_datum_reads_back_from_opentelemetry(datum: StreamedDatum) -> None:
    [point] = data_points(datum)
    values = {q.get("quantile", 0.0): q.get("value", 0.0) for q in point["quantile_values"]}
    assert all(one < other for one, other in pairwise(values))
    assert (values[0.0], values[1.0]) == (datum.minimum, datum.maximum)
    assert (point.get("count", 0), point.get("sum", 0.0)) == (datum.count, datum.sum)
    pairs = point["attributes"][2]["value"]["kvlist_value"].get("values", [])
    assert [(pair.get("key", ""), pair["value"].get("string_value", "")) for pair in pairs] == list(
        datum.dimensions
    )
