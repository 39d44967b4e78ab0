"""Copies of a world: they begin as it is, go their own way, and leave nothing."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed
from werkzeug.test import Client

from skyproof.emulator import Emulator
from skyproof.emulator.edge import Edge
from skyproof.emulator.gate import Gate
from skyproof.emulator.gateway import Gateway
from skyproof.emulator.world import World
from skyproof.emulator.worlds import NoSuchWorldError, WorldNotMadeError, Worlds
from tests.unit.skyproof.emulator.conftest import MONDAY, allowing
from tests.unit.skyproof.emulator.served import SOON, Served, queues

MB = 1024 * 1024
#: Copies made under load.
FORKS = 8


class StillThereError(Exception):
    pass


@retry(
    stop=stop_after_delay(SOON),
    wait=wait_fixed(0.02),
    retry=retry_if_exception_type(StillThereError),
)
def wait_for_end(*pids: int) -> None:
    """Of processes that are not ours to wait for."""
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(pid, 0)
            raise StillThereError(f"{pid} runs")


def test_a_copy_has_what_the_world_has_on_a_port_of_its_own(first: Served) -> None:
    first.client("sqs").create_queue(QueueName="orders")
    first.client("s3").create_bucket(Bucket="bucket")
    copy = first.fork()
    assert copy.endpoint.startswith("http://127.0.0.1:")
    assert copy.endpoint != first.endpoint
    assert queues(copy) == ["orders"]
    assert [b["Name"] for b in copy.client("s3").list_buckets()["Buckets"]] == ["bucket"]


def test_neither_sees_what_the_other_does(first: Served) -> None:
    copy = first.fork()
    copy.client("sqs").create_queue(QueueName="of-the-copy")
    first.client("sqs").create_queue(QueueName="of-the-first")
    assert (queues(first), queues(copy)) == (["of-the-first"], ["of-the-copy"])


def test_a_queue_url_of_the_first_is_the_copys_to_its_clients(first: Served) -> None:
    url = first.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    copy = first.fork()
    copy.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert "Messages" not in first.client("sqs").receive_message(QueueUrl=url)
    assert copy.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "m"


def test_objects_too_large_for_moto_to_keep_in_memory_are_not_shared(first: Served) -> None:
    first.client("s3").create_bucket(Bucket="bucket")
    first.client("s3").put_object(Bucket="bucket", Key="k", Body=b"1" * 6 * MB)
    copy = first.fork()
    copy.client("s3").put_object(Bucket="bucket", Key="k", Body=b"2" * 7 * MB)
    for world, content in ((first, b"1" * 6 * MB), (copy, b"2" * 7 * MB)):
        assert world.client("s3").get_object(Bucket="bucket", Key="k")["Body"].read() == content


def test_a_copys_clock_begins_where_the_first_stands(first: Served) -> None:
    first.ask("POST clock", {"now": MONDAY.isoformat(), "mode": "manual"})
    copy = first.fork()
    copy.ask("POST clock/advance", {"seconds": 60})
    assert first.ask("GET clock")[1] == {"now": "2026-01-05T00:00:00Z", "mode": "manual"}
    assert copy.ask("GET clock")[1] == {"now": "2026-01-05T00:01:00Z", "mode": "manual"}


def test_copies_of_copies_end_with_what_they_were_made_of(first: Served) -> None:
    copy = first.fork()
    copy.client("sqs").create_queue(QueueName="orders")
    grandchild = copy.fork()
    assert queues(grandchild) == ["orders"]
    assert (first.worlds, copy.worlds, grandchild.worlds) == (["1"], ["1"], [])
    first.drop(copy)
    wait_for_end(copy.pid, grandchild.pid)
    assert first.worlds == []


def test_copies_end_with_the_emulator() -> None:
    with Emulator() as emulator:
        copy = Served(emulator.endpoint).fork()
    wait_for_end(copy.pid)


def test_copies_end_with_an_emulator_that_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "skyproof.emulator", "--ready-file", str(ready)]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
        endpoint = read_when_there(ready)["endpoint"]
        copy = Served(endpoint).fork()
        grandchild = copy.fork()
        process.kill()
    wait_for_end(copy.pid, grandchild.pid)


@retry(stop=stop_after_delay(SOON), wait=wait_fixed(0.02), retry=retry_if_exception_type(OSError))
def read_when_there(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def test_ctrl_c_is_the_parents_and_sigterm_ends_a_copy(first: Served) -> None:
    copy = first.fork()
    os.kill(copy.pid, signal.SIGINT)
    assert copy.worlds == []
    os.kill(copy.pid, signal.SIGTERM)
    first.drop(copy)
    wait_for_end(copy.pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_copy_that_ends_by_itself_is_listed_no_more(
    first: Served, number: signal.Signals
) -> None:
    copy = first.fork()
    os.kill(copy.pid, number)

    @retry(stop=stop_after_delay(SOON), wait=wait_fixed(0.02))
    def gone() -> None:
        assert first.worlds == []

    gone()
    wait_for_end(copy.pid)
    status, answer = first.ask(f"DELETE worlds/{copy.id}")
    assert (status, answer["error"]) == (404, "no world 1 was made of this one, or it has ended")


@pytest.mark.parametrize(
    ("what", "body", "status", "says"),
    [
        ("DELETE worlds/7", None, 404, "no world 7 was made of this one"),
        ("DELETE worlds", None, 404, "no DELETE /_skyproof/worlds here"),
        ("POST worlds/7", None, 404, "no POST /_skyproof/worlds/7 here"),
        ("POST worlds", {"patience": "long"}, 400, "patience is 'long': expected seconds"),
        ("POST worlds", {"patience": -1}, 400, "patience is -1: expected seconds"),
        ("POST worlds", {"name": "x"}, 400, "the body must be a JSON object with patience"),
    ],
)
def test_what_cannot_be_done_is_answered_with_the_reason(
    first: Served, what: str, body: Any, status: int, says: str
) -> None:
    got, answer = first.ask(what, body)
    assert (got, says in answer["error"]) == (status, True), answer


def test_a_copy_that_does_not_start_says_why_and_leaves_nothing() -> None:
    def fail() -> str:
        raise RuntimeError("no port")

    before = descriptors()
    worlds = Worlds(Gate(), fail, lambda: None)
    with pytest.raises(WorldNotMadeError, match="RuntimeError: no port"):
        worlds.fork()
    assert worlds.living() == []
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    with pytest.raises(NoSuchWorldError):
        worlds.drop("1")


def test_a_copy_that_does_not_start_is_said_to_the_client(world: World) -> None:
    def fail() -> str:
        raise RuntimeError("no port")

    worlds = Worlds(world.gate, fail, lambda: None)
    client = Client(Edge(Gateway(world), world.gate, world.holding, worlds))
    answer = client.post("/_skyproof/worlds")
    assert (answer.status_code, answer.get_json()) == (
        503,
        {"error": "the copy did not start: RuntimeError: no port"},
    )
    assert client.get("/_skyproof/worlds").get_json() == {"worlds": []}


def test_twenty_copies_made_and_dropped_leave_nothing(emulator: Served) -> None:
    emulator.drop(emulator.fork())
    before = descriptors(), threading.active_count()
    for _ in range(20):
        emulator.drop(emulator.fork())
    assert (descriptors(), threading.active_count()) == before


def descriptors() -> list[str]:
    """What this process has open, without what lists it."""
    found = {one.name for one in Path("/dev/fd").iterdir()}
    return sorted(name for name in found if Path(f"/dev/fd/{name}").exists())


def test_a_copy_holds_nothing_of_the_first_open(emulator: Served, first: Served) -> None:
    emulator.client("sqs").list_queues()
    copy = emulator.fork()
    held = Path(f"/proc/{copy.pid}/fd")
    if not held.exists():
        pytest.skip("only Linux shows what another process has open")
    sockets = [str(one.readlink()) for one in held.iterdir() if one.name not in ("1", "2")]
    ours = {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.exists()}
    shared = [one for one in sockets if one in ours and one.startswith(("socket:", "pipe:"))]
    emulator.drop(copy)
    assert shared == []


# Functions ------------------------------------------------------------------------------------


def make_function(world: Served, name: str, source: str) -> None:
    trust = allowing(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    role = world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    world.client("iam").put_role_policy(
        RoleName=name, PolicyName="all", PolicyDocument=allowing(Action="*", Resource="*")
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", source)
    world.client("lambda").create_function(
        FunctionName=name,
        Role=role["Arn"],
        Runtime="python3.12",
        Handler="main.handler",
        Code={"ZipFile": content.getvalue()},
        Timeout=60,
    )


COUNTER = """
import boto3
calls = 0
def handler(event, context):
    global calls
    calls += 1
    boto3.client("sqs").create_queue(QueueName=event["queue"])
    return calls
