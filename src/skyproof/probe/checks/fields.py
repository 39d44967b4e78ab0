"""Fields that are read back as they were written: what is not makes Terraform's plans drift."""

from __future__ import annotations

import json
from typing import Any

from skyproof.probe.bench import Bench
from skyproof.probe.check import check

ALARM: dict[str, Any] = {
    "Namespace": "skyproof/probe",
    "MetricName": "errors",
    "Dimensions": [{"Name": "service", "Value": "api"}],
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "Unit": "Count",
}


@check("cloudwatch", "keeps every field of a metric alarm")
def metric_alarm(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), bench.name("alarm")
    wanted = {**ALARM, "Statistic": "Sum", "AlarmDescription": "probe"}
    cloudwatch.put_metric_alarm(AlarmName=name, **wanted)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    bench.holds(alarm, **wanted)


@check("cloudwatch", "keeps a percentile and how few samples are judged")
def percentile_alarm(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), bench.name("percentile")
    wanted = {"ExtendedStatistic": "p99.9", "EvaluateLowSampleCountPercentile": "ignore"}
    cloudwatch.put_metric_alarm(AlarmName=name, **ALARM, **wanted)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    bench.holds(alarm, **wanted)


@check("cloudwatch", "keeps the expressions of a metric math alarm")
def math_alarm(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), bench.name("math")
    metric = {"Namespace": "skyproof/probe", "MetricName": "errors", "Dimensions": []}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    wanted = [
        {"Id": "rate", "Expression": "m1 * 2", "Label": "rate", "ReturnData": True},
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
    ]
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=wanted,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    by_id = {query["Id"]: query for query in alarm["Metrics"]}
    bench.holds(by_id["rate"], **wanted[0])
    bench.holds(by_id["m1"], ReturnData=False)
    bench.holds(by_id["m1"]["MetricStat"], Period=60, Stat="Sum")


@check("cloudwatch", "keeps the suppressor of a composite alarm")
def composite_alarm(bench: Bench) -> None:
    cloudwatch = bench.client("cloudwatch")
    name, below = bench.name("composite"), bench.name("below")
    cloudwatch.put_metric_alarm(AlarmName=below, Statistic="Sum", **ALARM)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[below])
    wanted = {
        "AlarmRule": f'ALARM("{below}")',
        "ActionsSuppressor": below,
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
    }
    cloudwatch.put_composite_alarm(AlarmName=name, **wanted)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    [alarm] = found["CompositeAlarms"]
    bench.holds(alarm, **wanted)


@check("cloudwatch", "keeps an alarm's tags")
def alarm_tags(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), bench.name("tagged")
    tags = [{"Key": "team", "Value": "ops"}]
    cloudwatch.put_metric_alarm(AlarmName=name, Statistic="Sum", Tags=tags, **ALARM)
    bench.undo(cloudwatch.delete_alarms, AlarmNames=[name])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    bench.same(
        "Tags", cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"], tags
    )


@check("cloudwatch", "has anomaly detectors")
def anomaly_detector(bench: Bench) -> None:
    cloudwatch, metric = bench.client("cloudwatch"), bench.name("metric")
    which = {
        "Namespace": "skyproof/probe",
        "MetricName": metric,
        "Dimensions": [],
        "Stat": "Average",
    }
    cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector=which)
    bench.undo(cloudwatch.delete_anomaly_detector, SingleMetricAnomalyDetector=which)
    found = cloudwatch.describe_anomaly_detectors(MetricName=metric)["AnomalyDetectors"]
    bench.same(
        "detectors", [one["SingleMetricAnomalyDetector"]["Stat"] for one in found], ["Average"]
    )


@check("cloudwatch", "keeps a dashboard's body")
def dashboard(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), bench.name("board")
    widget = {
        "type": "text",
        "x": 0,
        "y": 0,
        "width": 6,
        "height": 3,
        "properties": {"markdown": "a"},
    }
    body = json.dumps({"widgets": [widget]})
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    bench.undo(cloudwatch.delete_dashboards, DashboardNames=[name])
    found = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    bench.same("body", json.loads(found), json.loads(body))


