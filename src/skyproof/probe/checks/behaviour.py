"""What an AWS does by itself: alarms fire, messages arrive, objects are copied."""

from __future__ import annotations

import json
from typing import Any

from skyproof.probe.bench import Bench, allowing
from skyproof.probe.check import check
from skyproof.probe.checks.fields import replication_rule
from skyproof.probe.checks.packages import function

#: Ten seconds: of high resolution, so that an alarm may look as often.
FAST: dict[str, Any] = {
    "Namespace": "skyproof/probe",
    "Period": 10,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "Statistic": "Sum",
}
ALARM_SECONDS = 90


def _state(bench: Bench, name: str, kind: str = "MetricAlarm") -> str:
    found = bench.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    return str(found[f"{kind}s"][0]["StateValue"])


def _alarm(bench: Bench, what: str, **members: Any) -> str:
    """A fast alarm on a metric of its own, which has one value that breaches; its name."""
    cloudwatch, name = bench.client("cloudwatch"), bench.name(what)
    cloudwatch.put_metric_alarm(AlarmName=name, MetricName=name, **FAST, **members)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    datum = {"MetricName": name, "Value": 1.0, "StorageResolution": 1}
    cloudwatch.put_metric_data(Namespace=FAST["Namespace"], MetricData=[datum])
    return name


def _inbox(bench: Bench, topic: str, **attributes: str) -> Any:
    """A queue that gets what is published to a topic."""
    sns, queue = bench.client("sns"), bench.queue("inbox")
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    bench.undo(sns.unsubscribe, SubscriptionArn=arn)
    return queue


@check("cloudwatch", "lets an alarm on a metric fire and publish")
def alarm_fires(bench: Bench) -> None:
    topic = bench.topic("alarms")
    queue = _inbox(bench, topic, RawMessageDelivery="true")
    name = _alarm(bench, "fires", AlarmActions=[topic])
    [body, *_] = bench.bodies(queue, ALARM_SECONDS, "a notification")
    bench.holds(json.loads(body), AlarmName=name, NewStateValue="ALARM")


@check("cloudwatch", "lets a composite alarm follow what is below it")
def composite_follows(bench: Bench) -> None:
    cloudwatch, name, below = bench.client("cloudwatch"), bench.name("whole"), bench.name("part")
    cloudwatch.put_metric_alarm(AlarmName=below, MetricName=below, **FAST)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[below])
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{below}")')
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=below, StateValue="ALARM", StateReason="probe")
    bench.until(lambda: _state(bench, name, "CompositeAlarm") == "ALARM", 20, "ALARM")


@check("cloudwatch", "tells EventBridge of an alarm's new state")
def alarm_event(bench: Bench) -> None:
    cloudwatch, queue = bench.client("cloudwatch"), bench.queue("states")
    rule, name = bench.name("states"), bench.name("eventful")
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [name]}}
    _rule_into(bench, rule, queue.arn, pattern)
    cloudwatch.put_metric_alarm(AlarmName=name, MetricName=name, **FAST)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="probe")

    def states() -> list[str]:
        found = [json.loads(body) for body in bench.bodies(queue, 20, "an event")]
        return [
            one["detail"]["state"]["value"]
            for one in found
            if one["detail-type"] == "CloudWatch Alarm State Change"
        ]

    bench.until(states, 30, "a change of state")


@check("cloudwatch", "computes metric math")
def metric_math(bench: Bench) -> None:
    cloudwatch, metric = bench.client("cloudwatch"), bench.name("m")
    now = bench.now()
    datum = {"MetricName": metric, "Value": 4.0, "Timestamp": now}
    cloudwatch.put_metric_data(Namespace="skyproof/probe", MetricData=[datum])
    which = {"Namespace": "skyproof/probe", "MetricName": metric}
    stat = {"Metric": which, "Period": 60, "Stat": "Sum"}

    def values() -> list[float]:
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[
                {"Id": "m1", "MetricStat": stat, "ReturnData": False},
                {"Id": "e1", "Expression": "m1 * 2 + 1"},
            ],
            StartTime=bench.before(300),
            EndTime=bench.before(-60),
        )
        return list(answer["MetricDataResults"][0]["Values"])

    bench.same("values", bench.until(values, 10, "a value"), [9.0])


