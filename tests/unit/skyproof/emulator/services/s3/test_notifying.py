"""Who is told what about which objects, and whether S3 may tell them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.s3.conftest import ACCOUNT, DAY

Settle = Callable[[], int]
Received = Callable[[], list[dict[str, Any]]]
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:t"
ALL = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def policy(action: str, resource: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def s3(stopped: World, client: Any) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="bkt")
    return made


@pytest.fixture
def received(client: Any) -> Received:
    """What the queue holds, the test message aside."""
    sqs = client("sqs")
    attributes = {"Policy": policy("sqs:SendMessage", QUEUE)}
    url = sqs.create_queue(QueueName="q", Attributes=attributes)["QueueUrl"]

    def receive() -> list[dict[str, Any]]:
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in messages:
                found.append(json.loads(one["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return [one for one in found if one.get("Event") != "s3:TestEvent"]

    return receive


def to_queue(events: list[str], **members: Any) -> dict[str, Any]:
    return {"Id": "n", "QueueArn": QUEUE, "Events": events, **members}


def configure(s3: Any, *queues: dict[str, Any], **members: Any) -> None:
    s3.put_bucket_notification_configuration(
        Bucket="bkt", NotificationConfiguration={"QueueConfigurations": [*queues], **members}
    )


def names(messages: list[dict[str, Any]]) -> list[str]:
    return [record["eventName"] for message in messages for record in message["Records"]]


def test_a_record_is_as_documented(s3: Any, received: Received, settle: Settle) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    configure(s3, to_queue(ALL))
    etag = s3.put_object(Bucket="bkt", Key="a b/ü+c", Body=b"12345")["ETag"]
    settle()
    (message,) = received()
    (record,) = message["Records"]
    assert record.pop("responseElements").keys() == {"x-amz-request-id", "x-amz-id-2"}
    assert int(record["s3"]["object"].pop("sequencer"), 16) > 0
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-05T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": ACCOUNT},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "n",
            "bucket": {
                "name": "bkt",
                "ownerIdentity": {"principalId": ACCOUNT},
                "arn": "arn:aws:s3:::bkt",
            },
            "object": {"key": "a+b/%C3%BC%2Bc", "size": 5, "eTag": etag.strip('"')},
        },
    }


def test_every_way_to_make_and_remove_an_object_is_told_once(
    s3: Any, received: Received, settle: Settle
) -> None:
    configure(s3, to_queue(ALL))
    s3.put_object(Bucket="bkt", Key="a")
    s3.copy_object(Bucket="bkt", Key="b", CopySource="bkt/a")
    where = {"Bucket": "bkt", "Key": "c"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where)["UploadId"]}
    part = s3.upload_part(PartNumber=1, Body=b"part", **upload)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    s3.delete_object(Bucket="bkt", Key="a")
    s3.delete_object(Bucket="bkt", Key="never there")
    s3.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": "b"}, {"Key": "c"}]})
    settle()
    assert names(received()) == [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        *["ObjectRemoved:Delete"] * 3,
    ]


def test_versions_are_named_and_delete_markers_told(
    s3: Any, received: Received, settle: Settle
) -> None:
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    configure(s3, to_queue(ALL))
    version = s3.put_object(Bucket="bkt", Key="k")["VersionId"]
    marker = s3.delete_object(Bucket="bkt", Key="k")["VersionId"]
    s3.delete_object(Bucket="bkt", Key="k", VersionId=version)
    settle()
    told = [record for message in received() for record in message["Records"]]
    assert [(one["eventName"], one["s3"]["object"]["versionId"]) for one in told] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", version),
    ]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (["s3:ObjectCreated:*"], ["ObjectCreated:Put"]),
        (["s3:ObjectCreated:Put"], ["ObjectCreated:Put"]),
        (["s3:ObjectCreated:Copy"], []),
        (["s3:ObjectRemoved:Delete"], ["ObjectRemoved:Delete"]),
        (["s3:ObjectTagging:*"], ["ObjectTagging:Put", "ObjectTagging:Delete"]),
    ],
)
def test_only_the_events_that_are_asked_for_are_told(
    s3: Any, received: Received, settle: Settle, events: list[str], told: list[str]
) -> None:
    configure(s3, to_queue(events))
    s3.put_object(Bucket="bkt", Key="k")
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(Bucket="bkt", Key="k", Tagging={"TagSet": tags})
    s3.delete_object_tagging(Bucket="bkt", Key="k")
    s3.delete_object(Bucket="bkt", Key="k")
    settle()
    assert names(received()) == told


def test_a_filter_chooses_by_the_beginning_and_the_end_of_keys(
    s3: Any, received: Received, settle: Settle
) -> None:
    rules = [{"Name": "Prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
    configure(s3, to_queue(ALL, Filter={"Key": {"FilterRules": rules}}))
    for key in ("in/a.csv", "in/a.txt", "out/a.csv"):
        s3.put_object(Bucket="bkt", Key=key)
    settle()
    (message,) = received()
    assert message["Records"][0]["s3"]["object"]["key"] == "in/a.csv"


def test_a_topic_passes_it_on(s3: Any, received: Received, client: Any, settle: Settle) -> None:
    sns = client("sns")
    sns.create_topic(Name="t", Attributes={"Policy": policy("sns:Publish", TOPIC)})
    url = client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    allowed = json.loads(policy("sqs:SendMessage", QUEUE))
    allowed["Statement"][0]["Principal"] = {"Service": "sns.amazonaws.com"}
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allowed)})
    sns.subscribe(
        TopicArn=TOPIC,
        Protocol="sqs",
        Endpoint=QUEUE,
        Attributes={"RawMessageDelivery": "true"},
    )
    s3.put_bucket_notification_configuration(
        Bucket="bkt",
        NotificationConfiguration={
            "TopicConfigurations": [{"TopicArn": TOPIC, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    s3.put_object(Bucket="bkt", Key="k")
    settle()
    assert names(received()) == ["ObjectCreated:Put"]


def test_a_function_is_invoked_by_s3_for_the_bucket(
    s3: Any, stopped: World, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyproof.emulator import acting

    invoked: list[tuple[Any, dict[str, Any]]] = []

    class Lambda:
        def invoke(self, **params: Any) -> None:
            invoked.append((acting.current(), params))

    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    s3.put_bucket_notification_configuration(
        Bucket="bkt",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
            ]
        },
        SkipDestinationValidation=True,
    )
    monkeypatch.setattr(stopped, "client", lambda *_: Lambda())
    s3.put_object(Bucket="bkt", Key="k")
    settle()
    ((principal, params),) = invoked
    assert principal == acting.Principal("s3.amazonaws.com", ACCOUNT, "arn:aws:s3:::bkt")
    assert params["FunctionName"] == arn
    assert params["InvocationType"] == "Event"
    assert names([json.loads(params["Payload"])]) == ["ObjectCreated:Put"]


class TestEventBridge:
    @pytest.fixture
    def emitted(self, stopped: World, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        class Events:
            def emit(self, account: str, region: str, **members: Any) -> None:
                found.append({"account": account, "region": region, **members})

        service = stopped.service
        monkeypatch.setattr(
            stopped, "service", lambda name: Events() if name == "events" else service(name)
        )
        return found

    def test_it_gets_every_event_with_its_detail(
        self, s3: Any, emitted: list[dict[str, Any]], settle: Settle
    ) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
        configure(s3, EventBridgeConfiguration={})
        etag = s3.put_object(Bucket="bkt", Key="k", Body=b"12345")["ETag"]
        settle()
        (event,) = emitted
        detail = event.pop("detail")
        assert event == {
            "account": ACCOUNT,
            "region": "us-east-1",
            "source": "aws.s3",
            "detail_type": "Object Created",
            "resources": ["arn:aws:s3:::bkt"],
        }
        assert int(detail["object"].pop("sequencer"), 16) > 0
        assert len(detail.pop("request-id")) == 16
        assert detail == {
            "version": "0",
            "bucket": {"name": "bkt"},
            "object": {"key": "k", "size": 5, "etag": etag.strip('"')},
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        }

    def test_deletions_say_of_which_kind(
        self, s3: Any, emitted: list[dict[str, Any]], settle: Settle
    ) -> None:
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket="bkt", Key="k")["VersionId"]
        configure(s3, EventBridgeConfiguration={})
        s3.delete_object(Bucket="bkt", Key="k")
        s3.delete_object(Bucket="bkt", Key="k", VersionId=version)
        settle()
        assert [(one["detail_type"], one["detail"]["deletion-type"]) for one in emitted] == [
            ("Object Deleted", "Delete Marker Created"),
            ("Object Deleted", "Permanently Deleted"),
        ]

    def test_lifecycle_says_where_an_object_went(
        self, s3: Any, emitted: list[dict[str, Any]], stopped: World
    ) -> None:
        configure(s3, EventBridgeConfiguration={})
        rule = {
            "ID": "r",
            "Status": "Enabled",
            "Filter": {"ObjectSizeGreaterThan": 0},
            "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
        }
        s3.put_bucket_lifecycle_configuration(
            Bucket="bkt", LifecycleConfiguration={"Rules": [rule]}
        )
        s3.put_object(Bucket="bkt", Key="k", Body=b"x")
        stopped.clock.advance(DAY)
        event = emitted[-1]
        assert event["detail_type"] == "Object Storage Class Changed"
        assert event["detail"]["destination-storage-class"] == "GLACIER"
        assert event["detail"]["requester"] == "s3.amazonaws.com"


@pytest.mark.parametrize(
    ("versioned", "name"),
    [
        (False, "LifecycleExpiration:Delete"),
        (True, "LifecycleExpiration:DeleteMarkerCreated"),
    ],
)
def test_expiry_is_told_as_lifecycle_s_and_not_as_a_deletion(
    s3: Any, received: Received, stopped: World, versioned: bool, name: str
) -> None:
    if versioned:
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bkt", Key="k", Body=b"x")
    configure(s3, to_queue(["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"]))
    rule = {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket="bkt", LifecycleConfiguration={"Rules": [rule]})
    stopped.clock.advance(DAY)
    assert names(received()) == [name]


def test_a_replication_that_failed_is_told_where_metrics_are_on(
    s3: Any, received: Received, make_bucket: Any, make_role: Any, settle: Settle
) -> None:
    make_bucket("copy")
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    configure(s3, to_queue(["s3:Replication:*"]))
    rule = {
        "ID": "rule",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {
            "Bucket": "arn:aws:s3:::copy",
            "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        },
    }
    s3.put_bucket_replication(
        Bucket="bkt",
        ReplicationConfiguration={"Role": make_role(), "Rules": [rule]},
    )
    s3.put_bucket_versioning(Bucket="copy", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="bkt", Key="k")
    settle()
    (message,) = received()
    (record,) = message["Records"]
    assert (record["eventVersion"], record["eventName"]) == (
        "2.2",
        "Replication:OperationFailedReplication",
    )
    assert record["replicationEventData"] == {
        "replicationRuleId": "rule",
        "destinationBucket": "arn:aws:s3:::copy",
        "s3Operation": "OBJECT_PUT",
        "requestTime": "2026-01-05T00:00:00.000Z",
        "failureReason": "DstBucketUnversioned",
    }


def test_a_queue_that_takes_no_more_from_s3_refuses(
    s3: Any, received: Received, client: Any, stopped: World, settle: Settle
) -> None:
    configure(s3, to_queue(ALL))
    url = client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    nobody = policy("sqs:SendMessage", QUEUE).replace("s3.amazonaws.com", "sns.amazonaws.com")
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": nobody})
    s3.put_object(Bucket="bkt", Key="k")
    settle()
    assert received() == []
    (told,) = stopped.happenings.about("bkt")
    assert (told.what, told.target, told.outcome) == ("notify", QUEUE, "refused")


class TestConfiguration:
    def refusal(self, s3: Any, *queues: dict[str, Any]) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            configure(s3, *queues)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    def test_it_comes_back_exactly_as_it_was_put(self, s3: Any, received: Received) -> None:
        rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
        queue = to_queue(["s3:ObjectCreated:*"], Filter={"Key": {"FilterRules": rules}})
        configure(s3, queue, EventBridgeConfiguration={})
        got = s3.get_bucket_notification_configuration(Bucket="bkt")
        got.pop("ResponseMetadata")
        assert got == {"QueueConfigurations": [queue], "EventBridgeConfiguration": {}}

    def test_a_destination_without_an_id_gets_one_that_stays(
        self, s3: Any, received: Received
    ) -> None:
        seen = set()
        for _ in range(2):
            configure(s3, {"QueueArn": QUEUE, "Events": ALL})
            got = s3.get_bucket_notification_configuration(Bucket="bkt")
            seen.add(got["QueueConfigurations"][0]["Id"])
        assert len(seen) == 1

    def test_an_empty_one_tells_nobody(self, s3: Any, received: Received, settle: Settle) -> None:
        configure(s3, to_queue(ALL))
        configure(s3)
        assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="bkt")
        s3.put_object(Bucket="bkt", Key="k")
        settle()
        assert received() == []

    def test_it_goes_with_its_bucket(self, s3: Any, received: Received) -> None:
        configure(s3, to_queue(ALL))
        s3.delete_bucket(Bucket="bkt")
        s3.create_bucket(Bucket="bkt")
        assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket="bkt")

    def test_a_queue_gets_a_test_message(self, s3: Any, received: Received, client: Any) -> None:
        configure(s3, to_queue(ALL))
        url = client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
        (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
        body = json.loads(message["Body"])
        assert (body["Event"], body["Bucket"]) == ("s3:TestEvent", "bkt")

    @pytest.mark.parametrize("arn", [QUEUE, TOPIC])
    def test_a_destination_that_does_not_let_s3_in_is_refused(
        self, s3: Any, client: Any, arn: str
    ) -> None:
        code, message = self.refusal(s3, {"Id": "n", "QueueArn": arn, "Events": ALL})
        assert code == "InvalidArgument"
        assert message.startswith("Unable to validate the following destination configurations")

    def test_a_destination_in_another_region_is_refused(self, s3: Any) -> None:
        elsewhere = to_queue(ALL, QueueArn=QUEUE.replace("us-east-1", "eu-west-1"))
        code, message = self.refusal(s3, elsewhere)
        assert code == "InvalidArgument"
        assert "region is not valid" in message

    @pytest.mark.parametrize(
        ("one", "other", "refused"),
        [
            ("s3:ObjectCreated:*", "s3:ObjectCreated:Put", True),
            ("s3:ObjectCreated:Copy", "s3:ObjectCreated:Put", False),
            ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", False),
        ],
    )
    def test_no_two_may_be_told_the_same_event(
        self, s3: Any, received: Received, one: str, other: str, refused: bool
    ) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"""
        both = (to_queue([one], Id="1"), to_queue([other], Id="2"))
        if refused:
            assert "overlap" in self.refusal(s3, *both)[1]
        else:
            configure(s3, *both)

    def test_an_event_that_s3_does_not_have_is_refused(self, s3: Any) -> None:
        code, message = self.refusal(s3, to_queue(["s3:ObjectEaten:*"]))
        assert (code, "ObjectEaten" in message) == ("InvalidArgument", True)

    def test_an_event_that_nothing_here_causes_is_named(self, s3: Any) -> None:
        code, message = self.refusal(s3, to_queue(["s3:ObjectRestore:*"]))
        assert (code, "s3:ObjectRestore:*" in message) == ("NotImplemented", True)
