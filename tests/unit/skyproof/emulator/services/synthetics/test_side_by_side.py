"""Canaries that are due at the same moment: they run at once, and have their say in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skyproof.emulator import Emulator
from tests.unit.skyproof.emulator.conftest import MONDAY, allowing
from tests.unit.skyproof.emulator.services.synthetics.conftest import package

#: Tells that it is there, then waits until the other is. It waits in real time, for `time.sleep`
#: would only move its own on.
MEETS = """
import os, pathlib, select

def handler(event, context):
    mine, other = (pathlib.Path(os.environ[name]) for name in ("MINE", "OTHER"))
    mine.touch()
    for _ in range(500):
        if other.exists():
            return
        select.select([], [], [], 0.01)
    raise RuntimeError("it was alone")
"""
#: Says its name, the first one later than the second.
SAYS = """
import os, select, boto3

sqs = boto3.client("sqs")

def handler(event, context):
    if os.environ["NAME"] == "first":
        select.select([], [], [], 0.2)
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=os.environ["NAME"])
"""

Make = Callable[..., None]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        emulator.world.clock.set(MONDAY, "manual")
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Callable[[str], Any]:
    return lambda service: emulator.world.client(service, "us-east-1", "123456789012")


@pytest.fixture
def make(client: Callable[[str], Any]) -> Make:
    """``make(name, source, **variables)``: a canary that runs once a minute."""
    client("s3").create_bucket(Bucket="artifacts")
    trust = allowing(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    role = client("iam").create_role(RoleName="all", AssumeRolePolicyDocument=trust)["Role"]
    everything = allowing(Action="*", Resource="*")
    client("iam").put_role_policy(RoleName="all", PolicyName="all", PolicyDocument=everything)

    def make(name: str, source: str, **variables: str) -> None:
        client("synthetics").create_canary(
            Name=name,
            Code={"ZipFile": package(source), "Handler": "probe.handler"},
            ArtifactS3Location="s3://artifacts",
            ExecutionRoleArn=role["Arn"],
            Schedule={"Expression": "rate(1 minute)"},
            RunConfig={"TimeoutInSeconds": 20, "EnvironmentVariables": variables},
            RuntimeVersion="syn-python-selenium-14.0",
        )
        client("synthetics").start_canary(Name=name)

    return make


def states(client: Callable[[str], Any], name: str) -> list[str]:
    """Of its runs, the newest first."""
    runs = client("synthetics").get_canary_runs(Name=name)["CanaryRuns"]
    return [run["Status"]["State"] for run in runs]


def test_they_run_at_the_same_time(
    emulator: Emulator, client: Callable[[str], Any], make: Make, tmp_path: Path
) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    make("one", MEETS, MINE=one, OTHER=two)
    make("two", MEETS, MINE=two, OTHER=one)
    emulator.world.clock.advance(0)
    assert (states(client, "one"), states(client, "two")) == (["PASSED"], ["PASSED"])


def test_what_they_ask_is_answered_in_turn(
    emulator: Emulator, client: Callable[[str], Any], make: Make
) -> None:
    queue = client("sqs").create_queue(QueueName="said")["QueueUrl"]
    for name in ("first", "second"):
        make(name, SAYS, NAME=name, QUEUE=queue)
    emulator.world.clock.advance(120)
    received = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["first", "second"] * 3


def test_a_run_ends_after_what_else_is_due(
    emulator: Emulator, client: Callable[[str], Any], make: Make
) -> None:
    make("probe", "def handler(event, context): pass")
    clock, seen = emulator.world.clock, list[list[str]]()

    def cause() -> None:
        clock.soon("look", lambda: seen.append(states(client, "probe")))

    clock.soon("cause", cause)
    clock.advance(0)
    assert seen == [["RUNNING"]]
    assert states(client, "probe") == ["PASSED"]


def test_one_that_fails_to_import_holds_nobody(
    emulator: Emulator, client: Callable[[str], Any], make: Make
) -> None:
    make("broken", "raise ValueError('as ordered')")
    queue = client("sqs").create_queue(QueueName="said")["QueueUrl"]
    make("second", SAYS, NAME="second", QUEUE=queue)
    emulator.world.clock.advance(0)
    assert (states(client, "broken"), states(client, "second")) == (["FAILED"], ["PASSED"])


def test_a_script_that_asks_while_it_is_imported_is_answered(
    emulator: Emulator, client: Callable[[str], Any], make: Make
) -> None:
    queue = client("sqs").create_queue(QueueName="said")["QueueUrl"]
    at_import = f"import boto3\nboto3.client('sqs').purge_queue(QueueUrl={json.dumps(queue)})\n"
    make("probe", f"{at_import}def handler(event, context): pass")
    emulator.world.clock.advance(0)
    assert states(client, "probe") == ["PASSED"]