@check("logs", "publishes what a metric filter counts")
def metric_filter_publishes(bench: Bench) -> None:
    logs, cloudwatch = bench.client("logs"), bench.client("cloudwatch")
    group, metric = bench.name("counted"), bench.name("errors")
    logs.create_log_group(logGroupName=group)
    bench.undo(logs.delete_log_group, logGroupName=group)
    into = {"metricName": metric, "metricNamespace": "skyproof/probe", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName=group, filterName="f", filterPattern="ERROR", metricTransformations=[into]
    )
    _write(bench, group, "ERROR one", "fine", "ERROR two")

    def total() -> float:
        answer = cloudwatch.get_metric_statistics(
            Namespace="skyproof/probe",
            MetricName=metric,
            StartTime=bench.before(600),
            EndTime=bench.before(-600),
            Period=3600,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in answer["Datapoints"]))

    bench.same("Sum", bench.until(total, 30, "a datapoint"), 2.0)


@check("logs", "delivers what a subscription filter lets pass")
def subscription_delivers(bench: Bench) -> None:
    logs, kinesis = bench.client("logs"), bench.client("kinesis")
    group, stream = bench.name("watched"), bench.name("stream")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    bench.undo(kinesis.delete_stream, StreamName=stream)

    def described() -> Any:
        found = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        return found["StreamARN"] if found["StreamStatus"] == "ACTIVE" else None

    arn = bench.until(described, 30, "an active stream")
    logs.create_log_group(logGroupName=group)
    bench.undo(logs.delete_log_group, logGroupName=group)
    logs.put_subscription_filter(
        logGroupName=group,
        filterName="f",
        filterPattern="ERROR",
        destinationArn=arn,
        roleArn=bench.role("logs", "logs.amazonaws.com"),
    )
    _write(bench, group, "ERROR one")
    [shard] = kinesis.list_shards(StreamName=stream)["Shards"]
    begin = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    bench.until(lambda: kinesis.get_records(ShardIterator=begin)["Records"], 30, "a record")


@check("logs", "answers an Insights query")
def insights(bench: Bench) -> None:
    logs, group = bench.client("logs"), bench.name("queried")
    logs.create_log_group(logGroupName=group)
    bench.undo(logs.delete_log_group, logGroupName=group)
    _write(bench, group, "ERROR one", "fine")
    query = logs.start_query(
        logGroupName=group,
        startTime=int(bench.before(600).timestamp()),
        endTime=int(bench.before(-600).timestamp()),
        queryString="filter @message like /ERROR/ | stats count(*) as errors",
    )["queryId"]

    def rows() -> Any:
        answer = logs.get_query_results(queryId=query)
        return answer["results"] if answer["status"] == "Complete" else None

    [row] = bench.until(rows, 20, "a result")
    bench.same("row", {cell["field"]: cell["value"] for cell in row}, {"errors": "1"})


def _write(bench: Bench, group: str, *messages: str) -> None:
    logs = bench.client("logs")
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(bench.now().timestamp() * 1000)
    events = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


@check("sns", "delivers to a queue")
def topic_delivers(bench: Bench) -> None:
    topic = bench.topic("delivers")
    queue = _inbox(bench, topic)
    bench.client("sns").publish(TopicArn=topic, Message="hello", Subject="s")
    [body] = bench.bodies(queue)
    bench.holds(json.loads(body), Type="Notification", Message="hello", Subject="s", TopicArn=topic)


@check("sns", "filters by a message's attributes")
def topic_filters(bench: Bench) -> None:
    sns, topic = bench.client("sns"), bench.topic("filters")
    policy = '{"severity":["critical"]}'
    queue = _inbox(bench, topic, FilterPolicy=policy, RawMessageDelivery="true")
    for severity in ("info", "critical"):
        told = {"severity": {"DataType": "String", "StringValue": severity}}
        sns.publish(TopicArn=topic, Message=severity, MessageAttributes=told)
    bench.same("messages", bench.bodies(queue), ["critical"])


