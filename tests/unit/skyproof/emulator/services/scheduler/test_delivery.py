"""Targets: what they are told, as whom, again when they refuse, and the dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.scheduler.conftest import Client, Schedule, document

Role = Callable[..., str]
ONCE = "at(2026-01-05T01:00:00)"
HOUR = 3600.0


def metric(client: Client, still: Clock, name: str, **dimensions: str) -> float:
    """The sum of a metric of Scheduler's so far."""
    points = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Scheduler",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=still.now() - timedelta(days=2),
        EndTime=still.now() + timedelta(seconds=1),
        Period=3 * 86_400,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


def test_context_attributes_are_filled_in(
    mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    box = mailbox("box")
    told = " ".join(
        f"<aws.scheduler.{name}>"
        for name in ("schedule-arn", "scheduled-time", "execution-id", "attempt-number", "other")
    )
    arn = schedule(ONCE, box.arn, role("sqs:SendMessage"), Target={"Input": told})

    still.advance(HOUR)

    [message] = box.take()
    first, time, execution, attempt, other = message["Body"].split()
    assert (first, time, attempt) == (arn, "2026-01-05T01:00:00Z", "1")
    assert (len(execution), other) == (16, "<aws.scheduler.other>")


def test_a_fifo_queue_gets_the_message_group(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    sqs = client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="box.fifo", Attributes=attributes)["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:box.fifo"
    target = {"Input": "hello", "SqsParameters": {"MessageGroupId": "orders"}}
    schedule(ONCE, arn, role("sqs:SendMessage"), Target=target)

    still.advance(HOUR)

    [message] = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert (message["Body"], message["Attributes"]["MessageGroupId"]) == ("hello", "orders")


def test_a_topic_passes_the_input_on(
    client: Client, mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    box, sns = mailbox("box"), client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=box.arn, Attributes={"RawMessageDelivery": "true"}
    )
    schedule(ONCE, topic, role("sns:Publish"), Target={"Input": "hello"})

    still.advance(HOUR)

    assert box.bodies() == ["hello"]


def test_a_bus_gets_an_event_of_the_schedules_source(
    client: Client, mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    box, events = mailbox("box"), client("events")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "box", "Arn": box.arn}])
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    parameters = {"Source": "shop", "DetailType": "Closing time"}
    target = {"EventBridgeParameters": parameters, "Input": '{"till": 3}'}
    arn = schedule(ONCE, bus, role("events:PutEvents"), Target=target)

    still.advance(HOUR)

    [event] = box.bodies()
    got = (event["source"], event["detail-type"], event["detail"], event["resources"])
    assert got == ("shop", "Closing time", {"till": 3}, [arn])


