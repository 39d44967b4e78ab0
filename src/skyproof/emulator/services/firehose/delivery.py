"""Delivering what was buffered: transformed, named, compressed, and put to S3 until it is taken.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.firehose import prefix
from skyproof.emulator.services.firehose.buffer import Batch, Kind, Record
from skyproof.emulator.services.firehose.processing import process
from skyproof.emulator.services.firehose.reporting import Reporter, acting_under
from skyproof.emulator.services.firehose.settings import Destination, settings_of

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: "For DirectPut Firehose streams, Firehose retains the records for 24 hours."
#: https://docs.aws.amazon.com/firehose/latest/dev/troubleshooting.html
RETAINED = timedelta(hours=24)
#: AWS does not document its pace; this is the emulator's: doubling from 5 seconds.
FIRST_PAUSE = 5

_METRICS: dict[Kind, str] = {"delivery": "DeliveryToS3", "backup": "BackupToS3"}
_MESSAGES = {
    "AccessDenied": (
        "Access was denied. Ensure that the trust policy for the provided IAM role allows Firehose "
        "to assume the role, and the access policy allows access to the S3 bucket."
    ),
    "NoSuchBucket": (
        "The specified bucket does not exist. Create the bucket or use a different bucket that "
        "does exist."
    ),
}


@dataclass(frozen=True)
class S3Object:
    """An object that is to be put.

    Attributes:
        records: how many it holds; ``None`` for failed ones, which are not counted as delivered.
    """

    key: str
    body: bytes
    oldest: datetime
    records: int | None


def deliver(world: World, batch: Batch) -> None:
    """Deliver a batch, or drop it when its stream is gone or cannot deliver any more."""
    reporter = _reporter(world, batch)
    if reporter is None:
        return
    processor = reporter.settings.processor if batch.kind == "delivery" else None
    done, errors = list(batch.records), list[tuple[Record, bytes]]()
    if processor is not None:
        processed = process(reporter, processor, batch.records)
        done, errors = processed.done, processed.errors
    if done:
        body = b"".join(record.data for record in done)
        put(world, batch, _object(reporter, done, body))
    if errors:
        body = b"".join(line for _, line in errors)
        put(world, batch, _object(reporter, [record for record, _ in errors], body, failed=True))


def put(world: World, batch: Batch, made: S3Object, tries: int = 0) -> None:
    """Put an object, with the settings of now; what S3 refuses is put again later."""
    reporter = _reporter(world, batch)
    if reporter is None:
        return
    destination = reporter.destination
    target = f"{destination.bucket_arn}/{made.key}"
    client = world.client("s3", batch.stream.region, batch.stream.account)
    try:
        with acting_as(acting_under(destination.role)):
            client.put_object(**_params(destination, made))
    except ClientError as error:
        detail = error.response["Error"]
        message = _MESSAGES.get(detail["Code"], detail.get("Message", ""))
        reporter.tell("deliver", target, "refused", str(error))
        reporter.log(f"S3.{detail['Code']}", message)
        _count(reporter, batch, made, is_delivered=False)
        _put_later(reporter, batch, made, tries)
        return
    reporter.tell("deliver", target)
    _count(reporter, batch, made, is_delivered=True)


def _put_later(reporter: Reporter, batch: Batch, made: S3Object, tries: int) -> None:
    pause, world = FIRST_PAUSE * 2**tries, reporter.world
    if world.clock.now() + timedelta(seconds=pause) > made.oldest + RETAINED:
        target = f"{reporter.destination.bucket_arn}/{made.key}"
        reporter.tell("deliver", target, "dropped", "the records were retained for 24 hours")
        return
    what = f"firehose: put {made.key} again"
    world.clock.after(pause, what, lambda: put(world, batch, made, tries + 1))


def _reporter(world: World, batch: Batch) -> Reporter | None:
    """The batch's stream as it is configured now; ``None``, and told, when there is none."""
    stream = batch.stream
    if batch.is_orphaned:
        return None
    try:
        settings = settings_of(world, stream.account, stream.region, stream.name)
    except (AwsError, ClientError) as error:
        world.tell(stream.arn, "deliver", "", "dropped", str(error))
        return None
    destination = settings.destinations.get(batch.kind)
    if destination is None:
        world.tell(stream.arn, "deliver", "", "dropped", f"there is no {batch.kind} any more")
        return None
    return Reporter(world, stream, settings, destination)


def _object(
    reporter: Reporter, records: Sequence[Record], body: bytes, *, failed: bool = False
) -> S3Object:
    settings, destination = reporter.settings, reporter.destination
    oldest = min(record.arrived for record in records)

    def draw() -> str:
        with reporter.world.lock:
            return str(reporter.stream.draw())

    def draw_short() -> str:
        return draw()[: prefix.RANDOM_LENGTH]

    local = oldest.astimezone(destination.zone)
    if failed:
        before = prefix.evaluate_error(
            destination.error_prefix, destination.prefix, "processing-failed", local, draw_short
        )
    else:
        before = prefix.evaluate(destination.prefix, local, draw_short)
    name = f"{reporter.stream.name}-{settings.version}-{oldest:%Y-%m-%d-%H-%M-%S}-{draw()}"
    return S3Object(
        key=before + name + destination.extension,
        # Without a time in its header, the same records make the same object.
        body=gzip.compress(body, mtime=0) if destination.compression == "GZIP" else body,
        oldest=oldest,
        records=None if failed else len(records),
    )


def _params(destination: Destination, made: S3Object) -> dict[str, Any]:
    params = {"Bucket": destination.bucket, "Key": made.key, "Body": made.body}
    if destination.key is None:
        return params
    return {**params, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": destination.key}


def _count(reporter: Reporter, batch: Batch, made: S3Object, *, is_delivered: bool) -> None:
    metrics = _METRICS[batch.kind]
    reporter.count(f"{metrics}.Success", float(is_delivered))
    if made.records is None:
        return
    age = (reporter.world.clock.now() - made.oldest).total_seconds()
    reporter.count(f"{metrics}.DataFreshness", age, "Seconds")
    if is_delivered:
        reporter.count(f"{metrics}.Records", made.records)
        reporter.count(f"{metrics}.Bytes", len(made.body), "Bytes")
