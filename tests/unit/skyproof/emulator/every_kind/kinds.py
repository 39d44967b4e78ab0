"""The kinds: how each is made, read, changed, tagged and deleted.

``read`` gives what shows that a kind was changed, and None once it is gone.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.unit.skyproof.emulator.every_kind.aws import Aws

ROLE_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
METRIC = {"Namespace": "Shop", "MetricName": "Latency"}
QUERIES: list[dict[str, Any]] = [
    {
        "Id": "m",
        "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Average"},
        "ReturnData": False,
    },
    {"Id": "double", "Expression": "m * 2", "ReturnData": True},
]
GONE = {
    "ResourceNotFoundException",
    "ResourceNotFound",
    "NoSuchBucket",
    "ReplicationConfigurationNotFoundError",
    "InvalidRequestException",
    "ValidationError",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
}


@dataclass
class Kind:
    """One kind of resource in one account."""

    aws: Aws

    service = ""

    def create(self) -> None: ...
    def read(self) -> Any: ...
    def update(self) -> None: ...
    def delete(self) -> None: ...


class Tagged(Kind):
    """A kind that bears tags."""

    def tag(self, tags: dict[str, str]) -> None: ...
    def untag(self, names: list[str]) -> None: ...
    def tags(self) -> dict[str, str]:
        raise NotImplementedError


def there(read: Callable[[], Any]) -> Any:
    """What is read, or None where the service says that there is nothing."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return None


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def unpaired(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


class CloudWatchTagged(Tagged):
    service = "cloudwatch"

    @property
    def arn(self) -> str:
        raise NotImplementedError

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("cloudwatch").tag_resource(ResourceARN=self.arn, Tags=pairs(tags))

    def untag(self, names: list[str]) -> None:
        self.aws("cloudwatch").untag_resource(ResourceARN=self.arn, TagKeys=names)

    def tags(self) -> dict[str, str]:
        answer = self.aws("cloudwatch").list_tags_for_resource(ResourceARN=self.arn)
        return unpaired(answer["Tags"])


class MetricAlarm(CloudWatchTagged):
    threshold = 1.0

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "alarm:a")

    def what(self) -> dict[str, Any]:
        return {**METRIC, "Statistic": "Sum", "Period": 60, "Threshold": self.threshold}

    def create(self) -> None:
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName="a",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=3,
            DatapointsToAlarm=2,
            TreatMissingData="breaching",
            **self.what(),
        )

    def read(self) -> Any:
        found = self.aws("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"]
        kept = ("DatapointsToAlarm", "TreatMissingData", *self.what())
        return {name: found[0][name] for name in kept} if found else None

    def update(self) -> None:
        self.threshold = 5.0
        self.create()

    def delete(self) -> None:
        self.aws("cloudwatch").delete_alarms(AlarmNames=["a"])


class PercentileAlarm(MetricAlarm):
    def what(self) -> dict[str, Any]:
        return {
            **METRIC,
            "ExtendedStatistic": "p99.5",
            "Period": 60,
            "Threshold": self.threshold,
            "EvaluateLowSampleCountPercentile": "ignore",
        }


class MathAlarm(MetricAlarm):
    def what(self) -> dict[str, Any]:
        return {"Metrics": QUERIES, "Threshold": self.threshold}


class BandAlarm(MetricAlarm):
    width = 2

    def create(self) -> None:
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName="a",
            ComparisonOperator="GreaterThanUpperThreshold",
            EvaluationPeriods=1,
            ThresholdMetricId="band",
            Metrics=[
                {**QUERIES[0], "ReturnData": True},
                {"Id": "band", "Expression": f"ANOMALY_DETECTION_BAND(m, {self.width})"},
            ],
        )

    def read(self) -> Any:
        found = self.aws("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"]
        expressions = {q["Id"]: q.get("Expression") for q in found[0]["Metrics"]} if found else {}
        return (found[0]["ThresholdMetricId"], expressions) if found else None

    def update(self) -> None:
        self.width = 3
        self.create()


