"""Wanted: Firehose for archival, with a transform, an error prefix and a dead-letter path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def archive(platform: Platform) -> dict[str, Any]:
    described = platform.client("firehose").describe_delivery_stream(
        DeliveryStreamName=platform.name("metric-archive")
    )["DeliveryStreamDescription"]
    got: dict[str, Any] = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    return got


def test_records_pass_a_lambda_function_that_exists(
    platform: Platform, archive: dict[str, Any]
) -> None:
    processing = archive["ProcessingConfiguration"]
    assert processing["Enabled"] is True
    parameters = {
        one["ParameterName"]: one["ParameterValue"]
        for processor in processing["Processors"]
        for one in processor.get("Parameters", ())
    }
    function = parameters["LambdaArn"].removesuffix(":$LATEST")
    got = platform.client("lambda").get_function_configuration(FunctionName=function)
    assert got["Architectures"] == ["arm64"]


def test_failed_records_have_a_prefix_of_their_own(archive: dict[str, Any]) -> None:
    assert "!{firehose:error-output-type}" in archive["ErrorOutputPrefix"]
    assert not archive["ErrorOutputPrefix"].startswith(archive["Prefix"].split("!{")[0])


def test_records_are_compressed_and_encrypted(archive: dict[str, Any]) -> None:
    assert archive["CompressionFormat"] == "GZIP"
    assert archive["EncryptionConfiguration"]["KMSEncryptionConfig"]["AWSKMSKeyARN"]
    conversion = archive.get("DataFormatConversionConfiguration", {"Enabled": False})
    assert conversion["Enabled"] is False, "Firehose refuses GZIP together with format conversion"


def test_delivery_errors_are_logged(platform: Platform, archive: dict[str, Any]) -> None:
    options = archive["CloudWatchLoggingOptions"]
    assert options["Enabled"] is True
    streams = platform.client("logs").describe_log_streams(logGroupName=options["LogGroupName"])
    assert options["LogStreamName"] in {s["logStreamName"] for s in streams["logStreams"]}
