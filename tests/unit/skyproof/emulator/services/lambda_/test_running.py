"""Functions that run: at once, later, again when they fail, and to the end of their road."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY

Client = Callable[..., Any]
ADD = "def handler(event, context): return event['a'] + event['b']"
FAIL = "def handler(event, context): raise ValueError('no such order')"


def invoke(client: Client, name: str, event: Any = None, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client("lambda").invoke(
        FunctionName=name, Payload=json.dumps(event).encode(), **params
    )
    return answer


def metric(client: Client, name: str, function: str, still: Clock) -> float:
    answer = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=MONDAY,
        EndTime=still.now() + timedelta(minutes=1),
        Period=86_400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_a_function_answers(client: Client, function: Any) -> None:
    function("add", ADD)

    answer = invoke(client, "add", {"a": 2, "b": 3})

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == 5


def test_an_error_is_answered_as_lambda_answers_it(client: Client, function: Any) -> None:
    function("fail", FAIL)

    answer = invoke(client, "fail")
    error = json.loads(answer["Payload"].read())

    assert answer["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such order")


def test_a_function_sees_its_environment_and_the_world_s_time(
    client: Client, function: Any, still: Clock
) -> None:
    source = (
        "import os, datetime\n"
        "def handler(event, context):\n"
        "    return [os.environ['STAGE'], os.environ['AWS_REGION'],\n"
        "            datetime.datetime.now(datetime.UTC).isoformat()[:16]]\n"
    )
    function("look", source, Environment={"Variables": {"STAGE": "test"}})
    still.advance(3600)

    answer = invoke(client, "look")

    assert json.loads(answer["Payload"].read()) == ["test", "us-east-1", "2026-01-05T01:00"]


def test_new_code_runs_at_the_next_invocation(client: Client, function: Any) -> None:
    function("add", ADD)
    invoke(client, "add", {"a": 2, "b": 3})
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): return 'new'")
    client("lambda").update_function_code(FunctionName="add", ZipFile=content.getvalue())

    assert json.loads(invoke(client, "add")["Payload"].read()) == "new"


def test_what_it_prints_is_in_its_log(client: Client, function: Any, still: Clock) -> None:
    function("talk", "def handler(event, context): print('hello')")

    invoke(client, "talk")

    events = client("logs").filter_log_events(logGroupName="/aws/lambda/talk")["events"]
    kinds = [event["message"].split(" ")[0].strip() for event in events]
    assert sorted(kinds) == ["END", "REPORT", "START", "hello"]


def test_a_role_that_may_not_log_leaves_no_log_and_the_reason(
    client: Client, function: Any, world: World
) -> None:
    function("mute", "def handler(event, context): print('hello')")
    client("iam").delete_role_policy(RoleName="mute-role", PolicyName="all")

    invoke(client, "mute")

    assert client("logs").describe_log_groups()["logGroups"] == []
    [refused] = [one for one in world.happenings if one.what == "log"]
    assert "logs:PutLogEvents" in refused.reason


def test_metrics_count_invocations_and_errors(client: Client, function: Any, still: Clock) -> None:
    function("fail", FAIL)
    for _ in range(3):
        invoke(client, "fail")

    assert metric(client, "Invocations", "fail", still) == 3
    assert metric(client, "Errors", "fail", still) == 3


def test_an_asynchronous_failure_is_tried_after_one_and_two_minutes_and_then_a_dead_letter(
    client: Client, function: Any, mailbox: Any, still: Clock
) -> None:
    dead = mailbox("dead")
    function("fail", FAIL, DeadLetterConfig={"TargetArn": dead.arn})

    answer = invoke(client, "fail", {"order": 7}, InvocationType="Event")
    assert answer["StatusCode"] == 202
    tries: list[float] = []
    for _ in range(5):
        still.advance(60 if tries else 0)
        tries.append(metric(client, "Invocations", "fail", still))

    assert tries == [1, 2, 2, 3, 3]
    [letter] = dead.take()
    assert json.loads(letter["Body"]) == {"order": 7}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no such order"


def test_fewer_retries_can_be_asked_for(client: Client, function: Any, still: Clock) -> None:
    function("fail", FAIL)
    client("lambda").put_function_event_invoke_config(FunctionName="fail", MaximumRetryAttempts=0)

    invoke(client, "fail", InvocationType="Event")
    still.advance(3600)

    assert metric(client, "Invocations", "fail", still) == 1


def test_destinations_are_told_of_success_and_failure(
    client: Client, function: Any, mailbox: Any, still: Clock
) -> None:
    good, bad = mailbox("good"), mailbox("bad")
    function("add", ADD)
    sides = {"OnSuccess": {"Destination": good.arn}, "OnFailure": {"Destination": bad.arn}}
    client("lambda").put_function_event_invoke_config(
        FunctionName="add", MaximumRetryAttempts=1, DestinationConfig=sides
    )

    invoke(client, "add", {"a": 2, "b": 3}, InvocationType="Event")
    invoke(client, "add", {"a": 2}, InvocationType="Event")
    still.advance(3600)

    [success], [failure] = good.bodies(), bad.bodies()
    assert success["responsePayload"] == 5
    assert success["requestContext"]["condition"] == "Success"
    assert failure["requestContext"]["condition"] == "RetriesExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 2
    assert failure["requestPayload"] == {"a": 2}


def test_a_function_without_room_throttles(client: Client, function: Any, still: Clock) -> None:
    function("add", ADD)
    client("lambda").put_function_concurrency(FunctionName="add", ReservedConcurrentExecutions=0)

    with pytest.raises(ClientError) as caught:
        invoke(client, "add", {"a": 2, "b": 3})

    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert metric(client, "Throttles", "add", still) == 1


def test_throttled_events_wait_and_are_done_when_there_is_room(
    client: Client, function: Any, still: Clock
) -> None:
    function("add", ADD)
    functions = client("lambda")
    functions.put_function_concurrency(FunctionName="add", ReservedConcurrentExecutions=0)
    invoke(client, "add", {"a": 2, "b": 3}, InvocationType="Event")
    still.advance(60)
    functions.delete_function_concurrency(FunctionName="add")
    still.advance(120)

    assert metric(client, "Invocations", "add", still) == 1


def test_a_time_limit_is_kept_without_waiting_for_it(
    client: Client, function: Any, still: Clock
) -> None:
    function("sleep", "import time\ndef handler(event, context): time.sleep(600)", Timeout=3)

    answer = invoke(client, "sleep")

    error = json.loads(answer["Payload"].read())
    assert "Task timed out after 3.00 seconds" in error["errorMessage"]


@pytest.mark.parametrize("what", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_a_function_that_dies_takes_nothing_with_it(
    client: Client, function: Any, what: str
) -> None:
    function("die", f"import os\ndef handler(event, context):\n    if event: {what}\n    return 1")

    answer = invoke(client, "die", {"now": True})

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(invoke(client, "die")["Payload"].read()) == 1


def test_other_runtimes_say_that_they_do_not_run(client: Client, function: Any) -> None:
    function("node", ADD, Runtime="nodejs22.x")

    with pytest.raises(ClientError) as caught:
        invoke(client, "node")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "nodejs22.x" in caught.value.response["Error"]["Message"]