class CompositeAlarm(CloudWatchTagged):
    wait = 60

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "alarm:all")

    def create(self) -> None:
        MetricAlarm(self.aws).create()
        self.aws("cloudwatch").put_composite_alarm(
            AlarmName="all",
            AlarmRule='ALARM("a") OR (NOT OK("a"))',
            ActionsSuppressor="a",
            ActionsSuppressorWaitPeriod=self.wait,
            ActionsSuppressorExtensionPeriod=120,
        )

    def read(self) -> Any:
        found = self.aws("cloudwatch").describe_alarms(
            AlarmNames=["all"], AlarmTypes=["CompositeAlarm"]
        )["CompositeAlarms"]
        names = ("AlarmRule", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
        return {name: found[0][name] for name in names} if found else None

    def update(self) -> None:
        self.wait = 90
        self.create()

    def delete(self) -> None:
        self.aws("cloudwatch").delete_alarms(AlarmNames=["all"])


class Detector(Kind):
    service = "cloudwatch"
    zone = "UTC"

    def subject(self) -> dict[str, Any]:
        return {"SingleMetricAnomalyDetector": {**METRIC, "Stat": "p90"}}

    def create(self) -> None:
        self.aws("cloudwatch").put_anomaly_detector(
            **self.subject(), Configuration={"MetricTimezone": self.zone}
        )

    def read(self) -> Any:
        found = self.aws("cloudwatch").describe_anomaly_detectors(
            AnomalyDetectorTypes=["SINGLE_METRIC", "METRIC_MATH"]
        )["AnomalyDetectors"]
        return found[0]["Configuration"]["MetricTimezone"] if found else None

    def update(self) -> None:
        self.zone = "Europe/Berlin"
        self.create()

    def delete(self) -> None:
        self.aws("cloudwatch").delete_anomaly_detector(**self.subject())


class MathDetector(Detector):
    def subject(self) -> dict[str, Any]:
        return {"MetricMathAnomalyDetector": {"MetricDataQueries": QUERIES}}


class MetricStream(CloudWatchTagged):
    output = "json"

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "metric-stream/s")

    def create(self) -> None:
        self.aws("cloudwatch").put_metric_stream(
            Name="s",
            FirehoseArn=self.aws.arn("firehose", "deliverystream/f"),
            RoleArn=f"arn:aws:iam::{self.aws.account}:role/r",
            OutputFormat=self.output,
            StatisticsConfigurations=[
                {"IncludeMetrics": [METRIC], "AdditionalStatistics": ["p99", "p99.9"]}
            ],
        )

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("cloudwatch").get_metric_stream(Name="s")
            return (got["OutputFormat"], got["State"], got["StatisticsConfigurations"])

        return there(described)

    def update(self) -> None:
        self.output = "opentelemetry1.0"
        self.create()
        self.aws("cloudwatch").stop_metric_streams(Names=["s"])

    def delete(self) -> None:
        self.aws("cloudwatch").delete_metric_stream(Name="s")


class Dashboard(Kind):
    service = "cloudwatch"
    text = "first"

    def create(self) -> None:
        widget = {"type": "text", "properties": {"markdown": self.text}}
        self.aws("cloudwatch").put_dashboard(
            DashboardName="d", DashboardBody=json.dumps({"widgets": [widget]})
        )

    def read(self) -> Any:
        return there(
            lambda: self.aws("cloudwatch").get_dashboard(DashboardName="d")["DashboardBody"]
        )

    def update(self) -> None:
        self.text = "second"
        self.create()

    def delete(self) -> None:
        self.aws("cloudwatch").delete_dashboards(DashboardNames=["d"])


class InsightRule(CloudWatchTagged):
    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "insight-rule/r")

    def create(self) -> None:
        definition = {
            "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
            "LogGroupNames": ["/shop"],
            "LogFormat": "JSON",
            "Contribution": {"Keys": ["$.user"], "Filters": []},
            "AggregateOn": "Count",
        }
        self.aws("cloudwatch").put_insight_rule(RuleName="r", RuleDefinition=json.dumps(definition))

    def read(self) -> Any:
        found = self.aws("cloudwatch").describe_insight_rules().get("InsightRules", [])
        return found[0]["State"] if found else None

    def update(self) -> None:
        self.aws("cloudwatch").disable_insight_rules(RuleNames=["r"])

    def delete(self) -> None:
        self.aws("cloudwatch").delete_insight_rules(RuleNames=["r"])


