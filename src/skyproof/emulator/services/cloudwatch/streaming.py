"""Metric streams at work: what arrived is sent to Firehose, a minute at a time.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.service import Regional
from skyproof.emulator.services.cloudwatch import statistics, stream_formats
from skyproof.emulator.services.cloudwatch.evaluator import MetricKey
from skyproof.emulator.services.cloudwatch.metrics import Distribution, MetricId
from skyproof.emulator.services.cloudwatch.store import MetricStream, Store
from skyproof.emulator.services.cloudwatch.stream_formats import StreamedDatum

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: Streams send "within 3 minutes"; here what arrived is gathered for one, the least that there is.
GATHERED = 60
#: Of one call to PutRecordBatch.
MAX_RECORDS = 500
_METRICS = "AWS/CloudWatch/MetricStreams"

StreamKey = tuple[str, str, str]
Params = dict[str, Any]


@dataclass
class _Waiting:
    """Metrics that have something new for a stream, and whether it is to be sent."""

    metrics: set[MetricKey] = field(default_factory=set)
    is_due: bool = False


class Streaming:
    """Gathers and sends. Called under the world's lock, but for the sending itself."""

    def __init__(self, world: World, stores: Regional[Store]) -> None:
        self._world = world
        self._stores = stores
        self._waiting: dict[StreamKey, _Waiting] = {}
        self._sent: dict[tuple[StreamKey, MetricKey], int] = {}

    def arrived(self, account: str, region: str, metrics: Iterable[MetricId]) -> None:
        """There are new data of some metrics."""
        running = [
            (owner, stream)
            for owner in (account, *self._watchers(account, region))
            for stream in self._stores.at(owner, region).streams.values()
            if stream.state == "running"
        ]
        for metric in metrics if running else ():
            key = (account, region, metric)
            for owner, stream in running:
                if self._wants(owner, region, stream, key):
                    self._gather((owner, region, stream.name), key)

    def _watchers(self, account: str, region: str) -> list[str]:
        from skyproof.emulator.services.oam import Oam

        oam = Oam.of(self._world)
        return oam.watching(account, region)

    def _wants(self, owner: str, region: str, stream: MetricStream, key: MetricKey) -> bool:
        account, _, metric = key
        if account != owner and not self._is_shared(owner, region, stream, key):
            return False
        included = stream.configuration.get("IncludeFilters")
        excluded = stream.configuration.get("ExcludeFilters", [])
        if included:
            return any(_passes(one, metric) for one in included)
        return not any(_passes(one, metric) for one in excluded)

    def _is_shared(self, owner: str, region: str, stream: MetricStream, key: MetricKey) -> bool:
        from skyproof.emulator.services.oam import Oam

        if not stream.configuration.get("IncludeLinkedAccountsMetrics"):
            return False
        oam = Oam.of(self._world)
        shares = oam.shared_with(owner, region, "AWS::CloudWatch::Metric").get(key[0])
        return shares is not None and shares(key[2].namespace)

    def _gather(self, stream: StreamKey, metric: MetricKey) -> None:
        waiting = self._waiting.setdefault(stream, _Waiting())
        waiting.metrics.add(metric)
        if not waiting.is_due and not self._is_echo(stream, metric):
            waiting.is_due = True
            self._world.clock.after(
                GATHERED, f"cloudwatch: send stream {stream[2]}", lambda: self._send(stream)
            )

    def _is_echo(self, key: StreamKey, metric: MetricKey) -> bool:
        """Whether a metric only tells of the sending of this stream or another of the account.

        Such go along with others, but are no cause to send: each sending would cause the next, and
        an idle world would never rest. On AWS that loop runs.
        """
        account, _, id_ = metric
        if account != key[0] or id_.namespace not in (_METRICS, "AWS/Firehose", "AWS/Lambda"):
            return False
        if id_.namespace != "AWS/Lambda":
            return True
        name = dict(id_.dimensions).get("FunctionName")
        streams = self._stores.at(key[0], key[1]).streams.values()
        return any(name in self._transforms(stream) for stream in streams)

    def _transforms(self, stream: MetricStream) -> set[str]:
        """The functions through which a stream's Firehose passes its records."""
        arn = stream.configuration["FirehoseArn"]
        read = partial(_functions_of, self._world, arn)
        return self._world.memo.get("firehose", ("functions", arn), read)

    def _send(self, key: StreamKey) -> None:
        account, region, name = key
        with self._world.lock:
            waiting = self._waiting.pop(key)
            stream = self._stores.at(account, region).streams.get(name)
            if stream is None or stream.state != "running":
                return  # "A stopped stream is not back-filled"
            data = [
                datum
                for metric in sorted(waiting.metrics)
                for datum in self._new(key, stream, metric)
            ]
            shape = stream.configuration["OutputFormat"]
        if data:
            self._put(account, region, stream, stream_formats.records(data, shape), len(data))

    def _new(
        self, key: StreamKey, stream: MetricStream, metric: MetricKey
    ) -> Iterator[StreamedDatum]:
        """What of a metric has not been sent, minute by minute."""
        account, region, id_ = metric
        store = self._stores.at(account, region).metrics
        begun = int(stream.created.timestamp())
        since = self._sent.get((key, metric), begun - begun % 60)
        newest = store.last_seen(id_)
        end = newest - newest % 60 + 60
        names = _statistics(stream, id_)
        for unit in store.units(id_, since, end):
            for second, samples in store.periods(id_, unit, since, end, 60):
                yield _datum(stream, metric, second, unit, samples, names)
        self._sent[key, metric] = end

    def _put(
        self, account: str, region: str, stream: MetricStream, records: list[bytes], count: int
    ) -> None:
        arn, role = stream.configuration["FirehoseArn"], stream.configuration["RoleArn"]
        name = arn.rpartition("/")[2]
        client = self._world.client("firehose", arn.split(":")[3], arn.split(":")[4])
        try:
            with acting_as(Principal(role, role.split(":")[4])):
                for start in range(0, len(records), MAX_RECORDS):
                    batch = [{"Data": one} for one in records[start : start + MAX_RECORDS]]
                    client.put_record_batch(DeliveryStreamName=name, Records=batch)
        except ClientError as error:
            self._world.tell(stream.arn, "send", arn, "refused", str(error))
            self._publish(account, region, stream, "PublishErrorRate", 1.0, "None")
            return
        self._world.tell(stream.arn, "send", arn)
        self._publish(account, region, stream, "PublishErrorRate", 0.0, "None")
        self._publish(account, region, stream, "MetricUpdate", float(count), "Count")

    def _publish(
        self, account: str, region: str, stream: MetricStream, name: str, value: float, unit: str
    ) -> None:
        from skyproof.emulator.service_metrics import publish

        dimensions = {"MetricStreamName": stream.name}
        publish(self._world, account, region, _METRICS, name, dimensions, value, unit)


