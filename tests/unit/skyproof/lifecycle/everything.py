"""One of every kind that skyproof removes, made with boto3 as the emulator takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.unit.skyproof.emulator.every_kind.packages import package

Client = Callable[[str], Any]
"""``(service)`` → boto3 client of one account and region."""

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}],
}
LETS_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {
                "Service": [
                    f"{service}.amazonaws.com"
                    for service in (
                        "lambda",
                        "firehose",
                        "scheduler",
                        "states",
                        "streams.metrics.cloudwatch",
                    )
                ]
            },
            "Action": "sts:AssumeRole",
        }
    ],
}
STACK = {
    "Resources": {
        "Detector": {
            "Type": "AWS::CloudWatch::AnomalyDetector",
            "Properties": {"Namespace": "Stacked", "MetricName": "Count", "Stat": "Average"},
        }
    }
}


def make_everything(client: Client, account: str, name: str, tags: dict[str, str]) -> None:
    """Make one of every kind, called ``name`` or with it in its name, or tagged if it has none."""
    role = identities(client, name, tags)
    bucket = stores(client, name)
    queue = messages(client, name)
    network(client, name)
    runs(client, name, role, tags)
    watches(client, account, name)
    makers(client, name, role, bucket, queue)


def identities(client: Client, name: str, tags: dict[str, str]) -> str:
    """A role with all that may hold it, a user, a policy of two versions, a key; the role's ARN."""
    iam = client("iam")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(LETS_ALL))["Policy"]
    iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=json.dumps(LETS_ALL))
    role: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"][
        "Arn"
    ]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(LETS_ALL))
    iam.attach_role_policy(RoleName=name, PolicyArn=policy["Arn"])
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    iam.create_user(UserName=name)
    iam.create_access_key(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(LETS_ALL))
    iam.attach_user_policy(UserName=name, PolicyArn=policy["Arn"])
    kms = client("kms")
    pairs = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    key = kms.create_key(Tags=pairs)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    return role


def stores(client: Client, name: str) -> str:
    """A bucket with versions, a marker and an upload, a table, a stream, a secret, a parameter."""
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="kept", Body=b"first")
    s3.put_object(Bucket=name, Key="kept", Body=b"second")
    s3.put_object(Bucket=name, Key="deleted", Body=b"")
    s3.delete_object(Bucket=name, Key="deleted")
    s3.create_multipart_upload(Bucket=name, Key="begun")
    client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("kinesis").create_stream(StreamName=name, ShardCount=1)
    client("secretsmanager").create_secret(Name=name, SecretString="nothing")
    client("ssm").put_parameter(Name=f"/{name}/flag", Value="on", Type="String")
    return name


def messages(client: Client, name: str) -> str:
    """A topic with a subscription, a queue, a bus; the queue's ARN."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue: str = attributes["Attributes"]["QueueArn"]
    sns = client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    client("events").create_event_bus(Name=name)
    return queue


def network(client: Client, name: str) -> None:
    """A VPC with all that may be in it, and groups that hold each other."""
    ec2 = client("ec2")

    def called(what: str) -> list[dict[str, Any]]:
        return [{"ResourceType": what, "Tags": [{"Key": "Name", "Value": name}]}]

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=called("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=called("subnet")
    )["Subnet"]["SubnetId"]
    groups = [
        ec2.create_security_group(VpcId=vpc, GroupName=f"{name}-{side}", Description="holds")[
            "GroupId"
        ]
        for side in ("left", "right")
    ]
    for one, other in (groups, reversed(groups)):
        ec2.authorize_security_group_ingress(
            GroupId=one,
            IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other}]}],
        )
    ec2.create_network_interface(
        SubnetId=subnet,
        Groups=groups[:1],
        Description=f"AWS Lambda VPC ENI-{name}-0b6d6c2c-1111-4222-8333-444455556666",
    )
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.logs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=groups[1:],
        TagSpecifications=called("vpc-endpoint"),
    )
    gateway = ec2.create_internet_gateway(TagSpecifications=called("internet-gateway"))
    gateway_id = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=called("elastic-ip"))
    ec2.create_nat_gateway(
        SubnetId=subnet,
        AllocationId=address["AllocationId"],
        TagSpecifications=called("natgateway"),
    )
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=called("route-table"))
    table_id = table["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet)
    ec2.create_network_acl(VpcId=vpc, TagSpecifications=called("network-acl"))
    other_vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=called("vpc"))
    ec2.create_vpc_peering_connection(
        VpcId=vpc,
        PeerVpcId=other_vpc["Vpc"]["VpcId"],
        TagSpecifications=called("vpc-peering-connection"),
    )
    client("logs").create_log_group(logGroupName=f"flows-{name}")
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName=f"flows-{name}",
        DeliverLogsPermissionArn=client("iam").get_role(RoleName=name)["Role"]["Arn"],
        TagSpecifications=called("vpc-flow-log"),
    )


def runs(client: Client, name: str, role: str, tags: dict[str, str]) -> None:
    """A service in a cluster, a function with a layer, a state machine, a machine with a volume."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName=name)
    container = {"name": "web", "image": "web", "memory": 128}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=1)
    lambda_ = client("lambda")
    layer = lambda_.publish_layer_version(
        LayerName=name, Content={"ZipFile": package("python/a.py")}
    )
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": package()},
        Layers=[layer["LayerVersionArn"]],
    )
    lambda_.create_code_signing_config(
        Description=name,
        Tags=tags,
        AllowedPublishers={
            "SigningProfileVersionArns": [
                "arn:aws:signer:us-east-1:123456789012:/signing-profiles/one/0123456789"
            ]
        },
    )
    states = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(states), roleArn=role
    )
    ec2 = client("ec2")
    ec2.create_key_pair(KeyName=name)
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-1"})
    called = [{"Key": "Name", "Value": name}]
    ec2.create_volume(
        AvailabilityZone="us-east-1a",
        Size=1,
        TagSpecifications=[{"ResourceType": "volume", "Tags": called}],
    )