class CloudFormationDetector(Kind):
    service = "cloudformation"
    zone = "UTC"

    def template(self) -> str:
        properties = {
            "SingleMetricAnomalyDetector": {**METRIC, "Stat": "Sum"},
            "Configuration": {"MetricTimeZone": self.zone, "ExcludedTimeRanges": []},
        }
        detector = {"Type": "AWS::CloudWatch::AnomalyDetector", "Properties": properties}
        return json.dumps({"Resources": {"Detector": detector}})

    def create(self) -> None:
        self.aws("cloudformation").create_stack(StackName="s", TemplateBody=self.template())

    def read(self) -> Any:
        return Detector(self.aws).read()

    def update(self) -> None:
        self.zone = "Asia/Tokyo"
        self.aws("cloudformation").update_stack(StackName="s", TemplateBody=self.template())

    def delete(self) -> None:
        self.aws("cloudformation").delete_stack(StackName="s")


class QueryDefinition(Kind):
    service = "logs"

    def create(self) -> None:
        self.put()

    def put(self, text: str = "fields @message", **which: str) -> None:
        self.aws("logs").put_query_definition(
            name="q", queryString=text, logGroupNames=["/shop"], **which
        )

    def found(self) -> list[dict[str, Any]]:
        answer = self.aws("logs").describe_query_definitions(queryDefinitionNamePrefix="q")
        definitions: list[dict[str, Any]] = answer["queryDefinitions"]
        return definitions

    def read(self) -> Any:
        return [(one["name"], one["queryString"]) for one in self.found()] or None

    def update(self) -> None:
        self.put("stats count()", queryDefinitionId=self.found()[0]["queryDefinitionId"])

    def delete(self) -> None:
        [one] = self.found()
        self.aws("logs").delete_query_definition(queryDefinitionId=one["queryDefinitionId"])


class LogGroup(Tagged):
    service = "logs"

    def create(self) -> None:
        self.aws("logs").create_log_group(logGroupName="/shop")

    @property
    def arn(self) -> str:
        return self.aws.arn("logs", "log-group:/shop")

    def read(self) -> Any:
        found = self.aws("logs").describe_log_groups(logGroupNamePrefix="/shop")["logGroups"]
        return [(one["logGroupName"], one.get("retentionInDays")) for one in found] or None

    def update(self) -> None:
        self.aws("logs").put_retention_policy(logGroupName="/shop", retentionInDays=400)

    def delete(self) -> None:
        self.aws("logs").delete_log_group(logGroupName="/shop")

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("logs").tag_resource(resourceArn=self.arn, tags=tags)

    def untag(self, names: list[str]) -> None:
        self.aws("logs").untag_resource(resourceArn=self.arn, tagKeys=names)

    def tags(self) -> dict[str, str]:
        tags: dict[str, str] = self.aws("logs").list_tags_for_resource(resourceArn=self.arn)["tags"]
        return tags


class MetricFilter(Kind):
    service = "logs"
    value = "$.ms"

    def create(self) -> None:
        if LogGroup(self.aws).read() is None:
            LogGroup(self.aws).create()
        self.aws("logs").put_metric_filter(
            logGroupName="/shop",
            filterName="f",
            filterPattern="{ $.ms = * }",
            metricTransformations=[
                {
                    "metricName": "Latency",
                    "metricNamespace": "Shop",
                    "metricValue": self.value,
                    "dimensions": {"Path": "$.path"},
                    "unit": "Milliseconds",
                }
            ],
        )

    def read(self) -> Any:
        found = self.aws("logs").describe_metric_filters(logGroupName="/shop")["metricFilters"]
        return [(one["filterPattern"], one["metricTransformations"]) for one in found] or None

    def update(self) -> None:
        self.value = "$.duration"
        self.create()

    def delete(self) -> None:
        self.aws("logs").delete_metric_filter(logGroupName="/shop", filterName="f")


