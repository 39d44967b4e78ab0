"""Reads: lists that are answered, and the codes by which what is not there is refused."""

from __future__ import annotations

from skyproof.probe.check import answers, refuses

answers("cloudformation", "describe_stacks")
answers("cloudwatch", "describe_alarms")
answers("cloudwatch", "describe_anomaly_detectors")
answers("cloudwatch", "describe_insight_rules")
answers("cloudwatch", "list_dashboards")
answers("cloudwatch", "list_metric_streams")
answers("cloudwatch", "list_metrics")
answers("ec2", "describe_vpcs")
answers("ec2", "describe_vpc_endpoints")
answers("ecs", "list_clusters")
answers("events", "list_event_buses")
answers("events", "list_rules")
answers("firehose", "list_delivery_streams")
answers("iam", "list_roles")
answers("kinesis", "list_streams")
answers("kms", "list_aliases")
answers("lambda", "list_functions")
answers("logs", "describe_log_groups")
answers("logs", "describe_metric_filters")
answers("logs", "describe_query_definitions")
answers("logs", "describe_resource_policies")
answers("oam", "list_sinks")
answers("resourcegroupstaggingapi", "get_resources")
answers("s3", "list_buckets")
answers("scheduler", "list_schedules")
answers("sns", "list_topics")
answers("sqs", "list_queues")
answers("ssm", "describe_parameters")
answers("sts", "get_caller_identity")
answers("synthetics", "describe_canaries")
answers("xray", "get_groups")
answers("xray", "get_sampling_rules")

# The codes of each operation's page, "Errors".
NOTHING = "skyproof-probe-nothing"
TOPIC = f"arn:aws:sns:us-east-1:123456789012:{NOTHING}"
refuses("cloudwatch", "get_dashboard", "ResourceNotFound", DashboardName=NOTHING)
refuses("events", "describe_rule", "ResourceNotFoundException", Name=NOTHING)
refuses(
    "firehose",
    "describe_delivery_stream",
    "ResourceNotFoundException",
    DeliveryStreamName=NOTHING,
)
refuses("iam", "get_role", "NoSuchEntity", RoleName=NOTHING)
refuses("kms", "describe_key", "NotFoundException", KeyId=f"alias/{NOTHING}")
refuses("lambda", "get_function", "ResourceNotFoundException", FunctionName=NOTHING)
refuses("logs", "describe_log_streams", "ResourceNotFoundException", logGroupName=f"/{NOTHING}")
refuses("s3", "get_bucket_policy", "NoSuchBucket", Bucket=NOTHING)
refuses("scheduler", "get_schedule", "ResourceNotFoundException", Name=NOTHING)
refuses("sns", "get_topic_attributes", "NotFound", TopicArn=TOPIC)
refuses("sqs", "get_queue_url", "AWS.SimpleQueueService.NonExistentQueue", QueueName=NOTHING)
refuses("synthetics", "get_canary", "ResourceNotFoundException", Name="skyproof-nothing")
