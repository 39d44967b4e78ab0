"""What metric streams send: metric data as lines of JSON, or as OpenTelemetry messages.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from skyproof.emulator.services.cloudwatch import protobuf, statistics

#: Bytes of one record of Firehose: "1,000 KiB before base64 encoding".
#: https://docs.aws.amazon.com/firehose/latest/dev/limits.html
MAX_RECORD = 1_024_000

_NANOSECONDS = 1_000_000_000
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)

#: CloudWatch's units in the Unified Code for Units of Measure, letter by letter as AWS lists them.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-opentelemetry-translation-100.html
_UNITS = {
    "Second": "s",
    "Seconds": "s",
    "Microseconds": "us",
    "Milliseconds": "ms",
    "Bytes": "By",
    "Kilobytes": "kBy",
    "Megabytes": "MBy",
    "Gigabytes": "GBy",
    "Terabytes": "TBy",
    "Bits": "bit",
    "Kilobits": "kbit",
    "Megabits": "MBit",
    "Gigabits": "GBit",
    "Terabits": "Tbit",
    "Percent": "%",
    "Count": "{Count}",
    "None": "1",
}


@dataclass(frozen=True)
class StreamedDatum:
    """One period of one metric, as a stream sends it.

    Attributes:
        stream: the stream's name.
        account: the account of the metric.
        second: when the period begins, in seconds since the epoch.
        statistics: the additional ones, by the names that the stream asks for, such as ``p99``.
        owner: the stream's account where it is another than the metric's, as of a monitoring
            account that streams what it is shown.
    """

    stream: str
    account: str
    region: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    second: int
    unit: str
    count: float
    sum: float
    maximum: float
    minimum: float
    statistics: Mapping[str, float]
    owner: str = ""

    @property
    def stream_arn(self) -> str:
        account = self.owner or self.account
        return f"arn:aws:cloudwatch:{self.region}:{account}:metric-stream/{self.stream}"


Data = Sequence[StreamedDatum]


def records(data: Data, output_format: str) -> list[bytes]:
    """The records for Firehose, as few as halving makes them, none above 1,000 KiB.

    Args:
        data: in the order in which they are to be sent.
        output_format: of the stream: ``json``, ``opentelemetry1.0`` or ``opentelemetry0.7``.

    Raises:
        NotImplementedError: the format is OpenTelemetry 0.7.
        ValueError: the format is none of the three, a datum cannot be told in it, or does not fit
            into a record.
    """
    write = _WRITERS.get(output_format)
    if write is None:
        raise ValueError(f"{output_format} is not an output format of metric streams")
    return _split(data, write) if data else []


def as_json(data: Data) -> bytes:
    """An object a line.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-json.html
    """
    return b"".join(_line(datum) for datum in data)


def as_opentelemetry(data: Data, version: Literal["0.7", "1.0"], period: int = 60) -> bytes:
    """One ExportMetricsServiceRequest, with its length (an UnsignedVarInt32) before it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-formats-opentelemetry-100.html

    Args:
        data: grouped in the message by account and Region, then by metric name and unit.
        version: of OpenTelemetry.
        period: how long a datum's period lasts, in seconds.

    Raises:
        NotImplementedError: the version is 0.7.
        ValueError: a statistic is no percentile, which are all that OpenTelemetry has room for, or
            a unit is none of CloudWatch's.
    """
    if version != "1.0":
        raise NotImplementedError(
            f"metric streams with the output format opentelemetry{version} are not emulated; "
            "use opentelemetry1.0 or json"
        )
    resources = _grouped(data, lambda d: (d.account, d.region, d.stream_arn)).values()
    return protobuf.delimited(b"".join(_resource_metrics(group, period) for group in resources))


_WRITERS: dict[str, Callable[[Data], bytes]] = {
    "json": as_json,
    "opentelemetry0.7": lambda data: as_opentelemetry(data, "0.7"),
    "opentelemetry1.0": lambda data: as_opentelemetry(data, "1.0"),
}


def _split(data: Data, write: Callable[[Data], bytes]) -> list[bytes]:
    record = write(data)
    if len(record) <= MAX_RECORD:
        return [record]
    if len(data) == 1:
        raise ValueError(f"a datum of {len(record)} bytes does not fit into a record of Firehose")
    half = len(data) // 2
    return [*_split(data[:half], write), *_split(data[half:], write)]


def _line(datum: StreamedDatum) -> bytes:
    content = {
        "metric_stream_name": datum.stream,
        "account_id": datum.account,
        "region": datum.region,
        "namespace": datum.namespace,
        "metric_name": datum.name,
        "dimensions": dict(datum.dimensions),
        "timestamp": datum.second * 1000,
        "value": {
            "count": float(datum.count),
            "sum": float(datum.sum),
            "max": float(datum.maximum),
            "min": float(datum.minimum),
            **{name: float(value) for name, value in datum.statistics.items()},
        },
        "unit": datum.unit,
    }
    return _JSON.encode(content).encode() + b"\n"


def _grouped(
    data: Data, key: Callable[[StreamedDatum], tuple[str, ...]]
) -> dict[tuple[str, ...], list[StreamedDatum]]:
    groups: dict[tuple[str, ...], list[StreamedDatum]] = {}
    for datum in data:
        groups.setdefault(key(datum), []).append(datum)
    return groups


def _resource_metrics(data: Data, period: int) -> bytes:
    first = data[0]
    resource = _attributes(
        1,
        ("cloud.provider", "aws"),
        ("cloud.account.id", first.account),
        ("cloud.region", first.region),
        ("aws.exporter.arn", first.stream_arn),
    )
    metrics = _grouped(data, lambda d: (d.namespace, d.name, d.unit)).values()
    scope_metrics = [_metric(group, period) for group in metrics]
    return protobuf.message(1, protobuf.message(1, resource), protobuf.message(2, *scope_metrics))


def _metric(data: Data, period: int) -> bytes:
    first = data[0]
    summary = (protobuf.message(1, _data_point(datum, period)) for datum in data)
    return protobuf.message(
        2,
        protobuf.text(1, f"amazonaws.com/{first.namespace}/{first.name}"),
        protobuf.text(3, _unit(first.unit)),
        protobuf.message(11, *summary),
    )


def _data_point(datum: StreamedDatum, period: int) -> bytes:
    """A SummaryDataPoint. Its count is a whole number, unlike CloudWatch's: it is rounded."""
    quantiles = sorted(_quantiles(datum).items())
    dimensions = _attributes(1, *datum.dimensions)
    return b"".join(
        [
            protobuf.fixed64(2, datum.second * _NANOSECONDS),
            protobuf.fixed64(3, (datum.second + period) * _NANOSECONDS),
            protobuf.fixed64(4, round(datum.count)),
            protobuf.double(5, datum.sum),
            *(
                protobuf.message(6, protobuf.double(1, q), protobuf.double(2, v))
                for q, v in quantiles
            ),
            _attributes(7, ("Namespace", datum.namespace), ("MetricName", datum.name)),
            _attribute(7, "Dimensions", protobuf.message(6, dimensions)),
        ]
    )


def _quantiles(datum: StreamedDatum) -> dict[float, float]:
    """By quantile: they "must be strictly increasing", so p0 and p100 give way to the extremes."""
    percentiles = {_quantile(name): value for name, value in datum.statistics.items()}
    return percentiles | {0.0: datum.minimum, 1.0: datum.maximum}


def _quantile(name: str) -> float:
    if not statistics.is_percentile(name):
        raise ValueError(f"OpenTelemetry has no place for the statistic {name}, only percentiles")
    return float(Decimal(name[1:]) / 100)


def _unit(name: str) -> str:
    """Both sides of a slash are translated: ``Bytes/Second`` is ``By/s``."""
    parts = name.split("/")
    unknown = [part for part in parts if part not in _UNITS]
    if unknown:
        raise ValueError(f"{name} is not a unit of CloudWatch")
    return "/".join(_UNITS[part] for part in parts)


def _attributes(field: int, *pairs: tuple[str, str]) -> bytes:
    return b"".join(_attribute(field, key, _string(value)) for key, value in pairs)


def _attribute(field: int, key: str, value: bytes) -> bytes:
    return protobuf.message(field, protobuf.text(1, key), protobuf.message(2, value))


def _string(value: str) -> bytes:
    return protobuf.text(1, value)