class LogAnomalyDetector(Kind):
    service = "logs"
    made = ""

    def create(self) -> None:
        LogGroup(self.aws).create()
        self.made = self.aws("logs").create_log_anomaly_detector(
            logGroupArnList=[self.aws.arn("logs", "log-group:/shop")],
            detectorName="d",
            evaluationFrequency="FIVE_MIN",
            anomalyVisibilityTime=21,
        )["anomalyDetectorArn"]

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("logs").get_log_anomaly_detector(anomalyDetectorArn=self.made)
            return (got["detectorName"], got["evaluationFrequency"], got["anomalyVisibilityTime"])

        return there(described)

    def update(self) -> None:
        self.aws("logs").update_log_anomaly_detector(
            anomalyDetectorArn=self.made, enabled=True, evaluationFrequency="ONE_HOUR"
        )

    def delete(self) -> None:
        self.aws("logs").delete_log_anomaly_detector(anomalyDetectorArn=self.made)


DATA_PROTECTION = {
    "Name": "cards",
    "Version": "2021-06-01",
    "Statement": [
        {
            "Sid": "audit",
            "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],
            "Operation": {"Audit": {"FindingsDestination": {}}},
        },
        {
            "Sid": "mask",
            "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"],
            "Operation": {"Deidentify": {"MaskConfig": {}}},
        },
    ],
}


class DataProtectionPolicy(Kind):
    service = "logs"

    def put(self, **members: str) -> None:
        self.aws("logs").put_data_protection_policy(
            logGroupIdentifier="/shop", policyDocument=json.dumps(DATA_PROTECTION | members)
        )

    def create(self) -> None:
        LogGroup(self.aws).create()
        self.put()

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("logs").get_data_protection_policy(logGroupIdentifier="/shop")
            return got.get("policyDocument")

        return there(described)

    def update(self) -> None:
        self.put(Description="for auditors")

    def delete(self) -> None:
        self.aws("logs").delete_data_protection_policy(logGroupIdentifier="/shop")


class AccountPolicy(Kind):
    service = "logs"
    names = ("p", "DATA_PROTECTION_POLICY")

    def put(self, **members: str) -> None:
        self.aws("logs").put_account_policy(
            policyName="p",
            policyType="DATA_PROTECTION_POLICY",
            policyDocument=json.dumps(DATA_PROTECTION | members),
            scope="ALL",
        )

    def create(self) -> None:
        self.put()

    def read(self) -> Any:
        found = self.aws("logs").describe_account_policies(policyType="DATA_PROTECTION_POLICY")
        return [one["policyDocument"] for one in found["accountPolicies"]] or None

    def update(self) -> None:
        self.put(Description="for auditors")

    def delete(self) -> None:
        self.aws("logs").delete_account_policy(policyName="p", policyType="DATA_PROTECTION_POLICY")


def package(name: str = "main.py", source: str = "def handler(event, context): ...") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, source)
    return content.getvalue()


def role(aws: Aws) -> str:
    made = aws("iam").create_role(RoleName="r", AssumeRolePolicyDocument=ROLE_TRUST)
    arn: str = made["Role"]["Arn"]
    return arn


