"""A delivery stream's configuration, read off its description.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.services.firehose import prefix
from skyproof.emulator.services.firehose.buffer import Kind

if TYPE_CHECKING:
    from skyproof.emulator.world import World

MB = 1024 * 1024
DEFAULT_SIZE_IN_MBS, DEFAULT_INTERVAL = 5, 300
#: https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessorParameter.html
DEFAULT_RETRIES, DEFAULT_PROCESSOR_SIZE_IN_MBS = 3, 1.0

_EXTENSIONS = {"UNCOMPRESSED": "", "GZIP": ".gz"}

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Destination:
    """A bucket, and how objects are written to it.

    Attributes:
        bucket: its name.
        role: the ARN of the role under which Firehose writes.
        size: of the buffer, in bytes.
        interval: the longest that a record waits, in seconds.
        key: the ARN of the KMS key that seals the objects, if any.
        extension: what object keys end in, e.g. ``.gz``.
        log: group and stream for errors, if they are logged.
    """

    bucket_arn: str
    role: str
    prefix: str
    error_prefix: str
    size: int
    interval: int
    compression: str
    key: str | None
    extension: str
    zone: ZoneInfo
    log: tuple[str, str] | None

    @property
    def bucket(self) -> str:
        return self.bucket_arn.rpartition(":")[2]


@dataclass(frozen=True)
class Processor:
    """The function that transforms records.

    Attributes:
        retries: how often it is called again when it fails.
        size: the most that one call holds, in bytes of data.
    """

    function: str
    role: str
    retries: int
    size: int


@dataclass(frozen=True)
class Source:
    """A Kinesis stream, and the role under which it is read."""

    arn: str
    role: str


@dataclass(frozen=True)
class Settings:
    """What a stream does with its records.

    Attributes:
        version: goes up with each change of the destination.
        is_encrypted: at rest, as PutRecord answers.
        source: where it reads its records; None for one into which they are put.
    """

    arn: str
    version: str
    is_encrypted: bool
    source: Source | None
    destinations: Mapping[Kind, Destination]
    processor: Processor | None


def settings_of(world: World, account: str, region: str, name: str) -> Settings:
    """The settings of a stream, kept until streams change.

    Raises:
        ClientError: ResourceNotFoundException.
        AwsError: see :func:`parse`.
    """

    def read() -> Settings:
        client = world.base_client("firehose", region, account)
        answer = client.describe_delivery_stream(DeliveryStreamName=name)
        return parse(answer["DeliveryStreamDescription"])

    return world.memo.get("firehose", ("settings", account, region, name), read)


def parse(description: Described) -> Settings:
    """Read the answer of DescribeDeliveryStream.

    Raises:
        AwsError: NotImplemented, naming what is configured and not done here;
            InvalidArgumentException for what Firehose would not have taken.
    """
    s3 = _described_s3(description["Destinations"][0])
    _refuse_unimplemented(s3)
    destinations: dict[Kind, Destination] = {"delivery": _destination(s3)}
    if s3.get("S3BackupMode") == "Enabled":
        if "S3BackupDescription" not in s3:
            raise _invalid("S3BackupMode is Enabled, and there is no S3BackupConfiguration.")
        destinations["backup"] = _destination(s3["S3BackupDescription"])
    encryption = description.get("DeliveryStreamEncryptionConfiguration", {})
    return Settings(
        arn=description["DeliveryStreamARN"],
        version=description["VersionId"],
        is_encrypted=bool(encryption) and encryption.get("Status", "ENABLED") == "ENABLED",
        source=_source(description.get("Source", {})),
        destinations=destinations,
        processor=_processor(s3),
    )


def _source(described: Described) -> Source | None:
    kinesis = described.get("KinesisStreamSourceDescription")
    return Source(kinesis["KinesisStreamARN"], kinesis["RoleARN"]) if kinesis else None


def _described_s3(described: Described) -> Described:
    """The extended description; a stream made with the older, plain one has no other."""
    for name in ("ExtendedS3DestinationDescription", "S3DestinationDescription"):
        if name in described:
            found: Described = described[name]
            return found
    kinds = [name for name in described if name.endswith("DestinationDescription")]
    kind = kinds[0].removesuffix("DestinationDescription") if kinds else "nothing"
    raise OperationNotImplementedError("firehose", f"delivery to {kind}")


def _refuse_unimplemented(s3: Described) -> None:
    for name in ("DataFormatConversionConfiguration", "DynamicPartitioningConfiguration"):
        if name in s3 and s3[name].get("Enabled", True):
            raise OperationNotImplementedError("firehose", f"delivery with {name}")


def _destination(s3: Described) -> Destination:
    before, error_before = s3.get("Prefix", ""), s3.get("ErrorOutputPrefix", "")
    prefix.check(before, error_before)
    compression = s3.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in _EXTENSIONS:
        raise OperationNotImplementedError("firehose", f"compression with {compression}")
    hints = s3.get("BufferingHints", {})
    sealing = s3.get("EncryptionConfiguration", {}).get("KMSEncryptionConfig", {})
    return Destination(
        bucket_arn=s3["BucketARN"],
        role=s3["RoleARN"],
        prefix=before,
        error_prefix=error_before,
        size=hints.get("SizeInMBs", DEFAULT_SIZE_IN_MBS) * MB,
        interval=hints.get("IntervalInSeconds", DEFAULT_INTERVAL),
        compression=compression,
        key=sealing.get("AWSKMSKeyARN"),
        extension=s3.get("FileExtension") or _EXTENSIONS[compression],
        zone=_zone(s3.get("CustomTimeZone") or "UTC"),
        log=_log(s3.get("CloudWatchLoggingOptions", {})),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise _invalid(f"{name} is not a valid time zone.") from error


def _log(options: Described) -> tuple[str, str] | None:
    group, stream = options.get("LogGroupName"), options.get("LogStreamName")
    return (group, stream) if options.get("Enabled") and group and stream else None


def _processor(s3: Described) -> Processor | None:
    configured = s3.get("ProcessingConfiguration", {})
    processors = configured.get("Processors", []) if configured.get("Enabled") else []
    for one in processors:
        if one["Type"] != "Lambda":
            raise OperationNotImplementedError("firehose", f"the processor {one['Type']}")
    if len(processors) > 1:
        raise _invalid("Only one Lambda processor is allowed.")
    if not processors:
        return None
    given = {p["ParameterName"]: p["ParameterValue"] for p in processors[0].get("Parameters", [])}
    if "LambdaArn" not in given:
        raise _invalid("A Lambda processor has no LambdaArn.")
    return Processor(
        function=given["LambdaArn"],
        role=given.get("RoleArn") or s3["RoleARN"],
        retries=int(given.get("NumberOfRetries", DEFAULT_RETRIES)),
        size=int(float(given.get("BufferSizeInMBs", DEFAULT_PROCESSOR_SIZE_IN_MBS)) * MB),
    )


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