def test_a_data_stream_gets_a_record(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
    target = {"KinesisParameters": {"PartitionKey": "one"}, "Input": "hello"}
    schedule(ONCE, arn, role("kinesis:PutRecord"), Target=target)

    still.advance(HOUR)

    [shard] = kinesis.list_shards(StreamName="clicks")["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName="clicks", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert (record["Data"], record["PartitionKey"]) == (b"hello", "one")


def test_a_state_machine_is_started(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    states, arn = client("stepfunctions"), role("states:StartExecution")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = states.create_state_machine(name="till", definition=definition, roleArn=arn)
    schedule(ONCE, machine["stateMachineArn"], arn, Target={"Input": '{"till": 3}'})

    still.advance(HOUR)

    found = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert len(found) == 1


def test_a_function_is_invoked(
    client: Client, mailbox: Any, function: Any, role: Role, schedule: Schedule, still: Clock,
    world: World,
) -> None:  # fmt: skip
    arn = function("job", "def handler(event, context):\n    print('told', event)\n")
    schedule(ONCE, arn, role("lambda:InvokeFunction"), Target={"Input": '{"till": 3}'})

    still.advance(HOUR)

    lines = client("logs").filter_log_events(logGroupName="/aws/lambda/job")["events"]
    assert any("told {'till': 3}" in line["message"] for line in lines), lines


def test_a_universal_target_calls_the_operation(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    target = "arn:aws:scheduler:::aws-sdk:sqs:createQueue"
    given = {"Input": '{"queuename": "made", "Attributes": {"DelaySeconds": "7"}}'}
    schedule(ONCE, target, role("sqs:CreateQueue"), Target=given)

    still.advance(HOUR)

    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="made")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    assert found == {"DelaySeconds": "7"}


def test_the_roles_policies_decide(
    mailbox: Any, role: Role, schedule: Schedule, still: Clock, world: World
) -> None:
    box = mailbox("box")
    arn = schedule(ONCE, box.arn, role("sqs:ReceiveMessage"), Target=no_retries())
    box.allow()

    still.advance(HOUR)

    told = [one for one in world.happenings.about(arn) if one.what == "invoke"]
    assert [one.outcome for one in told] == ["refused"], told
    assert "sqs:SendMessage" in told[0].reason
    assert box.take() == []


def test_the_roles_policies_decide_upon_operations_too(
    client: Client, mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    box = mailbox("box")
    given = {"Input": json.dumps({"QueueUrl": box.url, "MessageBody": "hello"})}
    send = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    arn = role()
    schedule(ONCE, send, arn, Target=given | no_retries())
    box.allow()

    still.advance(HOUR)
    assert box.take() == []

    may = document(Action="sqs:SendMessage", Resource=box.arn)
    client("iam").put_role_policy(RoleName="scheduler", PolicyName="may", PolicyDocument=may)
    schedule("at(2026-01-05T02:00:00)", send, arn, Name="later", Target=given)
    still.advance(HOUR)
    assert box.bodies() == ["hello"]


def test_a_role_that_lost_its_trust_invokes_nothing(
    client: Client, mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    box = mailbox("box")
    schedule(ONCE, box.arn, role("sqs:SendMessage"), Target=no_retries())
    nobody = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    client("iam").update_assume_role_policy(RoleName="scheduler", PolicyDocument=nobody)

    still.advance(HOUR)

    assert box.take() == []
    assert metric(client, still, "TargetErrorCount", ScheduleGroup="default") == 1


def test_a_target_that_refuses_ends_in_the_dead_letter_queue(
    client: Client, mailbox: Any, role: Role, schedule: Schedule, still: Clock
) -> None:
    dead = mailbox("dead")
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    policy = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}
    target = {"RetryPolicy": policy, "DeadLetterConfig": {"Arn": dead.arn}, "Input": "hello"}
    arn = schedule(ONCE, gone, role("sqs:SendMessage"), Target=target)

    still.advance(2 * HOUR)

    [letter] = dead.take()
    facts = {name: one["StringValue"] for name, one in letter["MessageAttributes"].items()}
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
    assert letter["Body"] == "hello"
    assert facts | {"EXECUTION_ID": "", "ERROR_MESSAGE": ""} == {
        "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue",
        "ERROR_MESSAGE": "",
        "EXECUTION_ID": "",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "2",
        "SCHEDULED_TIME": "2026-01-05T01:00:00Z",
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": gone,
    }
    counts = {
        name: metric(client, still, name, ScheduleGroup="default")
        for name in (
            "InvocationAttemptCount",
            "TargetErrorCount",
            "TargetErrorThrottledCount",
            "InvocationDroppedCount",
            "InvocationsSentToDeadLetterCount",
            "InvocationsFailedToBeSentToDeadLetterCount",
        )
    }
    assert list(counts.values()) == [3, 3, 0, 1, 1, 0], counts
    assert metric(client, still, "InvocationAttemptCount") == 3


def test_a_target_that_refuses_for_long_is_given_up_with_its_age(
    mailbox: Any, role: Role, schedule: Schedule, still: Clock, world: World
) -> None:
    dead = mailbox("dead")
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    target = {
        "RetryPolicy": {"MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    arn = schedule(ONCE, gone, role("sqs:SendMessage"), Target=target)

    still.advance(2 * HOUR)

    tried = [one.at for one in world.happenings.about(arn) if one.what == "invoke"]
    assert [(at - tried[0]).total_seconds() for at in tried] == [0, 1, 3, 7, 15, 31]
    [letter] = dead.take()
    condition = letter["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"]
    assert condition == "MaximumEventAgeInSeconds"


def test_a_dead_letter_queue_that_refuses_is_counted(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    target = no_retries() | {"DeadLetterConfig": {"Arn": gone}}
    schedule(ONCE, gone, role("sqs:SendMessage"), Target=target)

    still.advance(HOUR)

    name = "InvocationsFailedToBeSentToDeadLetterCount"
    assert metric(client, still, name, ScheduleGroup="default") == 1
    code = "AWS.SimpleQueueService.NonExistentQueue"
    assert metric(client, still, f"{name}_{code}", ScheduleGroup="default") == 1


def test_the_schedule_outlives_its_last_attempt(
    client: Client, role: Role, schedule: Schedule, still: Clock
) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    target = {"RetryPolicy": {"MaximumRetryAttempts": 1}}
    arn = role("sqs:SendMessage")
    schedule(ONCE, gone, arn, Target=target, ActionAfterCompletion="DELETE")

    still.advance(HOUR)
    assert client("scheduler").get_schedule(Name="nightly")["Name"] == "nightly"
    still.advance(1)

    with pytest.raises(ClientError, match="does not exist"):
        client("scheduler").get_schedule(Name="nightly")


def test_a_target_that_is_not_emulated_is_told(
    role: Role, schedule: Schedule, still: Clock, world: World
) -> None:
    project = "arn:aws:codebuild:us-east-1:123456789012:project/site"
    arn = schedule(ONCE, project, role("codebuild:StartBuild"))

    still.advance(HOUR)

    [told] = world.happenings.about(arn)
    assert (told.outcome, told.reason) == ("dropped", "targets of codebuild are not emulated")


def no_retries() -> dict[str, Any]:
    return {"RetryPolicy": {"MaximumRetryAttempts": 0}}