"""


def invoke(world: Served, name: str, **event: Any) -> Any:
    answer = world.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return result


def test_functions_of_a_copy_are_its_own_and_call_it(first: Served) -> None:
    make_function(first, "counter", COUNTER)
    assert invoke(first, "counter", queue="one") == 1
    copy = first.fork()
    assert invoke(copy, "counter", queue="two") == 1, "the copy starts the function anew"
    first.drop(copy)
    assert invoke(first, "counter", queue="three") == 2, "the first's function stayed warm"
    assert queues(first) == ["one", "three"]


def test_what_is_still_to_happen_happens_in_each(first: Served) -> None:
    make_function(first, "counter", COUNTER)
    first.ask("POST clock", {"mode": "manual"})
    first.client("lambda").invoke(
        FunctionName="counter", InvocationType="Event", Payload=b'{"queue": "made"}'
    )
    copy = first.fork()
    copy.ask("POST clock", {"mode": "real"})

    @retry(stop=stop_after_delay(SOON), wait=wait_fixed(0.05))
    def made() -> None:
        assert queues(copy) == ["made"]

    made()
    assert queues(first) == []


#: Says that it runs, and then asks again and again whether it may end.
WAITER = """
import boto3, time
def handler(event, context):
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName="begun")
    asked = 0
    while not sqs.list_queues(QueueNamePrefix=event["until"]).get("QueueUrls"):
        asked += 1
        if asked == event["most"]:
            sqs.create_queue(QueueName=event["until"])
    return asked