class Canary(Tagged):
    service = "synthetics"

    @property
    def arn(self) -> str:
        return self.aws.arn("synthetics", "canary:c")

    def create(self) -> None:
        self.aws("s3").create_bucket(Bucket=f"artifacts-{self.aws.account}")
        self.aws("synthetics").create_canary(
            Name="c",
            Code={"ZipFile": package("python/probe.py"), "Handler": "probe.handler"},
            ArtifactS3Location=f"s3://artifacts-{self.aws.account}/c",
            ArtifactConfig={"S3Encryption": {"EncryptionMode": "SSE_S3"}},
            ExecutionRoleArn=role(self.aws),
            Schedule={"Expression": "rate(5 minutes)"},
            RuntimeVersion="syn-python-selenium-14.0",
        )

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("synthetics").get_canary(Name="c")["Canary"]
            return (got["Schedule"]["Expression"], got["ArtifactConfig"], got["Status"]["State"])

        return there(described)

    def update(self) -> None:
        synthetics = self.aws("synthetics")
        synthetics.update_canary(Name="c", Schedule={"Expression": "rate(10 minutes)"})
        synthetics.start_canary(Name="c")
        assert synthetics.get_canary_runs(Name="c")["CanaryRuns"] == []
        assert synthetics.describe_canaries_last_run(Names=["c"])["CanariesLastRun"] == []
        synthetics.stop_canary(Name="c")

    def delete(self) -> None:
        self.aws("synthetics").delete_canary(Name="c", DeleteLambda=True)

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("synthetics").tag_resource(ResourceArn=self.arn, Tags=tags)

    def untag(self, names: list[str]) -> None:
        self.aws("synthetics").untag_resource(ResourceArn=self.arn, TagKeys=names)

    def tags(self) -> dict[str, str]:
        answer = self.aws("synthetics").list_tags_for_resource(ResourceArn=self.arn)
        tags: dict[str, str] = answer.get("Tags", {})
        return tags


class CanaryGroup(Canary):
    made = ""

    @property
    def arn(self) -> str:
        return self.made

    def create(self) -> None:
        super().create()
        self.made = self.aws("synthetics").create_group(Name="g")["Group"]["Arn"]

    def read(self) -> Any:
        def described() -> Any:
            self.aws("synthetics").get_group(GroupIdentifier="g")
            return self.aws("synthetics").list_group_resources(GroupIdentifier="g")["Resources"]

        return there(described)

    def update(self) -> None:
        canary = self.aws.arn("synthetics", "canary:c")
        self.aws("synthetics").associate_resource(GroupIdentifier="g", ResourceArn=canary)

    def delete(self) -> None:
        canary = self.aws.arn("synthetics", "canary:c")
        self.aws("synthetics").disassociate_resource(GroupIdentifier="g", ResourceArn=canary)
        self.aws("synthetics").delete_group(GroupIdentifier="g")


class OamTagged(Tagged):
    service = "oam"
    made = ""

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("oam").tag_resource(ResourceArn=self.made, Tags=tags)

    def untag(self, names: list[str]) -> None:
        self.aws("oam").untag_resource(ResourceArn=self.made, TagKeys=names)

    def tags(self) -> dict[str, str]:
        tags: dict[str, str] = self.aws("oam").list_tags_for_resource(ResourceArn=self.made)["Tags"]
        return tags


