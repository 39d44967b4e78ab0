"""Worlds: what a test does to a stack in one shows nowhere else, in any order, with any workers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from skyproof.applied import AppliedStack, World
from skyproof.backends.emulated import Emulated
from skyproof.expect import minutes
from skyproof.standing.up import down

STACK = Path(__file__).parent / "stacks" / "topic"

NO_WORLDS = "fails: it has no worlds of its own for each test"
pytestmark = [
    pytest.mark.stack("stacks/topic", variables={"name": "worlds"}),
    pytest.mark.parity(localstack=NO_WORLDS, sandbox=NO_WORLDS),
]


@pytest.fixture(scope="module", autouse=True)
def _still_there(stack: AppliedStack) -> Iterator[None]:
    """After all that the tests have done, in whatever order, the shared stack is as it was."""
    begun = stack.backend.clock().now()
    yield
    assert stack.plan().is_empty
    assert stack.outputs["topic_arn"] in topics(stack)
    assert stack.backend.clock().now() - begun < timedelta(hours=1)


def topics(world: AppliedStack) -> list[str]:
    """All that there are: without workers the run's other stacks stand in the same AWS."""
    return [one["TopicArn"] for one in world.client("sns").list_topics()["Topics"]]


def statements(world: AppliedStack) -> list[str]:
    topic = world.client("sns").get_topic_attributes(TopicArn=world.outputs["topic_arn"])
    policy = json.loads(topic["Attributes"]["Policy"])
    return [statement["Sid"] for statement in policy["Statement"]]


def test_the_shared_stack_has_no_drift(stack: AppliedStack) -> None:
    plan = stack.plan()
    assert plan.is_empty, str(plan)
    assert statements(stack) == ["alarms"]


@pytest.mark.destructive
def test_a_stack_is_destroyed_in_a_world(world: World) -> None:
    topic = world.outputs["topic_arn"]
    assert topic in topics(world)
    assert world.destroy().removed == 3
    assert topic not in topics(world)


@pytest.mark.destructive
def test_what_was_deleted_by_hand_is_planned_again(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=world.outputs["topic_arn"])
    plan = world.plan()
    assert plan.changes["aws_sns_topic.this"].actions == ("create",), str(plan)
    assert world.apply().added > 0
    assert world.plan().is_empty


@pytest.mark.destructive
def test_a_policy_that_was_broken_is_mended(world: World) -> None:
    topic = world.outputs["topic_arn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "nobody", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish"}
            | {"Resource": topic}
        ],
    }
    world.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    assert statements(world) == ["nobody"]
    world.apply()
    assert statements(world) == ["alarms"]


@pytest.mark.destructive
def test_a_stack_is_applied_again_with_other_variables(world: World) -> None:
    world.apply({"name": "renamed-{skyproof_suffix}"})
    assert world.outputs["alarm"] == f"renamed-{world.run.suffix}-errors"


def test_a_day_passes(world: World) -> None:
    begin = world.clock.now()
    world.clock.wait(timedelta(days=1).total_seconds())
    assert world.clock.now() - begin == timedelta(days=1)
    world.client("cloudwatch").put_metric_data(
        Namespace="Shop",
        MetricData=[{"MetricName": "Errors", "Value": 1, "Timestamp": world.clock.now()}],
    )
    world.expect(world.views().alarm(world.outputs["alarm"])).fires(within=minutes(5))


def test_worlds_of_a_world_part_ways(world: World) -> None:
    with world.fork() as first, world.fork() as second:
        first.destroy()
        assert statements(second) == ["alarms"]
    assert statements(world) == ["alarms"]