@check("logs", "keeps retention and tags of a group")
def log_group(bench: Bench) -> None:
    logs, name = bench.client("logs"), bench.name("group")
    logs.create_log_group(logGroupName=name, tags={"team": "ops"})
    bench.undo(logs.delete_log_group, logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=400)
    [group] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    bench.holds(group, retentionInDays=400, logGroupClass="STANDARD")
    arn = group["arn"].removesuffix(":*")
    bench.same("tags", logs.list_tags_for_resource(resourceArn=arn)["tags"], {"team": "ops"})


@check("logs", "keeps a metric filter's dimensions and unit")
def metric_filter(bench: Bench) -> None:
    logs, name = bench.client("logs"), bench.name("filtered")
    logs.create_log_group(logGroupName=name)
    bench.undo(logs.delete_log_group, logGroupName=name)
    into = {
        "metricName": "errors",
        "metricNamespace": "skyproof/probe",
        "metricValue": "1",
        "dimensions": {"service": "$.service"},
        "unit": "Count",
    }
    pattern = '{ $.level = "ERROR" }'
    logs.put_metric_filter(
        logGroupName=name, filterName="f", filterPattern=pattern, metricTransformations=[into]
    )
    [found] = logs.describe_metric_filters(logGroupName=name)["metricFilters"]
    bench.holds(found, filterPattern=pattern, metricTransformations=[into])


@check("logs", "keeps query definitions")
def query_definition(bench: Bench) -> None:
    logs, name = bench.client("logs"), bench.name("query")
    text = "fields @timestamp | limit 5"
    made = logs.put_query_definition(name=name, queryString=text)["queryDefinitionId"]
    bench.undo(logs.delete_query_definition, queryDefinitionId=made)
    [found] = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    bench.holds(found, queryString=text, queryDefinitionId=made)


@check("sns", "keeps filter policy, scope and raw delivery of a subscription")
def subscription(bench: Bench) -> None:
    sns, topic, queue = bench.client("sns"), bench.topic("topic"), bench.queue("queue")
    wanted = {
        "FilterPolicy": '{"severity":["critical"]}',
        "FilterPolicyScope": "MessageBody",
        "RawMessageDelivery": "true",
    }
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes=wanted,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    bench.undo(sns.unsubscribe, SubscriptionArn=arn)
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    bench.holds(
        found, **{name: wanted[name] for name in ("FilterPolicyScope", "RawMessageDelivery")}
    )
    bench.same("FilterPolicy", json.loads(found["FilterPolicy"]), {"severity": ["critical"]})


@check("sqs", "writes redrive policies as it got them")
def redrive(bench: Bench) -> None:
    sqs, dead = bench.client("sqs"), bench.queue("dead")
    policy = json.dumps(
        {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3}, separators=(",", ":")
    )
    queue = bench.queue("main", RedrivePolicy=policy)
    allow = '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=dead.url, Attributes={"RedriveAllowPolicy": allow})
    for url, name, wanted in (
        (queue.url, "RedrivePolicy", policy),
        (dead.url, "RedriveAllowPolicy", allow),
    ):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        bench.same(name, json.loads(found.get(name, "null")), json.loads(wanted))


@check("sqs", "keeps a policy while another attribute is set")
def queue_policy(bench: Bench) -> None:
    sqs, queue = bench.client("sqs"), bench.queue("kept")
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "45"})
    found = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    bench.same("Policy is there", bool(found.get("Policy")), True)
    bench.same("VisibilityTimeout", found["VisibilityTimeout"], "45")


@check("s3", "keeps lifecycle rules")
def lifecycle(bench: Bench) -> None:
    s3, bucket = bench.client("s3"), bench.bucket("lifecycle")
    rule = {
        "ID": "archive",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 400},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    [found] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    bench.holds(found, **rule)


