"""Records that are put come to the bucket, by size or time, as configured.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.firehose.staging import (
    BUCKET,
    NAME,
    ROLE,
    Authority,
    Published,
    Stage,
    destination,
    staged,
)

HOUR, DAY = 3600, 86_400
UUID = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"


def refused(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_records_are_delivered_after_the_interval_and_not_before(stage: Stage) -> None:
    stage.create()
    stage.put(b"one\n", b"two\n")
    stage.advance(100)
    stage.put(b"three\n")
    stage.advance(199)
    assert stage.objects() == {}
    stage.advance(1)
    assert list(stage.objects().values()) == [b"one\ntwo\nthree\n"]
    stage.advance(DAY)
    assert len(stage.objects()) == 1


def test_the_key_tells_when_the_oldest_record_arrived(stage: Stage) -> None:
    stage.create()
    stage.advance(HOUR + 62)
    stage.put(b"one")
    stage.advance(300)
    (key,) = stage.objects()
    assert re.fullmatch(rf"2026/01/05/01/{NAME}-1-2026-01-05-01-01-02-{UUID}", key)


def test_an_interval_of_zero_delivers_at_once(stage: Stage) -> None:
    stage.create(BufferingHints={"SizeInMBs": 5, "IntervalInSeconds": 0})
    stage.put(b"one")
    stage.advance(0)
    assert list(stage.objects().values()) == [b"one"]


def test_a_full_buffer_is_delivered_before_its_time_and_the_rest_later(stage: Stage) -> None:
    stage.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
    half = b"x" * 512 * 1024
    stage.put(half, half, b"rest")
    stage.advance(0)
    assert list(stage.objects().values()) == [half + half]
    stage.advance(60)
    assert sorted(stage.objects().values(), key=len) == [b"rest", half + half]


def test_one_record_can_be_put_alone(stage: Stage) -> None:
    stage.create()
    answer = stage.client("firehose").put_record(
        DeliveryStreamName=NAME, Record={"Data": b"\x00\xff"}
    )
    assert answer["Encrypted"] is False
    assert re.fullmatch(UUID, answer["RecordId"])
    stage.advance(300)
    assert list(stage.objects().values()) == [b"\x00\xff"]


def test_a_batch_is_answered_record_by_record(stage: Stage) -> None:
    stage.create()
    answer = stage.put(b"one", b"two")
    assert answer["FailedPutCount"] == 0
    assert len({one["RecordId"] for one in answer["RequestResponses"]}) == 2


def test_a_stream_that_is_encrypted_says_so(stage: Stage) -> None:
    stage.create()
    stage.client("firehose").start_delivery_stream_encryption(
        DeliveryStreamName=NAME,
        DeliveryStreamEncryptionConfigurationInput={"KeyType": "AWS_OWNED_CMK"},
    )
    assert stage.put(b"one")["Encrypted"] is True


def test_the_same_calls_make_the_same_keys() -> None:
    def keys() -> list[str]:
        world = World()
        try:
            stage = staged(world, Published(), Authority())
            stage.create(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 60})
            stage.put(b"one")
            stage.advance(60)
            stage.put(b"x" * 1_000_000, b"x" * 1_000_000)
            stage.advance(60)
            return list(stage.objects())
        finally:
            world.close()

    first = keys()
    assert len(set(first)) == 2
    assert keys() == first


def test_custom_prefixes_follow_the_time_zone(stage: Stage) -> None:
    stage.create(
        Prefix="day=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        CustomTimeZone="Asia/Tokyo",
    )
    stage.put(b"one")
    stage.advance(300)
    (key,) = stage.objects()
    assert key.startswith(f"day=2026-01-05/hour=09/{NAME}-1-2026-01-05-00-00-00-")


@pytest.mark.parametrize(("extension", "end"), [(None, ".gz"), (".json.gz", ".json.gz")])
def test_compressed_objects_end_in_their_extension(
    stage: Stage, extension: str | None, end: str
) -> None:
    more = {"FileExtension": extension} if extension else {}
    stage.create(CompressionFormat="GZIP", **more)
    stage.put(b"one\n", b"two\n")
    stage.advance(300)
    ((key, body),) = stage.objects().items()
    assert re.search(r"[0-9a-f]{12}(\..*)$", key)[1] == end  # type: ignore[index]
    assert gzip.decompress(body) == b"one\ntwo\n"
    assert body[4:8] == bytes(4), "a time in the header would make each run another"


def test_objects_are_sealed_with_the_configured_key(stage: Stage) -> None:
    key = stage.client("kms").create_key()["KeyMetadata"]["Arn"]
    stage.create(EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": key}})
    stage.put(b"one")
    stage.advance(300)
    (name,) = stage.objects()
    found = stage.client("s3").get_object(Bucket=BUCKET, Key=name)
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)


def test_an_update_counts_for_what_is_delivered_after_it(stage: Stage) -> None:
    stage.create()
    stage.put(b"one")
    stage.update(Prefix="new/")
    stage.advance(300)
    (key,) = stage.objects()
    assert key.startswith(f"new/2026/01/05/00/{NAME}-2-")


def test_a_deleted_stream_delivers_nothing_even_when_it_is_made_again(stage: Stage) -> None:
    stage.create()
    stage.put(b"old")
    stage.client("firehose").delete_delivery_stream(DeliveryStreamName=NAME)
    stage.create()
    stage.put(b"new")
    stage.advance(DAY)
    assert list(stage.objects().values()) == [b"new"]


def test_streams_of_other_regions_and_accounts_are_others(stage: Stage) -> None:
    stage.create()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        stage.world.client("firehose", "eu-west-1", "123456789012").put_record(
            DeliveryStreamName=NAME, Record={"Data": b""}
        )
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        stage.world.client("firehose", "us-east-1", "210987654321").put_record(
            DeliveryStreamName=NAME, Record={"Data": b""}
        )


def test_a_stream_of_the_plain_s3_kind_delivers_as_well(stage: Stage) -> None:
    stage.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME, S3DestinationConfiguration=destination(Prefix="plain/")
    )
    stage.put(b"one")
    stage.advance(300)
    assert list(stage.objects().values()) == [b"one"]


def test_a_backup_gets_what_was_put_at_its_own_pace(stage: Stage) -> None:
    stage.client("s3").create_bucket(Bucket="backup")
    hints = {"SizeInMBs": 5, "IntervalInSeconds": 60}
    stage.create(
        S3BackupMode="Enabled",
        S3BackupConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::backup",
            "Prefix": "raw/",
            "BufferingHints": hints,
        },
    )
    stage.put(b"one")
    stage.advance(60)
    ((key, body),) = stage.objects("backup").items()
    assert key.startswith("raw/2026/01/05/00/")
    assert body == b"one"
    assert stage.objects() == {}
    stage.advance(240)
    assert list(stage.objects().values()) == [b"one"]
    assert stage.metric("BackupToS3.Records") == [1]


def test_what_the_bucket_refuses_is_put_again_with_growing_pauses(stage: Stage) -> None:
    stage.create(BufferingHints={"SizeInMBs": 5, "IntervalInSeconds": 0})
    stage.authority.denied.add("PutObject")
    stage.put(b"one")
    stage.advance(5 + 10)
    assert stage.outcomes("deliver") == ["refused"] * 3
    stage.authority.denied.clear()
    stage.advance(19)
    assert stage.objects() == {}
    stage.advance(1)
    assert list(stage.objects().values()) == [b"one"]
    assert stage.metric("DeliveryToS3.Success") == [0, 0, 0, 1]


def test_after_a_day_of_refusals_records_are_dropped(stage: Stage) -> None:
    stage.create(BucketARN="arn:aws:s3:::nowhere")
    stage.put(b"one")
    stage.advance(3 * DAY)
    outcomes = stage.outcomes("deliver")
    assert outcomes[-1] == "dropped"
    assert set(outcomes[:-1]) == {"refused"}
    assert not [event for event in stage.world.clock.pending if "firehose" in event.what]


def test_objects_are_put_under_the_role_of_the_stream(stage: Stage) -> None:
    stage.create()
    stage.put(b"one")
    stage.advance(300)
    assert stage.authority.asked == [(ROLE, "PutObject")]


LOGGED = {"Enabled": True, "LogGroupName": "/aws/kinesisfirehose/s", "LogStreamName": "S3Delivery"}


def test_errors_are_logged_where_it_is_configured(stage: Stage) -> None:
    logs = stage.log_to("/aws/kinesisfirehose/s", "S3Delivery")
    stage.create(BucketARN="arn:aws:s3:::nowhere", CloudWatchLoggingOptions=LOGGED)
    stage.put(b"one")
    stage.advance(300)
    assert logs.lines == [
        {
            "deliveryStreamARN": "arn:aws:firehose:us-east-1:123456789012:deliverystream/s",
            "destination": "arn:aws:s3:::nowhere",
            "deliveryStreamVersionId": 1,
            "message": (
                "The specified bucket does not exist. Create the bucket or use a different bucket "
                "that does exist."
            ),
            "errorCode": "S3.NoSuchBucket",
        }
    ]


def test_errors_are_not_logged_unless_it_is_configured(stage: Stage) -> None:
    logs = stage.log_to("/aws/kinesisfirehose/s", "S3Delivery")
    options = {**LOGGED, "Enabled": False}
    stage.create(BucketARN="arn:aws:s3:::nowhere", CloudWatchLoggingOptions=options)
    stage.put(b"one")
    stage.advance(300)
    assert logs.lines == []


def test_a_missing_log_stream_stops_nothing(stage: Stage) -> None:
    stage.log_to("/aws/kinesisfirehose/s", "another")
    stage.create(BucketARN="arn:aws:s3:::nowhere", CloudWatchLoggingOptions=LOGGED)
    stage.put(b"one")
    stage.advance(305)
    assert stage.outcomes("log") == ["refused", "refused"]
    assert stage.outcomes("deliver") == ["refused", "refused"]


def test_metrics_tell_of_what_came_and_went(stage: Stage) -> None:
    """https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"""
    stage.create()
    stage.put(b"one", b"two")
    stage.put(b"three")
    stage.advance(300)
    assert stage.metric("IncomingRecords") == [2, 1]
    assert stage.metric("IncomingBytes") == [6, 5]
    assert stage.metric("DeliveryToS3.Success") == [1]
    assert stage.metric("DeliveryToS3.Records") == [3]
    assert stage.metric("DeliveryToS3.Bytes") == [11]
    assert stage.metric("DeliveryToS3.DataFreshness") == [300]
    assert stage.published.units == {
        "IncomingRecords": "Count",
        "IncomingBytes": "Bytes",
        "DeliveryToS3.Success": "Count",
        "DeliveryToS3.Records": "Count",
        "DeliveryToS3.Bytes": "Bytes",
        "DeliveryToS3.DataFreshness": "Seconds",
    }


def test_what_is_not_implemented_is_named_when_records_are_put(stage: Stage) -> None:
    stage.create(CompressionFormat="ZIP")
    with pytest.raises(ClientError, match="compression with ZIP") as caught:
        stage.put(b"one")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_destination_other_than_s3_is_named(stage: Stage) -> None:
    stage.client("firehose").create_delivery_stream(
        DeliveryStreamName=NAME,
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": "https://127.0.0.1/"},
            "S3Configuration": destination(),
        },
    )
    with pytest.raises(ClientError, match="delivery to HttpEndpoint"):
        stage.put(b"one")


def test_a_stream_that_can_deliver_no_more_drops_what_it_held(stage: Stage) -> None:
    stage.create()
    stage.put(b"one")
    stage.update(CompressionFormat="ZIP")
    stage.advance(300)
    assert stage.outcomes("deliver") == ["dropped"]


def test_a_stream_that_reads_from_kinesis_takes_no_records(stage: Stage) -> None:
    stage.client("kinesis").create_stream(StreamName="k", ShardCount=1)
    stage.create_reading("k")
    assert refused(stage.put_one, data=b"one")[0] == "InvalidArgumentException"


@pytest.mark.parametrize(
    ("every", "code"),
    [
        ([b"x" * 1_024_001], "ValidationException"),
        ([b"x"] * 501, "ValidationException"),
        ([b"x" * 1_000_000] * 5, "InvalidArgumentException"),
    ],
)
def test_what_is_larger_than_documented_is_refused(
    stage: Stage, every: list[bytes], code: str
) -> None:
    """https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html"""
    stage.create()
    with pytest.raises(ClientError) as caught:
        stage.put(*every)
    assert caught.value.response["Error"]["Code"] == code
    stage.advance(300)
    assert stage.objects() == {}