SHARING = """
import os
import pytest

pytestmark = pytest.mark.stack("topic", variables={"name": "orders"})

@pytest.fixture(scope="session")
def inbox(client):
    return client("sqs").create_queue(QueueName="made-once-and-shared")["QueueUrl"]

@pytest.fixture
def careless(stack):
    stack.client("sns").create_topic(Name="careless")

def topics(stack):
    found = stack.client("sns").list_topics()["Topics"]
    return sorted(one["TopicArn"].rpartition(":")[2] for one in found)
"""
READERS = """
@pytest.mark.parametrize("number", range(4))
def test_reads(stack, client, number):
    assert topics(stack) == ["orders"]
    assert client("sns").list_topics()["Topics"][0]["TopicArn"] == stack.outputs["topic_arn"]

@pytest.mark.parametrize("number", range(4))
def test_destroys(world, number):
    world.destroy()
    assert topics(world) == []
"""
WRITERS = """
def test_writes(stack):
    stack.client("sns").create_topic(Name="more")

def test_hides_that_it_writes(stack):
    with pytest.raises(Exception, match="SkyproofReadOnlyWorld"):
        stack.client("sns").delete_topic(TopicArn=stack.outputs["topic_arn"])

def test_turns_the_clock(stack, clock):
    clock.wait(60)

def test_is_set_up_carelessly(careless):
    pass

def test_is_set_up_for_several(stack, inbox):
    assert topics(stack) == ["orders"]

def test_applies_one_more(stack, applied):
    assert topics(applied("topic", {"name": "beside"})) == ["beside", "orders"]
"""
DIES = """
@pytest.mark.parametrize("number", range(6))
def test_reads_while_another_dies(stack, number):
    assert topics(stack) == ["orders"]

def test_dies(world):
    world.client("sns").delete_topic(TopicArn=world.outputs["topic_arn"])
    os._exit(7)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A stranger's project, whose runs write their journals into it."""
    monkeypatch.setenv("SKYPROOF_HOME", str(pytester.path / "home"))
    shutil.copytree(STACK, pytester.path / "topic")
    return pytester


def run(project: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    project.makepyfile(SHARING + tests)
    return project.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=300)


def assert_applied_and_destroyed_once(project: pytest.Pytester, result: pytest.RunResult) -> None:
    told = [line for line in result.errlines if "topic: 3/3 resources" in line]
    assert [line.split()[0] for line in told] == ["apply", "destroy"], result.stderr.str()
    assert list((project.path / "home" / "runs").iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [("-n", "0"), ("-n", "2", "--dist", "worksteal"), ("-n", "4", "--dist", "load")],
    ids=" ".join,
)
def test_one_apply_is_enough_for_all_workers(
    project: pytest.Pytester, options: tuple[str, ...]
) -> None:
    result = run(project, READERS, *options)
    result.assert_outcomes(passed=8)
    assert_applied_and_destroyed_once(project, result)


def test_a_worker_that_dies_takes_nothing_with_it(project: pytest.Pytester) -> None:
    result = run(project, DIES, "-n", "2")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running *::test_dies*"])
    assert_applied_and_destroyed_once(project, result)


def test_who_writes_to_the_shared_stack_fails(project: pytest.Pytester) -> None:
    result = run(project, WRITERS, "-n", "0", "-p", "no:randomly")
    result.assert_outcomes(passed=2, failed=3, errors=1)
    for test, call in {
        "writes": "sns:CreateTopic",
        "hides_that_it_writes": "sns:DeleteTopic",
        "turns_the_clock": "skyproof:POST /_skyproof/clock/advance",
        "is_set_up_carelessly": "sns:CreateTopic",
    }.items():
        result.stdout.fnmatch_lines([f"*::test_{test} writes to the stack that it shares *{call}"])
    assert "Traceback" not in result.stdout.str()


def test_writing_may_be_allowed(project: pytest.Pytester) -> None:
    options = ("-n", "0", "-p", "no:randomly", "--skyproof-shared-writes=allow")
    result = run(project, "def test_writes(stack, careless): pass", *options)
    result.assert_outcomes(passed=1)


def test_the_world_of_a_failure_can_be_kept(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
def test_fails(world):
    print(f"<{world.backend.endpoint} {world.folder}>")
    world.client("sns").create_topic(Name="of-the-failure")
    assert topics(world) == []
""",
        *("-n", "1", "--skyproof-keep-on-failure=yes"),
    )
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    [(endpoint, folder)] = set(re.findall(r"<(http://127\.0\.0\.1:\d+) (\S+)>", said))
    result.stdout.fnmatch_lines([f"kept: the world of *::test_fails: {endpoint}, {folder}"])
    try:
        topics = Emulated("123456789012", "us-east-1", endpoint).client("sns").list_topics()
        assert "of-the-failure" in str(topics)
        assert (Path(folder) / "terraform.tfstate").is_file()
    finally:
        assert down(project.path / "home", None) != [], "the emulator of what was kept"