def _functions_of(world: World, firehose: str) -> set[str]:
    client = world.client("firehose", firehose.split(":")[3], firehose.split(":")[4])
    try:
        answer = client.describe_delivery_stream(DeliveryStreamName=firehose.rpartition("/")[2])
    except ClientError:
        return set()
    return {
        parameter["ParameterValue"].split(":")[6]
        for destination in answer["DeliveryStreamDescription"]["Destinations"]
        for processor in _processors(destination)
        for parameter in processor.get("Parameters", [])
        if parameter["ParameterName"] == "LambdaArn"
    }


def _processors(destination: Params) -> list[Params]:
    extended = destination.get("ExtendedS3DestinationDescription", {})
    found: list[Params] = extended.get("ProcessingConfiguration", {}).get("Processors", [])
    return found


def _passes(filter_: Params, metric: MetricId) -> bool:
    names = filter_.get("MetricNames")
    return filter_.get("Namespace") == metric.namespace and (not names or metric.name in names)


def _statistics(stream: MetricStream, metric: MetricId) -> list[str]:
    """The statistics that are sent of a metric beside the four."""
    return [
        name
        for configured in stream.configuration.get("StatisticsConfigurations", [])
        if any(
            one["Namespace"] == metric.namespace and one["MetricName"] == metric.name
            for one in configured["IncludeMetrics"]
        )
        for name in configured["AdditionalStatistics"]
    ]


def _datum(
    stream: MetricStream,
    metric: MetricKey,
    second: int,
    unit: str,
    samples: Distribution,
    names: list[str],
) -> StreamedDatum:
    account, region, id_ = metric
    values = {name: statistics.value(name, samples) for name in names}
    return StreamedDatum(
        stream=stream.name,
        account=account,
        region=region,
        namespace=id_.namespace,
        name=id_.name,
        dimensions=id_.dimensions,
        second=second,
        unit=unit,
        count=samples.samples,
        sum=samples.total,
        maximum=samples.maximum,
        minimum=samples.minimum,
        statistics={name: value for name, value in values.items() if value is not None},
        owner=stream.arn.split(":")[4],
    )