@check("sns", "filters by a message's body")
def topic_filters_bodies(bench: Bench) -> None:
    sns, topic = bench.client("sns"), bench.topic("bodies")
    queue = _inbox(
        bench,
        topic,
        FilterPolicy='{"NewStateValue":["ALARM"]}',
        FilterPolicyScope="MessageBody",
        RawMessageDelivery="true",
    )
    for state in ("OK", "ALARM"):
        sns.publish(TopicArn=topic, Message=json.dumps({"NewStateValue": state}))
    bench.same(
        "messages", [json.loads(one) for one in bench.bodies(queue)], [{"NewStateValue": "ALARM"}]
    )


@check("sqs", "moves what is received too often to the dead letters")
def dead_letters(bench: Bench) -> None:
    sqs, dead = bench.client("sqs"), bench.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = bench.queue("poison", RedrivePolicy=policy, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=queue.url, MessageBody="poison")

    def moved() -> list[Any]:
        sqs.receive_message(QueueUrl=queue.url)
        return list(sqs.receive_message(QueueUrl=dead.url).get("Messages", ()))

    bench.until(moved, 20, "a dead letter")


@check("events", "brings an event that matches to a queue")
def event_arrives(bench: Bench) -> None:
    events, queue = bench.client("events"), bench.queue("events")
    source = bench.name("source")
    _rule_into(bench, bench.name("matches"), queue.arn, {"source": [source], "detail": {"n": [1]}})
    for number in (2, 1):
        detail = json.dumps({"n": number})
        entry = {"Source": source, "DetailType": "probe", "Detail": detail}
        bench.same("failed", events.put_events(Entries=[entry])["FailedEntryCount"], 0)
    found = [json.loads(body)["detail"] for body in bench.bodies(queue)]
    bench.same("details", found, [{"n": 1}])


@check("events", "runs a rule by its schedule")
def event_schedule(bench: Bench) -> None:
    events, name, queue = bench.client("events"), bench.name("minutely"), bench.queue("minutely")
    events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    bench.undo(events.delete_rule, Name=name)
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue.arn}])
    bench.undo(events.remove_targets, Rule=name, Ids=["q"])
    [body, *_] = bench.bodies(queue, 90, "a scheduled event")
    bench.holds(json.loads(body), **{"detail-type": "Scheduled Event", "source": "aws.events"})


def _rule_into(bench: Bench, name: str, queue: str, pattern: dict[str, Any]) -> None:
    events = bench.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    bench.undo(events.delete_rule, Name=name)
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])
    bench.undo(events.remove_targets, Rule=name, Ids=["q"])


@check("scheduler", "runs a schedule's target once at its time")
def schedule_runs(bench: Bench) -> None:
    scheduler, name, queue = bench.client("scheduler"), bench.name("once"), bench.queue("once")
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=f"at({bench.before(-60):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": queue.arn,
            "RoleArn": bench.role("once", "scheduler.amazonaws.com"),
            "Input": '{"once":true}',
        },
    )
    bench.undo(scheduler.delete_schedule, Name=name)
    bench.same("body", json.loads(bench.bodies(queue, 180)[0]), {"once": True})


@check("s3", "copies objects by a replication rule")
def replication(bench: Bench) -> None:
    s3, role = bench.client("s3"), bench.role("copier", "s3.amazonaws.com")
    source, copy = bench.bucket("source", versioned=True), bench.bucket("copy", versioned=True)
    s3.put_bucket_replication(
        Bucket=source,
        ReplicationConfiguration={"Role": role, "Rules": [replication_rule(copy)]},
    )
    s3.put_object(Bucket=source, Key="a.txt", Body=b"a")

    def copied() -> list[str]:
        listed = s3.list_objects_v2(Bucket=copy).get("Contents", ())
        return [one["Key"] for one in listed]

    bench.same("keys", bench.until(copied, 60, "a copy"), ["a.txt"])


