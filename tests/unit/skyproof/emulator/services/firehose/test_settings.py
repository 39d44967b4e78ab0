"""A description is read with the documented defaults, and what is not done here is named.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationDescription.html
"""

from __future__ import annotations

from typing import Any

import pytest

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.firehose.settings import MB, Settings, parse
from tests.unit.skyproof.emulator.services.firehose.staging import (
    FUNCTION,
    ROLE,
    destination,
    processing,
)


def described(**configuration: Any) -> dict[str, Any]:
    return {
        "DeliveryStreamARN": "arn:aws:firehose:us-east-1:123456789012:deliverystream/s",
        "DeliveryStreamType": "DirectPut",
        "VersionId": "1",
        "Destinations": [{"ExtendedS3DestinationDescription": destination(**configuration)}],
    }


def settings(**configuration: Any) -> Settings:
    return parse(described(**configuration))


def test_a_destination_has_the_documented_defaults() -> None:
    found = settings()
    delivery = found.destinations["delivery"]
    assert (delivery.size, delivery.interval) == (5 * MB, 300)
    assert (delivery.compression, delivery.extension) == ("UNCOMPRESSED", "")
    assert (delivery.key, delivery.log, str(delivery.zone)) == (None, None, "UTC")
    assert list(found.destinations) == ["delivery"]
    assert found.processor is None


def test_a_processor_has_the_documented_defaults() -> None:
    processor = settings(ProcessingConfiguration=processing()).processor
    assert processor is not None
    assert (processor.function, processor.role) == (FUNCTION, ROLE)
    assert (processor.retries, processor.size) == (3, MB)


@pytest.mark.parametrize(
    ("configuration", "what"),
    [
        ({"CompressionFormat": "Snappy"}, "compression with Snappy"),
        ({"CompressionFormat": "HADOOP_SNAPPY"}, "compression with HADOOP_SNAPPY"),
        ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "with DynamicPartitioning"),
        ({"DataFormatConversionConfiguration": {}}, "with DataFormatConversion"),
        (
            {
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": [{"Type": "AppendDelimiterToRecord"}],
                }
            },
            "the processor AppendDelimiterToRecord",
        ),
    ],
)
def test_what_is_not_implemented_is_named(configuration: dict[str, Any], what: str) -> None:
    with pytest.raises(AwsError, match=what) as caught:
        settings(**configuration)
    assert caught.value.code == "NotImplemented"


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        ({"CustomTimeZone": "Nowhere/Land"}, "Nowhere/Land is not a valid time zone"),
        ({"CustomTimeZone": "../etc"}, "is not a valid time zone"),
        ({"S3BackupMode": "Enabled"}, "no S3BackupConfiguration"),
        ({"Prefix": "!{timestamp:yyyy}"}, "ErrorOutputPrefix cannot be null"),
        (
            {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}},
            "no LambdaArn",
        ),
        (
            {
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": processing()["Processors"] * 2,
                }
            },
            "Only one Lambda processor",
        ),
    ],
)
def test_what_firehose_would_not_have_taken_is_refused(
    configuration: dict[str, Any], why: str
) -> None:
    with pytest.raises(AwsError, match=why) as caught:
        settings(**configuration)
    assert caught.value.code == "InvalidArgumentException"


def test_what_is_switched_off_is_no_hindrance() -> None:
    off = {"Enabled": False}
    settings(DynamicPartitioningConfiguration=off, DataFormatConversionConfiguration=off)


@pytest.mark.parametrize(
    ("encryption", "is_encrypted"),
    [({}, False), ({"KeyType": "AWS_OWNED_CMK"}, True), ({"Status": "DISABLED"}, False)],
)
def test_encryption_at_rest_is_known(encryption: dict[str, str], is_encrypted: bool) -> None:
    description = {**described(), "DeliveryStreamEncryptionConfiguration": encryption}
    assert parse(description).is_encrypted is is_encrypted