class Sink(OamTagged):
    def create(self) -> None:
        self.made = self.aws("oam").create_sink(Name="s")["Arn"]

    def read(self) -> Any:
        def described() -> Any:
            name = self.aws("oam").get_sink(Identifier=self.made)["Name"]
            policy = there(
                lambda: self.aws("oam").get_sink_policy(SinkIdentifier=self.made).get("Policy")
            )
            return (name, policy)

        return there(described)

    def update(self) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": self.other},
            "Action": ["oam:CreateLink", "oam:UpdateLink"],
            "Resource": "*",
        }
        self.aws("oam").put_sink_policy(
            SinkIdentifier=self.made,
            Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def delete(self) -> None:
        self.aws("oam").delete_sink(Identifier=self.made)

    @property
    def other(self) -> str:
        """The account that links: its number is the first one's, turned round."""
        return self.aws.account[::-1]


class Link(OamTagged):
    """In the other account, to a sink of this one."""

    def create(self) -> None:
        sink = Sink(self.aws)
        sink.create()
        sink.update()
        self.source = sink.other
        self.made = self.oam().create_link(
            LabelTemplate="$AccountName",
            ResourceTypes=["AWS::CloudWatch::Metric"],
            SinkIdentifier=sink.made,
        )["Arn"]

    def oam(self) -> Any:
        return self.aws("oam", account=self.source)

    def read(self) -> Any:
        return there(lambda: self.oam().get_link(Identifier=self.made)["ResourceTypes"])

    def update(self) -> None:
        both = ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"]
        self.oam().update_link(Identifier=self.made, ResourceTypes=both)

    def delete(self) -> None:
        self.oam().delete_link(Identifier=self.made)

    def tag(self, tags: dict[str, str]) -> None:
        self.oam().tag_resource(ResourceArn=self.made, Tags=tags)

    def untag(self, names: list[str]) -> None:
        self.oam().untag_resource(ResourceArn=self.made, TagKeys=names)

    def tags(self) -> dict[str, str]:
        tags: dict[str, str] = self.oam().list_tags_for_resource(ResourceArn=self.made)["Tags"]
        return tags


class XRayTagged(Tagged):
    service = "xray"
    made = ""

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("xray").tag_resource(ResourceARN=self.made, Tags=pairs(tags))

    def untag(self, names: list[str]) -> None:
        self.aws("xray").untag_resource(ResourceARN=self.made, TagKeys=names)

    def tags(self) -> dict[str, str]:
        return unpaired(self.aws("xray").list_tags_for_resource(ResourceARN=self.made)["Tags"])


class TraceGroup(XRayTagged):
    def create(self) -> None:
        self.made = self.aws("xray").create_group(
            GroupName="g",
            FilterExpression="fault = true",
            InsightsConfiguration={"InsightsEnabled": True, "NotificationsEnabled": False},
        )["Group"]["GroupARN"]

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("xray").get_group(GroupName="g")["Group"]
            return (got["FilterExpression"], got["InsightsConfiguration"]["InsightsEnabled"])

        return there(described)

    def update(self) -> None:
        self.aws("xray").update_group(GroupName="g", FilterExpression="responsetime > 5")

    def delete(self) -> None:
        self.aws("xray").delete_group(GroupName="g")


class SamplingRule(XRayTagged):
    def create(self) -> None:
        rule = {
            "RuleName": "r",
            "Priority": 10,
            "FixedRate": 0.5,
            "ReservoirSize": 1,
            "Version": 1,
            **dict.fromkeys(
                ("ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath", "ResourceARN"), "*"
            ),
        }
        made = self.aws("xray").create_sampling_rule(SamplingRule=rule)
        self.made = made["SamplingRuleRecord"]["SamplingRule"]["RuleARN"]

    def read(self) -> Any:
        records = self.aws("xray").get_sampling_rules()["SamplingRuleRecords"]
        rules = [record["SamplingRule"] for record in records]
        return [one["FixedRate"] for one in rules if one["RuleName"] == "r"] or None

    def update(self) -> None:
        self.aws("xray").update_sampling_rule(
            SamplingRuleUpdate={"RuleName": "r", "FixedRate": 0.1}
        )

    def delete(self) -> None:
        self.aws("xray").delete_sampling_rule(RuleName="r")


class EcsService(Tagged):
    service = "ecs"
    made = ""

    def create(self) -> None:
        ecs = self.aws("ecs")
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(
            family="t", containerDefinitions=[{"name": "web", "image": "web", "memory": 64}]
        )
        self.made = ecs.create_service(
            cluster="c",
            serviceName="s",
            taskDefinition="t",
            desiredCount=2,
            enableExecuteCommand=True,
            deploymentConfiguration={
                "maximumPercent": 150,
                "minimumHealthyPercent": 50,
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            },
        )["service"]["serviceArn"]

    def read(self) -> Any:
        [got] = self.aws("ecs").describe_services(cluster="c", services=["s"])["services"]
        told = (got["desiredCount"], got["runningCount"], got["enableExecuteCommand"])
        return None if got["status"] == "INACTIVE" else (told, got["deploymentConfiguration"])

    def update(self) -> None:
        self.aws("ecs").update_service(cluster="c", service="s", desiredCount=0)

    def delete(self) -> None:
        self.aws("ecs").delete_service(cluster="c", service="s")

    def tag(self, tags: dict[str, str]) -> None:
        lower = [{"key": name, "value": value} for name, value in tags.items()]
        self.aws("ecs").tag_resource(resourceArn=self.made, tags=lower)

    def untag(self, names: list[str]) -> None:
        self.aws("ecs").untag_resource(resourceArn=self.made, tagKeys=names)

    def tags(self) -> dict[str, str]:
        answer = self.aws("ecs").list_tags_for_resource(resourceArn=self.made)
        return {tag["key"]: tag["value"] for tag in answer["tags"]}


class Replication(Kind):
    service = "s3"
    status = "Enabled"

    @property
    def bucket(self) -> str:
        return f"from-{self.aws.account}"

    def create(self) -> None:
        for name in (self.bucket, f"to-{self.aws.account}"):
            self.aws("s3").create_bucket(Bucket=name)
            self.aws("s3").put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        self.put()

    def rule(self) -> dict[str, Any]:
        return {
            "ID": "all",
            "Priority": 0,
            "Status": self.status,
            "Filter": {"Prefix": "logs/"},
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::to-{self.aws.account}",
                "StorageClass": "GLACIER_IR",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": self.aws.arn("kms", "key/k")},
            },
        }

    def put(self) -> None:
        self.aws("s3").put_bucket_replication(
            Bucket=self.bucket,
            ReplicationConfiguration={
                "Role": f"arn:aws:iam::{self.aws.account}:role/r",
                "Rules": [self.rule()],
            },
        )

    def read(self) -> Any:
        def described() -> Any:
            got = self.aws("s3").get_bucket_replication(Bucket=self.bucket)
            rules = got["ReplicationConfiguration"]["Rules"]
            assert rules == [self.rule()]
            return rules[0]["Status"]

        return there(described)

    def update(self) -> None:
        self.status = "Disabled"
        self.put()

    def delete(self) -> None:
        self.aws("s3").delete_bucket_replication(Bucket=self.bucket)


