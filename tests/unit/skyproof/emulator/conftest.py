"""An emulated AWS in this process, without a socket, new for each test."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from skyproof.emulator import Emulator
from skyproof.emulator.clock import Clock
from skyproof.emulator.target import DEFAULT_ACCOUNT, DEFAULT_REGION
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.served import Served, queues

ClientFixture = Callable[..., Any]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def client(world: World) -> ClientFixture:
    """``client(service, region=..., account=...)``: boto3 through the gateway."""

    def make(service: str, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT) -> Any:
        return world.client(service, region, account)

    return make


MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def still(world: World) -> Clock:
    """The world's clock, standing at midnight of a Monday until it is advanced."""
    world.clock.set(MONDAY, "manual")
    return world.clock


class Mailbox:
    """A queue to which services may send, read without waiting."""

    def __init__(self, sqs: Any, name: str) -> None:
        self._sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        self.allow("*")

    def allow(self, *services: str) -> None:
        """Let these services send, and no others."""
        principal = "*" if services == ("*",) else {"Service": list(services)}
        statement = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement] if services else []})
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def take(self) -> list[dict[str, Any]]:
        """Receive and delete everything that is there; messages as boto3 gives them."""
        found: list[dict[str, Any]] = []
        while batch := self._receive():
            for message in batch:
                found.append(message)
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def bodies(self) -> list[Any]:
        """The bodies of what is there, read as JSON where they are."""
        return [_json(message["Body"]) for message in self.take()]

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        batch: list[dict[str, Any]] = answer.get("Messages", [])
        return batch


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@pytest.fixture
def mailbox(client: ClientFixture) -> Callable[..., Mailbox]:
    """``mailbox("name")``: a queue that every service may send to."""

    def make(name: str, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT) -> Mailbox:
        return Mailbox(client("sqs", region, account), name)

    return make


@pytest.fixture
def function(client: ClientFixture) -> Callable[..., str]:
    """``function("name", "def handler(event, context): ...")``: its ARN; its role may do all."""

    def make(name: str, source: str, **members: Any) -> str:
        iam = client("iam")
        trust = allowing(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
        role = iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=trust)["Role"]
        everything = allowing(Action="*", Resource="*")
        iam.put_role_policy(RoleName=f"{name}-role", PolicyName="all", PolicyDocument=everything)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(zipfile.ZipInfo("main.py"), source)
        created = client("lambda").create_function(
            FunctionName=name,
            Role=role["Arn"],
            **{
                "Runtime": "python3.12",
                "Handler": "main.handler",
                "Code": {"ZipFile": content.getvalue()},
                **members,
            },
        )
        for service in ("events", "lambda.alarms.cloudwatch", "logs", "sns", "s3"):
            client("lambda").add_permission(
                FunctionName=name,
                StatementId=service.replace(".", "-"),
                Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
            )
        return str(created["FunctionArn"])

    return make


def allowing(**members: Any) -> str:
    """A policy with one statement, which allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **members}]})


@pytest.fixture(scope="module")
def emulator() -> Iterator[Served]:
    """A world served by this process, in which no test leaves anything."""
    with Emulator() as emulator:
        world = Served(emulator.endpoint)
        # Loaded once, and not in every copy.
        world.client("lambda").list_functions()
        world.client("iam").list_roles()
        world.client("s3").list_buckets()
        assert queues(world) == []
        yield world


@pytest.fixture
def first(emulator: Served) -> Iterator[Served]:
    """A world of the test's own: a copy, which starts faster than an emulator ends."""
    copy = emulator.fork()
    yield copy
    emulator.drop(copy)


@pytest.fixture
def hurry() -> Iterator[None]:
    """Threads that take turns a thousand times as often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 1000)
    yield
    sys.setswitchinterval(before)