@check("s3", "keeps replication rules")
def replication_rules(bench: Bench) -> None:
    s3, role = bench.client("s3"), bench.role("copier", "s3.amazonaws.com")
    source, copy = bench.bucket("source", versioned=True), bench.bucket("copy", versioned=True)
    rule = replication_rule(copy)
    s3.put_bucket_replication(
        Bucket=source, ReplicationConfiguration={"Role": role, "Rules": [rule]}
    )
    found = s3.get_bucket_replication(Bucket=source)["ReplicationConfiguration"]
    bench.holds(found["Rules"][0], **rule)


def replication_rule(bucket: str) -> dict[str, Any]:
    """Everything in a bucket, delete markers too, into another one."""
    return {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}", "StorageClass": "STANDARD_IA"},
    }


@check("s3", "keeps a bucket's public access block")
def public_access(bench: Bench) -> None:
    s3, bucket = bench.client("s3"), bench.bucket("private")
    wanted = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    bench.same("block", found, wanted)


@check("s3", "encrypts a new bucket by itself")
def encrypted(bench: Bench) -> None:
    s3, bucket = bench.client("s3"), bench.bucket("sealed")
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    [rule] = found["Rules"]
    bench.same("key", rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    bench.holds(put, ServerSideEncryption="AES256", ChecksumType="FULL_OBJECT")


@check("kms", "keeps a key's policy, rotation and tags")
def key(bench: Bench) -> None:
    kms = bench.client("kms")
    tags = [{"TagKey": "team", "TagValue": "ops"}]
    made = kms.create_key(Description="probe", Tags=tags)["KeyMetadata"]["KeyId"]
    bench.undo(kms.schedule_key_deletion, KeyId=made, PendingWindowInDays=7)
    kms.enable_key_rotation(KeyId=made, RotationPeriodInDays=180)
    rotation = kms.get_key_rotation_status(KeyId=made)
    bench.holds(rotation, KeyRotationEnabled=True, RotationPeriodInDays=180)
    bench.same("tags", kms.list_resource_tags(KeyId=made)["Tags"], tags)
    policy = json.loads(kms.get_key_policy(KeyId=made, PolicyName="default")["Policy"])
    bench.same("statements", len(policy["Statement"]), 1)


@check("iam", "keeps a role's policies and tags")
def role(bench: Bench) -> None:
    iam, name = bench.client("iam"), bench.name("role")
    bench.role("role", "lambda.amazonaws.com")
    tags = [{"Key": "team", "Value": "ops"}]
    iam.tag_role(RoleName=name, Tags=tags)
    bench.same("tags", iam.list_role_tags(RoleName=name)["Tags"], tags)
    document = iam.get_role_policy(RoleName=name, PolicyName="all")["PolicyDocument"]
    bench.same("Action", document["Statement"][0]["Action"], "*")


@check("events", "keeps a target's transformer, retries and dead letters")
def event_target(bench: Bench) -> None:
    events, name = bench.client("events"), bench.name("rule")
    queue, dead = bench.queue("target"), bench.queue("dead")
    pattern = '{"source":["skyproof.probe"]}'
    events.put_rule(Name=name, EventPattern=pattern, Description="probe")
    bench.undo(events.delete_rule, Name=name)
    target = {
        "Id": "queue",
        "Arn": queue.arn,
        "InputTransformer": {
            "InputPathsMap": {"name": "$.detail.name"},
            "InputTemplate": '"<name>"',
        },
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60},
        "DeadLetterConfig": {"Arn": dead.arn},
    }
    events.put_targets(Rule=name, Targets=[target])
    bench.undo(events.remove_targets, Rule=name, Ids=["queue"])
    [found] = events.list_targets_by_rule(Rule=name)["Targets"]
    bench.same("target", found, target)
    bench.holds(events.describe_rule(Name=name), EventPattern=pattern, Description="probe")