"""


@pytest.fixture
def waiting(first: Served) -> Callable[..., threading.Thread]:
    def start(**event: Any) -> threading.Thread:
        make_function(first, "waiter", WAITER)
        thread = threading.Thread(target=invoke, args=(first, "waiter"), kwargs=event)
        thread.start()

        @retry(stop=stop_after_delay(SOON), wait=wait_fixed(0.05))
        def begun() -> None:
            assert queues(first) == ["begun"]

        begun()
        return thread

    return start


def test_a_copy_waits_for_a_function_which_may_call_meanwhile(
    first: Served, waiting: Callable[..., threading.Thread]
) -> None:
    thread = waiting(until="done", most=200)
    assert queues(first.fork(patience=SOON)) == ["begun", "done"]
    thread.join()


def test_a_function_that_does_not_end_is_named(
    first: Served, waiting: Callable[..., threading.Thread]
) -> None:
    thread = waiting(until="end", most=-1)
    status, answer = first.ask("POST worlds", {"patience": 0.3})
    assert (status, "lambda:Invoke" in answer["error"]) == (409, True), answer
    first.client("sqs").create_queue(QueueName="end")
    thread.join()
    assert queues(first.fork()) == ["begun", "end"]


def test_a_function_may_write_to_a_world_that_is_guarded(
    first: Served, waiting: Callable[..., threading.Thread]
) -> None:
    thread = waiting(until="done", most=50)
    first.ask("POST guard", {"on": True})
    thread.join()
    assert queues(first) == ["begun", "done"]
    assert first.ask("GET guard")[1]["refused"] == []


# Under load -----------------------------------------------------------------------------------


class Load:
    """Four threads that do something again and again, and count how often it was acknowledged."""

    def __init__(self, todo: Callable[[int], None]) -> None:
        self.acknowledged = [0] * 4
        self._todo, self._stop = todo, threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(one,)) for one in range(4)]

    def _go(self, number: int) -> None:
        while not self._stop.is_set():
            self._todo(number)
            self.acknowledged[number] += 1

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def copies(self, world: Served, count: int) -> Iterator[tuple[Served, list[int], list[int]]]:
        """Copies, with how often each was acknowledged before, and the most that can be in it."""
        for _ in range(count):
            before = list(self.acknowledged)
            copy = world.fork(patience=SOON)
            yield copy, before, [one + 1 for one in self.acknowledged]
            world.drop(copy)


def count(world: Served, queue: str) -> int:
    sqs = world.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"])


def within(low: list[int], found: list[int], high: list[int]) -> bool:
    return all(a <= b <= c for a, b, c in zip(low, found, high, strict=True))


def test_copies_made_under_load_are_whole(first: Served) -> None:
    clients = [first.client("sqs") for _ in range(4)]
    urls = [sqs.create_queue(QueueName=f"q{n}")["QueueUrl"] for n, sqs in enumerate(clients)]
    pair = [{"Id": half, "MessageBody": half} for half in ("left", "right")]

    def write_and_read(number: int) -> None:
        clients[number].send_message_batch(QueueUrl=urls[number], Entries=pair)
        clients[number].get_queue_attributes(QueueUrl=urls[number], AttributeNames=["All"])

    with Load(write_and_read) as load:
        for copy, before, after in load.copies(first, FORKS):
            messages = [count(copy, f"q{number}") for number in range(4)]
            assert [one % 2 for one in messages] == [0] * 4, f"half a request: {messages}"
            pairs = [one // 2 for one in messages]
            assert within(before, pairs, after), (before, pairs, after)


def test_what_is_on_its_way_arrives_in_the_copy_once(first: Served) -> None:
    clients = [first.client("sns") for _ in range(4)]
    topic = clients[0].create_topic(Name="t")["TopicArn"]
    for name in ("left", "right"):
        url = first.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        policy = allowing(Principal="*", Action="sqs:SendMessage", Resource=arn)
        first.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        clients[0].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    with Load(lambda number: clients[number].publish(TopicArn=topic, Message="m")) as load:
        for copy, before, after in load.copies(first, FORKS):
            copy.ask("POST clock", {"mode": "manual"})
            copy.ask("POST clock/advance", {"seconds": 1})
            left, right = count(copy, "left"), count(copy, "right")
            assert left == right
            assert sum(before) <= left <= sum(after), (before, left, after)
