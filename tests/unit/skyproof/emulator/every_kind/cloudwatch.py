"""Alarms, anomaly detectors, metric streams, dashboards and Contributor Insights rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged

METRIC = {
    "Namespace": "Shop",
    "MetricName": "Latency",
    "Dimensions": [{"Name": "Stage", "Value": "prod"}, {"Name": "Path", "Value": "/"}],
}
MEASURED = {
    "Id": "m",
    "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "p90", "Unit": "Milliseconds"},
    "Label": "as measured",
    "ReturnData": False,
}
DOUBLED = {"Id": "twice", "Expression": "m * 2", "Label": "twice as slow", "ReturnData": True}


class MetricAlarm(Tagged):
    service = "cloudwatch"

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "alarm:slow")

    def common(self) -> Fields:
        topics = {f"{name}Actions": [self.aws.arn("sns", name)] for name in ("OK", "Alarm")}
        return topics | {
            "InsufficientDataActions": [self.aws.arn("sns", "nothing")],
            "AlarmDescription": "Orders & <payments> are slow",
            "ActionsEnabled": False,
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "breaching",
        }

    def first(self) -> Fields:
        return (
            self.common()
            | METRIC
            | {
                "Statistic": "Sum",
                "Period": 300,
                "Unit": "Milliseconds",
                "Threshold": 1.5,
            }
        )

    def change(self) -> Fields:
        return {"Threshold": 2.5, "ActionsEnabled": True, "OKActions": []}

    def create(self, fields: Fields) -> None:
        self.client.put_metric_alarm(AlarmName="slow", **fields)

    def read(self) -> Fields | None:
        found: list[Fields] = self.client.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
        return found[0] if found else None

    def delete(self) -> None:
        self.client.delete_alarms(AlarmNames=["slow"])


class PercentileAlarm(MetricAlarm):
    def first(self) -> Fields:
        return (
            self.common()
            | METRIC
            | {
                "ExtendedStatistic": "p99.5",
                "EvaluateLowSampleCountPercentile": "ignore",
                "Period": 60,
                "Threshold": 1.5,
            }
        )

    def change(self) -> Fields:
        return {"EvaluateLowSampleCountPercentile": "evaluate", "ExtendedStatistic": "tm95"}


class MathAlarm(MetricAlarm):
    def first(self) -> Fields:
        return self.common() | {"Metrics": [MEASURED, DOUBLED], "Threshold": 1.5}

    def change(self) -> Fields:
        return {"Metrics": [MEASURED, DOUBLED | {"Expression": "m * 3", "Label": "thrice"}]}


class BandAlarm(MetricAlarm):
    def first(self) -> Fields:
        return self.common() | {
            "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
            "ThresholdMetricId": "band",
            "Metrics": self.metrics("ANOMALY_DETECTION_BAND(m, 2)"),
        }

    def change(self) -> Fields:
        return {"Metrics": self.metrics("ANOMALY_DETECTION_BAND(m, 3.5)")}

    def metrics(self, band: str) -> list[Fields]:
        return [
            MEASURED | {"ReturnData": True},
            {"Id": "band", "Expression": band, "Label": "expected", "ReturnData": True},
        ]


class CompositeAlarm(MetricAlarm):
    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "alarm:outage")

    def prepare(self) -> None:
        below = MetricAlarm(self.aws)
        below.create(below.first())

    def first(self) -> Fields:
        names = ("AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions")
        common = self.common()
        return {name: common[name] for name in (*names, "InsufficientDataActions")} | {
            "AlarmRule": 'ALARM("slow") AND NOT (OK("slow") OR FALSE)',
            "ActionsSuppressor": "slow",
            "ActionsSuppressorWaitPeriod": 60,
            "ActionsSuppressorExtensionPeriod": 120,
        }

    def change(self) -> Fields:
        return {
            "AlarmRule": 'AT_LEAST(1, NOT OK, ("slow"))',
            "ActionsSuppressor": MetricAlarm(self.aws).arn,
            "ActionsSuppressorWaitPeriod": 90,
        }

    def create(self, fields: Fields) -> None:
        self.client.put_composite_alarm(AlarmName="outage", **fields)

    def read(self) -> Fields | None:
        found: list[Fields] = self.client.describe_alarms(
            AlarmNames=["outage"], AlarmTypes=["CompositeAlarm"]
        )["CompositeAlarms"]
        return found[0] if found else None

    def delete(self) -> None:
        self.client.delete_alarms(AlarmNames=["outage"])


class AnomalyDetector(Kind):
    service = "cloudwatch"

    def subject(self) -> Fields:
        return {"SingleMetricAnomalyDetector": METRIC | {"Stat": "p90"}}

    def first(self) -> Fields:
        holidays = {
            "StartTime": datetime(2025, 12, 24, tzinfo=UTC),
            "EndTime": datetime(2025, 12, 27, 12, 30, tzinfo=UTC),
        }
        return self.subject() | {
            "Configuration": {
                "ExcludedTimeRanges": [holidays],
                "MetricTimezone": "Europe/Berlin",
                "AdaptationSpeed": "SLOW",
                "OutlierFilteringStrength": "STRICT",
            },
            "MetricCharacteristics": {"PeriodicSpikes": True},
        }

    def change(self) -> Fields:
        return {
            "Configuration": {"ExcludedTimeRanges": [], "MetricTimezone": "UTC"},
            "MetricCharacteristics": {"PeriodicSpikes": False},
        }

    def create(self, fields: Fields) -> None:
        self.client.put_anomaly_detector(**fields)

    def read(self) -> Fields | None:
        found: list[Fields] = self.client.describe_anomaly_detectors(
            AnomalyDetectorTypes=["SINGLE_METRIC", "METRIC_MATH"]
        )["AnomalyDetectors"]
        return found[0] if found else None

    def delete(self) -> None:
        self.client.delete_anomaly_detector(**self.subject())


class MathAnomalyDetector(AnomalyDetector):
    def subject(self) -> Fields:
        return {"MetricMathAnomalyDetector": {"MetricDataQueries": [MEASURED, DOUBLED]}}


class MetricStream(Tagged):
    service = "cloudwatch"
    gone = "ResourceNotFoundException"

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "metric-stream/out")

    def first(self) -> Fields:
        return {
            "FirehoseArn": self.aws.arn("firehose", "deliverystream/out"),
            "RoleArn": self.aws.arn("iam", "role/out", region=""),
            "OutputFormat": "json",
            "IncludeFilters": [
                {"Namespace": "Shop", "MetricNames": ["Latency", "Orders"]},
                {"Namespace": "AWS/ECS"},
            ],
            "StatisticsConfigurations": [self.statistics("p99", "tm90")],
            "IncludeLinkedAccountsMetrics": True,
        }

    def change(self) -> Fields:
        return {
            "OutputFormat": "opentelemetry1.0",
            "StatisticsConfigurations": [self.statistics("p50", "p99.9")],
            "IncludeLinkedAccountsMetrics": False,
        }

    def statistics(self, *names: str) -> Fields:
        metric = {"Namespace": "Shop", "MetricName": "Latency"}
        return {"IncludeMetrics": [metric], "AdditionalStatistics": list(names)}

    def create(self, fields: Fields) -> None:
        self.client.put_metric_stream(Name="out", **fields)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_metric_stream(Name="out")
        return told

    def delete(self) -> None:
        self.client.delete_metric_stream(Name="out")


class ExcludingStream(MetricStream):
    def first(self) -> Fields:
        included = super().first()
        return {"ExcludeFilters": included.pop("IncludeFilters"), **included}


class Dashboard(Tagged):
    service = "cloudwatch"
    gone = "ResourceNotFound"

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "dashboard/shop", region="")

    def first(self) -> Fields:
        return {"DashboardBody": self.body("first")}

    def change(self) -> Fields:
        return {"DashboardBody": self.body("second & <last>")}

    def body(self, text: str) -> str:
        return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": text}}]})

    def create(self, fields: Fields) -> None:
        assert (
            self.client.put_dashboard(DashboardName="shop", **fields).get(
                "DashboardValidationMessages", []
            )
            == []
        )

    def read(self) -> Fields | None:
        told: Fields = self.client.get_dashboard(DashboardName="shop")
        return told

    def delete(self) -> None:
        self.client.delete_dashboards(DashboardNames=["shop"])


class InsightRule(Tagged):
    service = "cloudwatch"

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", "insight-rule/users")

    def first(self) -> Fields:
        return {
            "RuleState": "ENABLED",
            "RuleDefinition": self.definition("$.user"),
            "ApplyOnTransformedLogs": True,
        }

    def change(self) -> Fields:
        return {"RuleState": "DISABLED", "RuleDefinition": self.definition("$.path")}

    def definition(self, key: str) -> str:
        contribution = {"Keys": [key], "Filters": [{"Match": "$.code", "GreaterThan": 499}]}
        return json.dumps(
            {
                "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
                "LogGroupNames": ["/shop"],
                "LogFormat": "JSON",
                "Contribution": contribution,
                "AggregateOn": "Count",
            }
        )

    def create(self, fields: Fields) -> None:
        self.client.put_insight_rule(RuleName="users", **fields)

    def read(self) -> Fields | None:
        found = self.client.describe_insight_rules().get("InsightRules", [])
        if not found:
            return None
        spelled = {"State": "RuleState", "Definition": "RuleDefinition"}
        return {spelled.get(name, name): value for name, value in found[0].items()}

    def delete(self) -> None:
        assert self.client.delete_insight_rules(RuleNames=["users"]).get("Failures", []) == []


class ManagedRule(Tagged):
    """A Contributor Insights rule that AWS writes; it is switched, not edited."""

    service = "cloudwatch"

    @property
    def resource(self) -> str:
        return self.aws.arn("ec2", "vpc-endpoint-service/vpce-svc-1")

    @property
    def arn(self) -> str:
        return self.aws.arn("cloudwatch", f"insight-rule/{self.made}")

    def first(self) -> Fields:
        template = "VpcEndpointService-BytesByEndpointId-v1"
        return {"TemplateName": template, "ResourceARN": self.resource}

    def change(self) -> Fields:
        return {"RuleState": {"State": "DISABLED"}}

    def create(self, fields: Fields) -> None:
        answer = self.client.put_managed_insight_rules(ManagedRules=[fields])
        assert answer.get("Failures", []) == []
        self.made = self.listed()[0]["RuleState"]["RuleName"]

    def update(self, change: Fields) -> None:
        self.client.disable_insight_rules(RuleNames=[self.made])

    def listed(self) -> list[dict[str, Any]]:
        answer = self.client.list_managed_insight_rules(ResourceARN=self.resource)
        return list(answer.get("ManagedRules", []))

    def read(self) -> Fields | None:
        found = self.listed()
        return found[0] if found else None

    def delete(self) -> None:
        self.client.delete_insight_rules(RuleNames=[self.made])


KINDS: tuple[type[Kind], ...] = (
    MetricAlarm,
    PercentileAlarm,
    MathAlarm,
    BandAlarm,
    CompositeAlarm,
    AnomalyDetector,
    MathAnomalyDetector,
    MetricStream,
    ExcludingStream,
    Dashboard,
    InsightRule,
    ManagedRule,
)
