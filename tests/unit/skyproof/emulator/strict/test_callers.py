"""Who is let in, who is not, and how each service says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3

from tests.unit.skyproof.emulator.strict.conftest import (
    ACCOUNT,
    ROLE,
    USER,
    Start,
    Strict,
    described,
    refusal,
    statement,
)

EVERYTHING = statement(Action="*", Resource="*")


@pytest.fixture
def strict(start: Start) -> Strict:
    return start(described(EVERYTHING))


READS: dict[str, tuple[str, dict[str, Any]]] = {
    "cloudwatch": ("describe_alarms", {}),
    "iam": ("list_roles", {}),
    "lambda": ("list_functions", {}),
    "logs": ("describe_log_groups", {}),
    "s3": ("list_buckets", {}),
    "sns": ("list_topics", {}),
    "sqs": ("list_queues", {}),
}


@pytest.mark.parametrize("service", READS)
def test_a_known_caller_is_let_in(strict: Strict, service: str) -> None:
    operation, params = READS[service]
    answer = getattr(strict.client(service), operation)(**params)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


UNKNOWN = {
    "cloudwatch": (403, "InvalidClientTokenId"),
    "iam": (403, "InvalidClientTokenId"),
    "lambda": (403, "UnrecognizedClientException"),
    "logs": (400, "UnrecognizedClientException"),
    "s3": (403, "InvalidAccessKeyId"),
    "sns": (403, "InvalidClientTokenId"),
    "sqs": (403, "InvalidClientTokenId"),
}


@pytest.mark.parametrize("service", UNKNOWN)
def test_a_key_that_nobody_has_is_refused(strict: Strict, service: str) -> None:
    operation, params = READS[service]
    # An account's number, which is a key wherever nobody is strict, is none here.
    for key in ("AKIASTRANGERSTRANGER", ACCOUNT):
        got = refusal(getattr(strict.client(service, key), operation), **params)
        assert got[:2] == UNKNOWN[service]


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("s3", "SignatureDoesNotMatch"),
        ("iam", "SignatureDoesNotMatch"),
        ("logs", "InvalidSignatureException"),
    ],
)
def test_a_wrong_secret_is_refused(strict: Strict, service: str, code: str) -> None:
    operation, params = READS[service]
    got = refusal(getattr(strict.client(service, secret="wrong"), operation), **params)
    assert got[1] == code


def test_every_kind_of_request_is_signed_rightly(strict: Strict) -> None:
    s3 = strict.client("s3", signature="s3v4")
    s3.create_bucket(Bucket="signed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    key = "folder with space/a+b=c/ümlaut.txt"
    s3.put_object(Bucket="signed", Key=key, Body=b"x" * 100, Metadata={"a_b": "c  d"})
    assert s3.get_object(Bucket="signed", Key=key)["Metadata"] == {"a_b": "c  d"}
    assert s3.head_object(Bucket="signed", Key=key)["ContentLength"] == 100
    link = s3.generate_presigned_url("get_object", {"Bucket": "signed", "Key": key})
    assert urllib3.request("GET", link).data == b"x" * 100
    wrong = link.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert urllib3.request("GET", wrong).status == 403
    # Above 10 kB boto3 sends metrics gzipped.
    data = [{"MetricName": f"a-metric-with-a-long-name-{n}", "Value": n} for n in range(400)]
    strict.client("cloudwatch").put_metric_data(Namespace="Mine", MetricData=data)
    strict.client("sqs").create_queue(QueueName="q", tags={"a b": "c/d+e"})
    assert strict.counts()["refused"] == 1  # the link that was changed


def test_an_unsigned_request_is_refused(strict: Strict) -> None:
    answer = urllib3.request("GET", f"{strict.endpoint}/some-bucket")
    assert (answer.status, b"AccessDenied" in answer.data) == (403, True)


def test_callers_are_told_who_they_are(strict: Strict) -> None:
    user = strict.client("sts").get_caller_identity()
    assert (user["Account"], user["Arn"]) == (ACCOUNT, USER)
    session = strict.session("sts").get_caller_identity()
    assert session["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/sandbox/apply"
    role = strict.root("iam").get_role(RoleName="sandbox")["Role"]
    assert session["UserId"] == f"{role['RoleId']}:apply"


def test_what_callers_make_is_in_their_account(strict: Strict) -> None:
    topic = strict.session("sns").create_topic(Name="news")["TopicArn"]
    assert topic == f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"


EXPIRED = {
    "iam": (403, "ExpiredToken"),
    "lambda": (403, "ExpiredTokenException"),
    "logs": (400, "ExpiredTokenException"),
    "s3": (400, "ExpiredToken"),
    "sqs": (403, "ExpiredToken"),
}


def test_a_session_ends(strict: Strict) -> None:
    clients = {service: strict.session(service) for service in EXPIRED}
    strict.advance(899)
    for service, client in clients.items():
        getattr(client, READS[service][0])()
    strict.advance(2)
    got = {
        service: refusal(getattr(client, READS[service][0]))[:2]
        for service, client in clients.items()
    }
    assert got == EXPIRED
    assert strict.counts()["expired"] == len(EXPIRED)
    strict.session("iam").list_roles()


def test_sessions_can_be_shortened(start: Start) -> None:
    strict = start(described(session_seconds=3))
    answer = strict.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="apply")
    left = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    assert timedelta(0) < left <= timedelta(seconds=3)
    session = strict.session("iam")
    session.list_roles()
    strict.advance(4)
    assert refusal(session.list_roles)[1] == "ExpiredToken"


def test_a_session_without_its_token_is_refused(strict: Strict) -> None:
    found = strict.client("sts").get_session_token()["Credentials"]
    keys = found["AccessKeyId"], found["SecretAccessKey"]
    strict.client("iam", *keys, found["SessionToken"]).list_roles()
    assert refusal(strict.client("iam", *keys).list_roles)[1] == "InvalidClientTokenId"


def test_only_whom_a_role_trusts_may_assume_it(start: Start) -> None:
    strict = start(described(EVERYTHING))
    iam = strict.client("iam")
    trust = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, '
    trust += '"Action": "sts:AssumeRole"}}'
    iam.create_role(RoleName="of-lambda", AssumeRolePolicyDocument=trust)
    sts = strict.client("sts")
    for name in ("of-lambda", "nowhere"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="apply") == (
            403,
            "AccessDenied",
            f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {arn}",
        )


def test_a_trusted_account_still_has_to_grant_it(start: Start) -> None:
    trust = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Action="sts:AssumeRole")
    content = described()
    content["policies"][1]["trust"]["Statement"] = [trust]
    strict = start(content)
    got = refusal(strict.client("sts").assume_role, RoleArn=ROLE, RoleSessionName="apply")
    assert got[1:] == (
        "AccessDenied",
        f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE} because "
        "no identity-based policy allows the sts:AssumeRole action",
    )
    strict.root("sts").assume_role(RoleArn=ROLE, RoleSessionName="apply")


def test_no_session_is_longer_than_its_role_allows(strict: Strict) -> None:
    assume = strict.client("sts").assume_role
    got = refusal(assume, RoleArn=ROLE, RoleSessionName="apply", DurationSeconds=7200)
    assert (got[1], "MaxSessionDuration" in got[2]) == ("ValidationError", True), got


def test_credentials_that_nobody_would_know_again_are_not_given(strict: Strict) -> None:
    got = refusal(strict.client("sts").get_federation_token, Name="somebody")
    assert got[:2] == (501, "NotImplemented")
