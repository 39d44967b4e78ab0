"""A guarded world can be read by all and changed by nobody from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from skyproof.emulator.gate import Visit
from skyproof.emulator.guard import KEPT, Guard, ReadOnlyWorldError
from tests.unit.skyproof.emulator.served import Served, queues


@pytest.fixture
def guarded(first: Served) -> Served:
    """With a queue, a bucket with an object, an alarm and a table."""
    first.client("sqs").create_queue(QueueName="orders")
    first.client("s3").create_bucket(Bucket="bucket")
    first.client("s3").put_object(Bucket="bucket", Key="k", Body=b"1")
    first.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert first.ask("POST guard", {"on": True}) == (200, {"on": True, "refused": []})
    return first


def written(world: Served) -> int:
    found: int = world.ask("GET written")[1]["written"]
    return found


def refused(world: Served) -> list[str]:
    found: list[str] = world.ask("GET guard")[1]["refused"]
    return found


WRITES: list[tuple[str, Callable[[Served], Any]]] = [
    ("sqs:CreateQueue", lambda w: w.client("sqs").create_queue(QueueName="more")),
    (
        "sqs:ReceiveMessage",
        lambda w: w.client("sqs").receive_message(QueueUrl=f"{w.endpoint}/123456789012/orders"),
    ),
    ("s3:PutObject", lambda w: w.client("s3").put_object(Bucket="bucket", Key="k", Body=b"2")),
    ("s3:DeleteBucket", lambda w: w.client("s3").delete_bucket(Bucket="bucket")),
    (
        "cloudwatch:PutMetricData",
        lambda w: w.client("cloudwatch").put_metric_data(
            Namespace="N", MetricData=[{"MetricName": "m", "Value": 1}]
        ),
    ),
    ("sns:CreateTopic", lambda w: w.client("sns").create_topic(Name="t")),
    ("iam:CreateUser", lambda w: w.client("iam").create_user(UserName="u")),
    (
        "dynamodb:PutItem",
        lambda w: w.client("dynamodb").put_item(TableName="t", Item={"id": {"S": "1"}}),
    ),
    ("ec2:CreateVpc", lambda w: w.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")),
    ("xray:CreateGroup", lambda w: w.client("xray").create_group(GroupName="g")),
]


@pytest.mark.parametrize(("call", "write"), WRITES, ids=[call for call, _ in WRITES])
def test_a_write_is_refused_in_every_protocol_and_named(
    guarded: Served, call: str, write: Callable[[Served], Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        write(guarded)
    answer = caught.value.response
    assert answer["Error"]["Code"] == "SkyproofReadOnlyWorld"
    assert answer["Error"]["Message"].startswith(f"{call} would change this world")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert refused(guarded) == [call], "once: no client tries again"


def test_reads_are_answered(guarded: Served) -> None:
    assert queues(guarded) == ["orders"]
    assert guarded.client("s3").get_object(Bucket="bucket", Key="k")["Body"].read() == b"1"
    assert guarded.client("dynamodb").scan(TableName="t")["Items"] == []
    assert guarded.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert guarded.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert refused(guarded) == []


def test_nothing_was_changed_by_what_was_refused(guarded: Served) -> None:
    for _, write in WRITES:
        with pytest.raises(ClientError):
            write(guarded)
    assert queues(guarded) == ["orders"]
    assert guarded.client("s3").get_object(Bucket="bucket", Key="k")["Body"].read() == b"1"
    assert refused(guarded) == [call for call, _ in WRITES]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("POST clock", {"mode": "manual"}),
        ("POST clock/advance", {"seconds": 1}),
        ("POST faults", {"service": "sqs", "operation": "SendMessage"}),
        ("DELETE faults", None),
    ],
)
def test_the_clock_is_not_turned_nor_faults_put(guarded: Served, what: str, body: Any) -> None:
    status, answer = guarded.ask(what, body)
    method, path = what.split(" ")
    call = f"skyproof:{method} /_skyproof/{path}"
    assert (status, answer["error"].startswith(call)) == (403, True), answer
    assert refused(guarded) == [call]
    assert guarded.ask("GET clock")[0] == 200


def test_a_request_that_no_model_knows_is_judged_by_its_method(guarded: Served) -> None:
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260105/us-east-1/nothing/"
        "aws4_request, SignedHeaders=host, Signature=0"
    }
    for method, status in (("POST", 403), ("GET", 501)):
        answer = urllib3.request(method, f"{guarded.endpoint}/thing", headers=signed, retries=False)
        assert answer.status == status, answer.data
    assert refused(guarded) == ["nothing:POST /thing"]


def test_a_copy_may_be_written_to(guarded: Served) -> None:
    copy = guarded.fork()
    copy.client("sqs").create_queue(QueueName="more")
    assert (queues(copy), queues(guarded)) == (["more", "orders"], ["orders"])
    assert copy.ask("GET guard") == (200, {"on": False, "refused": []})


def test_it_can_be_taken_off_and_put_on_anew(guarded: Served) -> None:
    with pytest.raises(ClientError):
        guarded.client("sqs").create_queue(QueueName="more")
    assert guarded.ask("POST guard", {"on": False}) == (200, {"on": False, "refused": []})
    guarded.client("sqs").create_queue(QueueName="more")
    assert guarded.ask("POST guard", {"on": True}) == (200, {"on": True, "refused": []})


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": 1}])
def test_what_is_no_switch_is_said_to_be_none(first: Served, body: Any) -> None:
    status, answer = first.ask("POST guard", body)
    assert (status, answer["error"].endswith("expected true or false")) == (400, True), answer


def test_what_comes_from_inside_passes() -> None:
    guard = Guard(on=True)
    guard.admit(Visit("POST /", nested=True), "sqs", "SendMessage")
    assert list(guard.refused) == []


def test_the_newest_refusals_are_kept() -> None:
    guard = Guard(on=True)
    for number in range(KEPT + 1):
        with pytest.raises(ReadOnlyWorldError):
            guard.admit(Visit("POST /"), "sqs", f"Send{number}")
    assert (len(guard.refused), guard.refused[-1]) == (KEPT, f"sqs:Send{KEPT}")


def test_it_counts_what_may_have_changed_something(first: Served) -> None:
    before = written(first)
    first.client("sns").create_topic(Name="orders")
    first.client("sns").create_topic(Name="orders")
    assert written(first) == before + 2
    first.client("sns").list_topics()
    first.ask("POST clock", {"mode": "manual"})
    first.ask("POST guard", {"on": True})
    with pytest.raises(ClientError, match="SkyproofReadOnlyWorld"):
        first.client("sns").create_topic(Name="more")
    assert written(first) == before + 2