class Function(Tagged):
    service = "lambda"

    @property
    def arn(self) -> str:
        return self.aws.arn("lambda", "function:f")

    def create(self) -> None:
        self.aws("lambda").create_function(
            FunctionName="f",
            Runtime="python3.12",
            Handler="main.handler",
            Role=role(self.aws),
            Code={"ZipFile": package()},
            DeadLetterConfig={"TargetArn": self.aws.arn("sqs", "lost")},
            LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"},
        )
        self.aws("lambda").put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")

    def read(self) -> Any:
        def described() -> Any:
            functions = self.aws("lambda")
            got = functions.get_function_configuration(FunctionName="f")
            loop = functions.get_function_recursion_config(FunctionName="f")["RecursiveLoop"]
            runtime = functions.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"]
            signing = functions.get_function_code_signing_config(FunctionName="f")
            assert signing["CodeSigningConfigArn"] == ""
            return (got["DeadLetterConfig"], got["LoggingConfig"], loop, runtime)

        return there(described)

    def update(self) -> None:
        self.aws("lambda").update_function_configuration(
            FunctionName="f", LoggingConfig={"LogFormat": "Text"}
        )
        self.aws("lambda").put_runtime_management_config(
            FunctionName="f", UpdateRuntimeOn="FunctionUpdate"
        )

    def delete(self) -> None:
        self.aws("lambda").delete_function(FunctionName="f")

    def tag(self, tags: dict[str, str]) -> None:
        self.aws("lambda").tag_resource(Resource=self.arn, Tags=tags)

    def untag(self, names: list[str]) -> None:
        self.aws("lambda").untag_resource(Resource=self.arn, TagKeys=names)

    def tags(self) -> dict[str, str]:
        tags: dict[str, str] = self.aws("lambda").list_tags(Resource=self.arn)["Tags"]
        return tags


KINDS: tuple[type[Kind], ...] = (
    MetricAlarm,
    PercentileAlarm,
    MathAlarm,
    BandAlarm,
    CompositeAlarm,
    Detector,
    MathDetector,
    MetricStream,
    Dashboard,
    InsightRule,
    CloudFormationDetector,
    QueryDefinition,
    LogGroup,
    MetricFilter,
    LogAnomalyDetector,
    DataProtectionPolicy,
    AccountPolicy,
    Canary,
    CanaryGroup,
    Sink,
    Link,
    TraceGroup,
    SamplingRule,
    EcsService,
    Replication,
    Function,
)
