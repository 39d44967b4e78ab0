"""The same calls have the same effects in the same order, in every world anew.

One chain through everything that acts by itself: a metric of a source account, its stream, the
transform and the archive with its copy; a canary that begins to fail, its alarm, a composite, a
topic, a queue, and a function that fails and is retried; log lines that become a metric; a rule on
a schedule.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.conftest import MONDAY, allowing
from tests.unit.skyproof.emulator.services.synthetics.conftest import package

MONITORING, SOURCE = "123456789012", "111122223333"
EAST, WEST = "us-east-1", "us-west-2"
MINUTES = 20
RUNS = 10

TRANSFORM = """
def handler(event, context):
    return {"records": [{"recordId": one["recordId"], "result": "Ok", "data": one["data"]}
                        for one in event["records"]]}
"""
FAILS = """
def handler(event, context):
    raise RuntimeError("as ordered")
"""
CANARY = """
import datetime

def handler(event, context):
    if datetime.datetime.now(datetime.timezone.utc).minute >= 5:
        raise RuntimeError("down")
"""

Client = Callable[..., Any]
Log = list[tuple[Any, ...]]
Objects = dict[str, list[str]]


@contextmanager
def a_world() -> Iterator[tuple[World, Client]]:
    world = World()
    world.clock.set(MONDAY, "manual")

    def client(service: str, region: str = EAST, account: str = MONITORING) -> Any:
        return world.client(service, region, account)

    try:
        yield world, client
    finally:
        world.close()


def role(client: Client, name: str, *services: str) -> str:
    """A role of these services that may do everything."""
    iam = client("iam")
    trusted = [f"{service}.amazonaws.com" for service in services]
    trust = allowing(Principal={"Service": trusted}, Action="sts:AssumeRole")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    everything = allowing(Action="*", Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
    return str(arn)


def function(client: Client, name: str, source: str, role_arn: str) -> str:
    made = client("lambda").create_function(
        FunctionName=name,
        Role=role_arn,
        Runtime="python3.12",
        Handler="main.handler",
        Code={"ZipFile": package(source, "main.py")},
    )
    for service in ("events", "sns"):
        client("lambda").add_permission(
            FunctionName=name,
            StatementId=service,
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
        )
    return str(made["FunctionArn"])


def bucket(client: Client, name: str, region: str) -> str:
    s3, where = client("s3", region), {"LocationConstraint": region}
    s3.create_bucket(
        Bucket=name, **({} if region == EAST else {"CreateBucketConfiguration": where})
    )
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return f"arn:aws:s3:::{name}"


def archive(client: Client, acting: str) -> None:
    """What a source account measures, through stream and transform into two buckets."""
    sink = client("oam").create_sink(Name="sink")["Arn"]
    may = allowing(
        Principal={"AWS": SOURCE}, Action=["oam:CreateLink", "oam:UpdateLink"], Resource="*"
    )
    client("oam").put_sink_policy(SinkIdentifier=sink, Policy=may)
    client("oam", account=SOURCE).create_link(
        LabelTemplate="$AccountName",
        ResourceTypes=["AWS::CloudWatch::Metric"],
        SinkIdentifier=sink,
    )
    here, there = bucket(client, "archive", EAST), bucket(client, "copies", WEST)
    rule = {
        "ID": "all",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": there},
    }
    client("s3").put_bucket_replication(
        Bucket="archive", ReplicationConfiguration={"Role": acting, "Rules": [rule]}
    )
    transform = function(client, "transform", TRANSFORM, acting)
    parameter = {"ParameterName": "LambdaArn", "ParameterValue": transform}
    processor = {"Type": "Lambda", "Parameters": [parameter]}
    client("firehose").create_delivery_stream(
        DeliveryStreamName="delivery",
        ExtendedS3DestinationConfiguration={
            "RoleARN": acting,
            "BucketARN": here,
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
            "ProcessingConfiguration": {"Enabled": True, "Processors": [processor]},
        },
    )
    described = client("firehose").describe_delivery_stream(DeliveryStreamName="delivery")
    client("cloudwatch").put_metric_stream(
        Name="stream",
        FirehoseArn=described["DeliveryStreamDescription"]["DeliveryStreamARN"],
        RoleArn=acting,
        OutputFormat="json",
        IncludeLinkedAccountsMetrics=True,
    )


def alerting(client: Client, acting: str) -> str:
    """A canary, its alarm, a composite, and who hears of it; the URL of the queue that does."""
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    anyone = allowing(Principal="*", Action="sns:Publish", Resource=topic)
    client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=anyone
    )
    url = client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
    arn = f"arn:aws:sqs:{EAST}:{MONITORING}:inbox"
    policy = allowing(Principal="*", Action="sqs:SendMessage", Resource=arn)
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    fails = function(client, "fails", FAILS, acting)
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=fails)
    bucket(client, "artifacts", EAST)
    client("synthetics").create_canary(
        Name="probe",
        Code={"ZipFile": package(CANARY, "python/probe.py"), "Handler": "probe.handler"},
        ArtifactS3Location="s3://artifacts/probes",
        ExecutionRoleArn=acting,
        Schedule={"Expression": "rate(1 minute)"},
        RunConfig={"TimeoutInSeconds": 10},
        RuntimeVersion="syn-python-selenium-14.0",
    )
    client("synthetics").start_canary(Name="probe")
    watch(client, "success", "CloudWatchSynthetics", "SuccessPercent", CanaryName="probe")
    watch(client, "latency", "App", "Latency")
    client("cloudwatch").put_composite_alarm(
        AlarmName="health",
        AlarmRule="ALARM(success) AND NOT ALARM(latency)",
        AlarmActions=[topic],
    )
    return str(url)


def watch(client: Client, name: str, namespace: str, metric: str, **dimensions: str) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=50,
        ComparisonOperator="LessThanThreshold",
    )


def logging(client: Client) -> None:
    """Lines whose values become a metric."""
    logs = client("logs")
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="web")
    logs.put_metric_filter(
        logGroupName="app",
        filterName="latency",
        filterPattern="{ $.latency = * }",
        metricTransformations=[
            {"metricNamespace": "App", "metricName": "Latency", "metricValue": "$.latency"}
        ],
    )


def scheduling(client: Client, acting: str) -> None:
    """A function that runs every two minutes."""
    ticks = function(client, "ticks", "def handler(event, context): print(event['time'])", acting)
    client("events").put_rule(Name="ticks", ScheduleExpression="rate(2 minutes)")
    client("events").put_targets(Rule="ticks", Targets=[{"Id": "ticks", "Arn": ticks}])


def the_chain() -> tuple[Log, Objects, int]:
    """What happened, which objects there are with what in them, and how many messages came."""
    with a_world() as (world, client):
        acting = role(
            client, "all", "lambda", "firehose", "s3", "streams.metrics.cloudwatch", "synthetics"
        )
        archive(client, acting)
        url = alerting(client, acting)
        logging(client)
        scheduling(client, acting)
        for minute in range(MINUTES):
            now = world.clock.now()
            datum = {"MetricName": "Declined", "Timestamp": now, "Value": minute}
            client("cloudwatch", account=SOURCE).put_metric_data(
                Namespace="Payments", MetricData=[datum]
            )
            line = json.dumps({"latency": 60 + minute})
            event = {"timestamp": int(now.timestamp() * 1000), "message": line}
            client("logs").put_log_events(
                logGroupName="app", logStreamName="web", logEvents=[event]
            )
            world.clock.advance(60)
        log = [
            (one.at, one.source, one.what, one.target, one.outcome, one.reason)
            for one in world.happenings
        ]
        objects = {**contents(client("s3"), "archive"), **contents(client("s3", WEST), "copies")}
        received = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return log, objects, len(received.get("Messages", []))


def contents(s3: Any, name: str) -> Objects:
    """The data in a bucket by key, but for what rests on measured durations."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=name).get("Contents", [])]
    found = {key: s3.get_object(Bucket=name, Key=key)["Body"].read().decode() for key in keys}
    return {
        f"{name}/{key}": [line for line in text.splitlines() if not _is_measured(line)]
        for key, text in found.items()
    }