@check("lambda", "keeps dead letters, logging and storage of a function")
def function(bench: Bench) -> None:
    from skyproof.probe.checks.packages import function as make

    functions, dead = bench.client("lambda"), bench.queue("dead")
    wanted: dict[str, Any] = {
        "DeadLetterConfig": {"TargetArn": dead.arn},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"/aws/lambda/{bench.name('f')}"},
        "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"},
    }
    name = make(bench, "f", "def handler(event, context):\n    return 1\n", **wanted)
    found = functions.get_function_configuration(FunctionName=name)
    bench.holds(
        found,
        **{key: wanted[key] for key in ("DeadLetterConfig", "EphemeralStorage", "TracingConfig")},
    )
    bench.holds(found["LoggingConfig"], **wanted["LoggingConfig"])


@check("ecs", "keeps Container Insights of a cluster")
def cluster(bench: Bench) -> None:
    ecs, name = bench.client("ecs"), bench.name("cluster")
    wanted = [{"name": "containerInsights", "value": "enhanced"}]
    ecs.create_cluster(clusterName=name, settings=wanted)
    bench.undo(ecs.delete_cluster, cluster=name)
    [found] = ecs.describe_clusters(clusters=[name], include=["SETTINGS"])["clusters"]
    bench.holds(found, settings=wanted, status="ACTIVE")


@check("xray", "keeps the Insights of a group")
def xray_group(bench: Bench) -> None:
    xray, name = bench.client("xray"), bench.name("g")
    wanted = {"InsightsEnabled": True, "NotificationsEnabled": False}
    made = xray.create_group(
        GroupName=name, FilterExpression="fault = true", InsightsConfiguration=wanted
    )["Group"]
    bench.undo(xray.delete_group, GroupARN=made["GroupARN"])
    found = xray.get_group(GroupName=name)["Group"]
    bench.holds(found, FilterExpression="fault = true", InsightsConfiguration=wanted)


@check("scheduler", "keeps a schedule's window, time zone and target")
def schedule(bench: Bench) -> None:
    scheduler, name = bench.client("scheduler"), bench.name("schedule")
    queue, role = bench.queue("scheduled"), bench.role("scheduler", "scheduler.amazonaws.com")
    wanted = {
        "ScheduleExpression": "cron(0 3 * * ? *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    }
    target = {"Arn": queue.arn, "RoleArn": role, "Input": '{"a":1}'}
    scheduler.create_schedule(Name=name, Target=target, **wanted)
    bench.undo(scheduler.delete_schedule, Name=name)
    found = scheduler.get_schedule(Name=name)
    bench.holds(found, **wanted)
    bench.holds(found["Target"], **target)


@check("cloudformation", "makes a real anomaly detector of a stack's resource")
def stack_with_detector(bench: Bench) -> None:
    cloudformation, cloudwatch = bench.client("cloudformation"), bench.client("cloudwatch")
    name, metric = bench.name("stack"), bench.name("metric")
    resource = {
        "Type": "AWS::CloudWatch::AnomalyDetector",
        "Properties": {"Namespace": "skyproof/probe", "MetricName": metric, "Stat": "Average"},
    }
    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": {"Detector": resource}})
    )
    bench.undo(cloudformation.delete_stack, StackName=name)

    def found() -> list[Any]:
        answer = cloudwatch.describe_anomaly_detectors(MetricName=metric)
        return list(answer["AnomalyDetectors"])

    bench.until(found, 20, "a detector")


@check("oam", "keeps a sink and its policy")
def sink(bench: Bench) -> None:
    oam, name = bench.client("oam"), bench.name("sink")
    made = oam.create_sink(Name=name)["Arn"]
    bench.undo(oam.delete_sink, Identifier=made)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": ["oam:CreateLink", "oam:UpdateLink"],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    oam.put_sink_policy(SinkIdentifier=made, Policy=json.dumps(policy))
    found = oam.get_sink_policy(SinkIdentifier=made)["Policy"]
    bench.same("policy", json.loads(found)["Statement"][0]["Action"], statement["Action"])