def watches(client: Client, account: str, name: str) -> None:
    """Alarms under composites that hold each other, detectors, dashboards, links, traces, logs."""
    cloudwatch = client("cloudwatch")
    metric = {"Namespace": name, "MetricName": "Count"}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        **metric,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_composite_alarm(AlarmName=f"a-{name}", AlarmRule=f"ALARM({name})")
    cloudwatch.put_composite_alarm(AlarmName=f"b-{name}", AlarmRule=f"ALARM(a-{name})")
    cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector={**metric, "Stat": "Average"})
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    rule = {
        "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
        "LogGroupNames": [name],
        "LogFormat": "JSON",
        "Contribution": {"Keys": ["$.ip"], "Filters": []},
        "AggregateOn": "Count",
    }
    cloudwatch.put_insight_rule(RuleName=name, RuleDefinition=json.dumps(rule))
    logs(client, account, name)
    oam = client("oam")
    oam.create_sink(Name=name)
    xray = client("xray")
    xray.create_group(GroupName=name, FilterExpression="error")
    xray.create_sampling_rule(
        SamplingRule={
            "RuleName": name,
            "ResourceARN": "*",
            "Priority": 100,
            "FixedRate": 0.1,
            "ReservoirSize": 1,
            "ServiceName": "*",
            "ServiceType": "*",
            "Host": "*",
            "HTTPMethod": "*",
            "URLPath": "*",
            "Version": 1,
        }
    )


def logs(client: Client, account: str, name: str) -> None:
    """A log group and all that may be put on it."""
    logs = client("logs")
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    group = f"arn:aws:logs:us-east-1:{account}:log-group:/aws/lambda/{name}"
    logs.put_metric_filter(
        logGroupName=f"/aws/lambda/{name}",
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[
            {"metricName": "Errors", "metricNamespace": name, "metricValue": "1"}
        ],
    )
    logs.put_query_definition(name=name, queryString="fields @message")
    logs.create_log_anomaly_detector(logGroupArnList=[group], detectorName=name)
    logs.put_resource_policy(policyName=name, policyDocument=json.dumps(ANYBODY))
    stream = client("kinesis").describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
    logs.put_destination(
        destinationName=name,
        targetArn=stream,
        roleArn=client("iam").get_role(RoleName=name)["Role"]["Arn"],
    )


def makers(client: Client, name: str, role: str, bucket: str, queue: str) -> None:
    """What makes other things: a stack, a canary, streams, schedules, rules, mappings."""
    client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(STACK))
    synthetics = client("synthetics")
    synthetics.create_canary(
        Name=name,
        Code={"ZipFile": package("python/probe.py"), "Handler": "probe.handler"},
        ArtifactS3Location=f"s3://{bucket}/probe",
        ExecutionRoleArn=role,
        Schedule={"Expression": "rate(5 minutes)"},
        RuntimeVersion="syn-python-selenium-14.0",
    )
    synthetics.start_canary(Name=name)
    synthetics.create_group(Name=name)
    firehose = client("firehose")
    delivery = firehose.create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{bucket}",
        },
    )["DeliveryStreamARN"]
    client("cloudwatch").put_metric_stream(
        Name=name, FirehoseArn=delivery, RoleArn=role, OutputFormat="json"
    )
    scheduler = client("scheduler")
    scheduler.create_schedule_group(Name=name)
    scheduler.create_schedule(
        Name=name,
        GroupName=name,
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue, "RoleArn": role},
    )
    events = client("events")
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": queue}])
    bus = events.describe_event_bus(Name=name)["Arn"]
    events.create_archive(ArchiveName=name, EventSourceArn=bus)
    connection = events.create_connection(
        Name=name,
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "key", "ApiKeyValue": "value"}},
    )["ConnectionArn"]
    events.create_api_destination(
        Name=name,
        ConnectionArn=connection,
        InvocationEndpoint="https://example.com/",
        HttpMethod="POST",
    )
    client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=queue)
