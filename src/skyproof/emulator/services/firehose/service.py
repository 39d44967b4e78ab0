"""Putting records, which are buffered by size and time.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import (
    Call,
    Params,
    Regional,
    Result,
    Service,
    operation,
    without_metadata,
)
from skyproof.emulator.services.firehose import reporting
from skyproof.emulator.services.firehose.buffer import Batch, Kind, Record, Stream
from skyproof.emulator.services.firehose.delivery import deliver
from skyproof.emulator.services.firehose.settings import Destination, Settings, settings_of
from skyproof.emulator.services.firehose.source import KinesisSource
from skyproof.emulator.services.kinesis import reading as kinesis

if TYPE_CHECKING:
    from skyproof.emulator.world import World

MAX_RECORD = 1_024_000
MAX_RECORDS = 500
MAX_BATCH = 4 * 1024 * 1024
#: Sources that are not read here.
_SOURCES = ("MSKSourceConfiguration", "DatabaseSourceConfiguration")


class Firehose(Service):
    """Delivery streams are the base's; what is put into them is ours."""

    name: ClassVar[str] = "firehose"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's delivery streams; ours is delivery to S3: buffering by size and time, "
        "transformation by a function, prefixes with expressions, GZIP, KMS, backup, failed "
        "records, retries, metrics and error logs. Transformation waits for the destination's "
        "buffer, not for its own interval. A Kinesis stream as source is read as soon as something "
        "is put into it. Other sources are refused; other destinations, processors and "
        "compressions, format conversion and dynamic partitioning when records come."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._streams: Regional[dict[str, Stream]] = Regional(dict)
        self._sources: dict[str, KinesisSource] = {}

    @operation("CreateDeliveryStream")
    def create_delivery_stream(self, call: Call, params: Params) -> Result:
        """Have one that reads a Kinesis stream begin to; other sources are not read."""
        for name in _SOURCES:
            if name in params:
                raise OperationNotImplementedError(
                    "firehose", call.operation, f"{name} is not read"
                )
        source = params.get("KinesisStreamSourceConfiguration")
        if source is not None:
            arn = source["KinesisStreamARN"]
            _, _, _, region, account, _ = arn.split(":")
            there = call.client("kinesis", region=region, account=account)
            there.describe_stream_summary(StreamARN=arn)  # or nothing is made
        answer = without_metadata(call.base().create_delivery_stream(**params))
        if source is not None:
            self._read(call, params["DeliveryStreamName"], source)
        return answer

    @operation("PutRecord")
    def put_record(self, call: Call, params: Params) -> Result:
        data = params["Record"]["Data"]
        _check_size(data, "record.data")
        settings = self._settings(call, params)
        [record] = self._put(call, params["DeliveryStreamName"], settings, [data])
        return {"RecordId": record.id, "Encrypted": settings.is_encrypted}

    @operation("PutRecordBatch")
    def put_record_batch(self, call: Call, params: Params) -> Result:
        every = [record["Data"] for record in params["Records"]]
        _check_batch(every)
        settings = self._settings(call, params)
        records = self._put(call, params["DeliveryStreamName"], settings, every)
        return {
            "FailedPutCount": 0,
            "Encrypted": settings.is_encrypted,
            "RequestResponses": [{"RecordId": record.id} for record in records],
        }

    @operation("DeleteDeliveryStream")
    def delete_delivery_stream(self, call: Call, params: Params) -> Result:
        """What was not delivered yet is lost."""
        call.base().delete_delivery_stream(**params)
        stream = self._stream(call, params["DeliveryStreamName"])
        source = self._sources.pop(stream.arn, None)
        if source is not None:
            source.close()
        stream.forget()
        return None

    def _settings(self, call: Call, params: Params) -> Settings:
        name = params["DeliveryStreamName"]
        settings = settings_of(call.world, call.account, call.region, name)
        if settings.source is not None:
            raise AwsError(
                "InvalidArgumentException",
                "This operation is only allowed on delivery streams of the type DirectPut.",
            )
        return settings

    def _stream(self, call: Call, name: str) -> Stream:
        streams = self._streams.of(call)
        if name not in streams:
            arn = call.arn("firehose", f"deliverystream/{name}")
            streams[name] = Stream(call.account, call.region, name, arn)
        return streams[name]

    def _put(self, call: Call, name: str, settings: Settings, every: list[bytes]) -> list[Record]:
        stream, now = self._stream(call, name), call.world.clock.now()
        records = [Record(str(stream.draw()), data, now) for data in every]
        self._accept(stream, settings, records)
        self._count(stream, records, "IncomingRecords", "IncomingBytes")
        return records

    def _read(self, call: Call, name: str, source: Params) -> None:
        """Take what is put into a Kinesis stream from now on."""
        stream = self._stream(call, name)

        def take(found: Sequence[kinesis.Record]) -> None:
            try:
                settings = settings_of(self.world, stream.account, stream.region, name)
            except AwsError as error:
                self.world.tell(stream.arn, "deliver", "", "dropped", str(error))
                return
            with self.world.lock:
                records = [Record(str(stream.draw()), one.data, one.arrived, one) for one in found]
                self._accept(stream, settings, records)
            of_source = "DataReadFromKinesisStream"
            self._count(stream, records, f"{of_source}.Records", f"{of_source}.Bytes")

        arn, role = source["KinesisStreamARN"], source["RoleARN"]
        self._sources[stream.arn] = KinesisSource(self.world, stream, arn, role, take)

    def _accept(self, stream: Stream, settings: Settings, records: list[Record]) -> None:
        for kind, destination in settings.destinations.items():
            for record in records:
                self._buffer(stream, kind, destination, record)

    def _count(self, stream: Stream, records: list[Record], number: str, size: str) -> None:
        reporting.count(self.world, stream, number, len(records))
        total = sum(len(record.data) for record in records)
        reporting.count(self.world, stream, size, total, "Bytes")

    def _buffer(self, stream: Stream, kind: Kind, destination: Destination, record: Record) -> None:
        buffer, clock = stream.buffers[kind], self.world.clock
        buffer.add(record)
        what = f"firehose: {kind} of {stream.name}"
        if buffer.size >= destination.size:
            batch = Batch(stream, stream.life, kind, buffer.take())
            clock.soon(what, lambda: deliver(self.world, batch))
        elif buffer.due is None:
            buffer.due = clock.after(destination.interval, what, lambda: self._flush(stream, kind))

    def _flush(self, stream: Stream, kind: Kind) -> None:
        with self.world.lock:
            batch = Batch(stream, stream.life, kind, stream.buffers[kind].take())
        if batch.records:
            deliver(self.world, batch)


def _check_batch(every: list[bytes]) -> None:
    if len(every) > MAX_RECORDS:
        raise _too_long("records", MAX_RECORDS)
    for index, data in enumerate(every, 1):
        _check_size(data, f"records.{index}.member.data")
    if sum(len(data) for data in every) > MAX_BATCH:
        raise AwsError("InvalidArgumentException", "Records size exceeds 4 MB limit")


def _check_size(data: bytes, where: str) -> None:
    if len(data) > MAX_RECORD:
        raise _too_long(where, MAX_RECORD)


def _too_long(where: str, limit: int) -> AwsError:
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value at '{where}' failed to satisfy constraint: Member "
        f"must have length less than or equal to {limit}",
    )