@check("s3", "tells a queue of new objects")
def notification(bench: Bench) -> None:
    s3, bucket, queue = bench.client("s3"), bench.bucket("tells"), bench.queue("told")
    wanted = {"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [wanted]}
    )
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"a")

    def keys() -> list[str]:
        bodies = [json.loads(one) for one in bench.bodies(queue)]
        records = [record for one in bodies for record in one.get("Records", ())]
        return [record["s3"]["object"]["key"] for record in records]

    bench.same("keys", bench.until(keys, 20, "a record"), ["a.txt"])


@check("lambda", "runs a function")
def function_runs(bench: Bench) -> None:
    source = "def handler(event, context):\n    return {'twice': event['n'] * 2}\n"
    name = function(bench, "runs", source)
    answer = bench.client("lambda").invoke(FunctionName=name, Payload=b'{"n": 21}')
    bench.same("FunctionError", answer.get("FunctionError"), None)
    bench.same("payload", json.loads(answer["Payload"].read()), {"twice": 42})


@check("lambda", "runs for a topic")
def function_of_topic(bench: Bench) -> None:
    sns, topic, queue = bench.client("sns"), bench.topic("calls"), bench.queue("called")
    source = "def handler(event, context):\n    return event['Records'][0]['Sns']['Message']\n"
    to_queue = {"OnSuccess": {"Destination": queue.arn}}
    name = function(bench, "called", source)
    functions = bench.client("lambda")
    functions.put_function_event_invoke_config(FunctionName=name, DestinationConfig=to_queue)
    arn = functions.get_function_configuration(FunctionName=name)["FunctionArn"]
    functions.add_permission(
        FunctionName=name,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    made = sns.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=arn, ReturnSubscriptionArn=True
    )
    bench.undo(sns.unsubscribe, SubscriptionArn=made["SubscriptionArn"])
    sns.publish(TopicArn=topic, Message="hello")
    [body, *_] = bench.bodies(queue, 30, "a result")
    bench.same("responsePayload", json.loads(body)["responsePayload"], "hello")


@check("firehose", "delivers to a bucket")
def firehose_delivers(bench: Bench) -> None:
    firehose, s3, bucket = bench.client("firehose"), bench.client("s3"), bench.bucket("lake")
    name = bench.name("hose")
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "RoleARN": bench.role("hose", "firehose.amazonaws.com"),
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        },
    )
    bench.undo(firehose.delete_delivery_stream, DeliveryStreamName=name)

    def is_active() -> bool:
        found = firehose.describe_delivery_stream(DeliveryStreamName=name)
        return bool(found["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE")

    bench.until(is_active, 60, "an active stream")
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"line\n"})
    bench.until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"), 150, "an object")


@check("sts", "gives an assumed role its identity and its account")
def assumed_role(bench: Bench) -> None:
    account = "111122223333"
    iam, name = bench.client("iam", account=account), bench.name("visitor")
    trust = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    bench.undo(iam.delete_role, RoleName=name)
    bench.same("the role's account", arn.split(":")[4], account)
    sts = bench.client("sts")
    given = sts.assume_role(RoleArn=arn, RoleSessionName="probe")
    expected = f"arn:aws:sts::{account}:assumed-role/{name}/probe"
    bench.same("Arn", given["AssumedRoleUser"]["Arn"], expected)
    key = given["Credentials"]["AccessKeyId"]
    bench.same(
        "Account", bench.client("sts", account=key).get_caller_identity()["Account"], account
    )


@check("sqs", "keeps accounts and regions apart")
def isolation(bench: Bench) -> None:
    name = bench.name("here")
    bench.queue("here")
    for region, account in (("eu-west-1", None), (None, "111122223333")):
        other = bench.client("sqs", region, account)
        listed = other.list_queues(QueueNamePrefix=name).get("QueueUrls", [])
        bench.same(f"queues in {region or account}", listed, [])


@check("s3", "lets pass what a policy's condition leaves open")
def conditional_policy(bench: Bench) -> None:
    s3, bucket = bench.client("s3"), bench.bucket("policy")
    policy = json.loads(allowing("s3:*", f"arn:aws:s3:::{bucket}/*"))
    policy["Statement"][0] |= {
        "Effect": "Deny",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "public-read"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
