"""What checks work with: clients, names, time, and the undoing of what they made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_result, stop_after_attempt

from skyproof.expect.clock import Clock

#: A look each so many seconds: of the clock that the endpoint lives by.
PAUSE = 2.0
PREFIX = "skyproof-probe"


class Mismatch(Exception):
    """The endpoint answered, and something else than AWS does."""


@dataclass(frozen=True)
class Queue:
    """A queue that everybody may send to."""

    url: str
    arn: str


class Bench:
    """The workplace of one check.

    Args:
        client: ``client(service, region, account)``; both may be ``None``.
        clock: how time passes at the endpoint.
        suffix: makes names unique.
    """

    def __init__(self, client: Callable[..., Any], clock: Clock, suffix: str) -> None:
        self._client, self._clock, self._suffix = client, clock, suffix
        self._undoing: list[Callable[[], Any]] = []

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client to the endpoint."""
        return self._client(service, region, account)

    def name(self, what: str) -> str:
        """A name that nobody else has."""
        return f"{PREFIX}-{what}-{self._suffix}"

    def now(self) -> datetime:
        """The moment at the endpoint."""
        return self._clock.now()

    def before(self, seconds: float) -> datetime:
        """So many seconds before now; after it, if negative."""
        return self._clock.now() - timedelta(seconds=seconds)

    def undo(self, operation: Callable[..., Any], **arguments: Any) -> None:
        """Have something called at the end, the last first."""
        self._undoing.append(lambda: operation(**arguments))

    def clean(self) -> list[str]:
        """Undo everything; what could not be undone, in words."""
        left: list[str] = []
        while self._undoing:
            try:
                self._undoing.pop()()
            except (BotoCoreError, ClientError) as error:
                left.append(str(error))
        return left

    def same(self, what: str, got: Any, expected: Any) -> None:
        """Raise Mismatch unless both are equal."""
        if got != expected:
            raise Mismatch(f"{what}: got {got!r}, expected {expected!r}")

    def holds(self, whole: dict[str, Any], **expected: Any) -> None:
        """Raise Mismatch unless a structure has these members with these values."""
        for member, value in expected.items():
            self.same(member, whole.get(member), value)

    def refused(self, code: str, operation: Callable[..., Any], **arguments: Any) -> None:
        """Raise Mismatch unless an operation is refused with this code."""
        try:
            operation(**arguments)
        except ClientError as error:
            if is_lacking(error):
                raise
            self.same("error code", error.response["Error"]["Code"], code)
        else:
            raise Mismatch(f"error code: got none, expected {code!r}")

    def until(self, look: Callable[[], Any], within: float, what: str) -> Any:
        """The first truthy answer within so many seconds of the endpoint's time."""
        waiting = Retrying(
            stop=stop_after_attempt(int(within / PAUSE) + 1),
            wait=lambda _: PAUSE,
            sleep=self._clock.wait,
            retry=retry_if_result(lambda found: not found),
            retry_error_callback=lambda _: None,
        )
        found = waiting(look)
        if not found:
            raise Mismatch(f"{what}: nothing within {within:.0f} s")
        return found

    def queue(self, what: str, **attributes: str) -> Queue:
        """A new queue."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=self.name(what), Attributes=attributes)["QueueUrl"]
        self.undo(sqs.delete_queue, QueueUrl=url)
        asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        policy = {"Policy": allowing("sqs:SendMessage", arn)}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)
        return Queue(url, arn)

    def bodies(self, queue: Queue, within: float = 20, what: str = "a message") -> list[str]:
        """The messages that arrive first."""
        sqs = self.client("sqs")

        def look() -> list[str]:
            answer = sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
            return [message["Body"] for message in answer.get("Messages", ())]

        found: list[str] = self.until(look, within, what)
        return found

    def topic(self, what: str) -> str:
        """A new topic that everybody may publish to; its ARN."""
        sns = self.client("sns")
        arn = str(sns.create_topic(Name=self.name(what))["TopicArn"])
        self.undo(sns.delete_topic, TopicArn=arn)
        policy = allowing("sns:Publish", arn)
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        return arn

    def bucket(self, what: str, *, versioned: bool = False) -> str:
        """A new bucket; its name."""
        s3, name = self.client("s3"), self.name(what)
        s3.create_bucket(Bucket=name)
        self.undo(self._empty, bucket=name)
        if versioned:
            state = {"Status": "Enabled"}
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=state)
        return name

    def _empty(self, bucket: str) -> None:
        s3 = self.client("s3")
        listed = s3.list_object_versions(Bucket=bucket)
        for one in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        s3.delete_bucket(Bucket=bucket)

    def role(self, what: str, service: str) -> str:
        """A new role that a service may take and that may do everything; its ARN."""
        iam, name = self.client("iam"), self.name(what)
        trust = _document({"Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        self.undo(iam.delete_role, RoleName=name)
        everything = _document({"Action": "*", "Resource": "*"})
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
        self.undo(iam.delete_role_policy, RoleName=name, PolicyName="all")
        return arn


def allowing(action: str, arn: str) -> str:
    """A policy by which everybody may do one thing with one resource."""
    return _document({"Principal": "*", "Action": action, "Resource": arn})


def _document(statement: dict[str, Any]) -> str:
    whole = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return json.dumps(whole)


def is_lacking(error: ClientError) -> bool:
    """Whether an endpoint says that it has no such operation: with 501, or 500 as moto does."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response["Error"]["Code"]
    return bool(status >= 500) or code in ("InternalFailure", "NotImplemented")