def _is_measured(line: str) -> bool:
    """Durations, and the sizes of texts that show them."""
    told = json.loads(line)
    return bool(told["namespace"].startswith("AWS/") or told["metric_name"] == "Duration")


@pytest.fixture(scope="module")
def first() -> tuple[Log, Objects, int]:
    return the_chain()


def test_the_chain_is_whole(first: tuple[Log, Objects, int]) -> None:
    log, objects, received = first
    done = {(one[1].split(":")[2], one[2], one[4]) for one in log if one[1].startswith("arn:")}
    expected = {
        ("cloudwatch", "send", "done"),
        ("firehose", "deliver", "done"),
        ("synthetics", "run", "done"),
        ("synthetics", "run", "failed"),
        ("cloudwatch", "notify", "done"),
        ("sns", "deliver", "done"),
        ("lambda", "run", "failed"),
        ("lambda", "give up", "failed"),
    }
    assert expected <= done, f"missing: {expected - done}; there is {sorted(done)}"
    assert received == 1
    buckets = {key.partition("/")[0] for key in objects}
    assert buckets == {"archive", "copies"}


def test_it_is_the_same_ten_times(first: tuple[Log, Objects, int]) -> None:
    for run in range(2, RUNS + 1):
        log, objects, received = the_chain()
        different = [(a, b) for a, b in zip(first[0], log, strict=False) if a != b]
        assert not different, f"run {run}, first of {len(different)}: {different[0]}"
        assert len(log) == len(first[0])
        assert received == first[2]
        assert objects.keys() == first[1].keys()
        for key, lines in objects.items():
            assert lines == first[1][key], f"run {run}: {key}"
