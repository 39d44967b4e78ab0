"""The ten failures of the post-mortem: how each shows, and how to put it back.

A check reads a plan of the platform and raises AssertionError when it finds its failure. A put-back
edits a copy of the configuration into having it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Resources = Mapping[str, Mapping[str, Any]]
DATA_SOURCES = re.compile(r'^data "aws_(caller_identity|region|partition)" "(\w+)"', re.MULTILINE)
LISTED_RETENTIONS = {
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
}


@dataclass(frozen=True)
class Configuration:
    """A copy of the platform: its folder, and what a plan of it would make.

    Attributes:
        root: the folder of the root composition.
        resources: address → planned values.
        variables: the variables that were given.
    """

    root: Path
    resources: Resources
    variables: Mapping[str, Any]

    def of(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Address and values of every resource of a type."""
        for address, values in self.resources.items():
            if re.search(rf"(^|\.){kind}\.", address):
                yield address, values


def every_module_file_exists(configuration: Configuration) -> None:
    """1: only some of the files were there. A source that is named exists and holds Terraform."""
    for file in configuration.root.rglob("*.tf"):
        for source in re.findall(r'source\s*=\s*"(\.[^"]+)"', file.read_text()):
            folder = (file.parent / source).resolve()
            assert list(folder.glob("*.tf")), f"{file} names {source}, which holds no .tf file"
    for file in configuration.root.rglob("*.tf"):
        for named in re.findall(r'file\("\$\{path\.module\}/([^"$]+)"\)', file.read_text()):
            assert (file.parent / named).is_file(), f"{file} reads {named}, which is missing"


def data_sources_are_declared_once(configuration: Configuration) -> None:
    """2: a data source declared twice, or where no reader looks."""
    for folder in {file.parent for file in configuration.root.rglob("*.tf")}:
        seen: dict[tuple[str, str], Path] = {}
        for file in sorted(folder.glob("*.tf")):
            for declared in DATA_SOURCES.findall(file.read_text()):
                assert declared not in seen, f"{declared} in {file} and in {seen[declared]}"
                assert file.name == "main.tf", f"{file} declares {declared}: expected main.tf"
                seen[declared] = file


def lifecycle_rules_have_a_filter(configuration: Configuration) -> None:
    """3a: a lifecycle rule without filter; provider 5.100 only warns of it."""
    found = list(configuration.of("aws_s3_bucket_lifecycle_configuration"))
    assert found
    for address, values in found:
        for rule in values["rule"]:
            assert rule["filter"], f"{address}: rule {rule['id']} has no filter"


def events_expire_within_limits(configuration: Configuration) -> None:
    """3b: ``maximum_event_age`` instead of ``maximum_event_age_in_seconds``."""
    found = list(configuration.of("aws_cloudwatch_event_target"))
    assert found
    for address, values in found:
        assert values["retry_policy"], f"{address} has no retry policy"
        age = values["retry_policy"][0]["maximum_event_age_in_seconds"]
        assert 60 <= age <= 86_400, f"{address}: {age} s"


def canaries_name_their_code(configuration: Configuration) -> None:
    """3c: a ``code`` block instead of ``zip_file`` or ``s3_bucket`` and ``s3_key``."""
    found = list(configuration.of("aws_synthetics_canary"))
    assert len(found) >= 2
    for address, values in found:
        assert values["zip_file"] or (values["s3_bucket"] and values["s3_key"]), address


def band_alarms_have_real_detectors(configuration: Configuration) -> None:
    """4: alarms on a band, and no anomaly detector."""
    modelled = set()
    for _, stack in configuration.of("aws_cloudformation_stack"):
        template = json.loads(stack["template_body"])
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::CloudWatch::AnomalyDetector":
                modelled.add(_subject(resource["Properties"]))
    alarms = [
        (address, values)
        for address, values in configuration.of("aws_cloudwatch_metric_alarm")
        if values["threshold_metric_id"]
    ]
    assert alarms, "no alarm uses a band"
    for address, values in alarms:
        metrics = frozenset(
            q["metric"][0]["metric_name"] for q in values["metric_query"] if q["metric"]
        )
        assert metrics in modelled, f"{address} has no detector for {sorted(metrics)}"


def _subject(properties: Mapping[str, Any]) -> frozenset[str]:
    if "MetricMathAnomalyDetector" in properties:
        queries = properties["MetricMathAnomalyDetector"]["MetricDataQueries"]
        return frozenset(
            q["MetricStat"]["Metric"]["MetricName"] for q in queries if "MetricStat" in q
        )
    single = properties.get("SingleMetricAnomalyDetector", properties)
    return frozenset({single["MetricName"]})


def composites_reach_three_metrics(configuration: Configuration) -> None:
    """5: composites over two metrics."""
    alarms = {v["alarm_name"]: v for _, v in configuration.of("aws_cloudwatch_metric_alarm")}
    composites = list(configuration.of("aws_cloudwatch_composite_alarm"))
    assert len(composites) >= 2
    for address, values in composites:
        named = set(re.findall(r'"([^"]+)"', values["alarm_rule"])) & alarms.keys()
        metrics = {metric for name in named for metric in _metrics(alarms[name])}
        assert len(metrics) >= 3, f"{address} reaches {sorted(metrics)}"


def _metrics(alarm: Mapping[str, Any]) -> set[tuple[str, str]]:
    if alarm["metric_name"]:
        return {(alarm["namespace"], alarm["metric_name"])}
    stats = [query["metric"][0] for query in alarm["metric_query"] if query["metric"]]
    return {(stat["namespace"], stat["metric_name"]) for stat in stats}


def clusters_carry_the_suffix(configuration: Configuration) -> None:
    """6: an ECS cluster without the suffix."""
    found = list(configuration.of("aws_ecs_cluster"))
    assert found
    for address, values in found:
        suffix = configuration.variables["environment_suffix"]
        assert suffix in values["name"], f"{address}: {values['name']} lacks {suffix}"


def retention_is_the_variables(configuration: Configuration) -> None:
    """7: a log group whose retention is written down beside the variable."""
    days = configuration.variables["log_retention_days"]
    assert days in LISTED_RETENTIONS
    found = list(configuration.of("aws_cloudwatch_log_group"))
    assert found
    for address, values in found:
        assert values["retention_in_days"] == days, (
            f"{address}: {values['retention_in_days']} days, the variable says {days}"
        )


def the_replica_is_replicated_to(configuration: Configuration) -> None:
    """8: a replica bucket, and no replication."""
    found = list(configuration.of("aws_s3_bucket_replication_configuration"))
    assert found, "there is a replica bucket and nothing that copies into it"
    for address, values in found:
        for rule in values["rule"]:
            assert rule["filter"], f"{address}: a rule without filter is of the first version"
            assert rule["delete_marker_replication"][0]["status"] == "Enabled", address


def metrics_are_published_under_a_condition(configuration: Configuration) -> None:
    """9: ``Resource = "*"`` without a namespace."""
    publishing = [
        (address, statement)
        for address, values in configuration.of("aws_iam_role_policy")
        for statement in _statements(values["policy"])
        if "cloudwatch:PutMetricData" in statement["Action"]
    ]
    assert publishing
    for address, statement in publishing:
        conditions = statement.get("Condition", {}).values()
        assert any("cloudwatch:namespace" in one for one in conditions), f"{address}: {statement}"


def _statements(policy: str) -> list[dict[str, Any]]:
    statements = json.loads(policy)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def dashboards_show_five_kinds(configuration: Configuration) -> None:
    """10: too few widget types."""
    found = list(configuration.of("aws_cloudwatch_dashboard"))
    assert found
    for address, values in found:
        widgets = json.loads(values["dashboard_body"])["widgets"]
        kinds = {w["properties"].get("view", w["type"]) for w in widgets}
        assert len(kinds) >= 5, f"{address} shows {sorted(kinds)}"


Check = Callable[[Configuration], None]


@dataclass(frozen=True)
class Failure:
    """One failure of the post-mortem.

    Attributes:
        name: as the tests are called.
        check: raises AssertionError where the failure is.
        file: the file, under the root, that the put-back edits.
        old, new: the edit: a regular expression and what takes its place.
        by_terraform: Terraform itself refuses the configuration, so that no plan can be had.
    """

    name: str
    check: Check
    file: str
    old: str
    new: str
    by_terraform: bool = False

    def put_back(self, root: Path) -> None:
        """Edit a copy of the platform into having the failure."""
        file = root / self.file
        text = file.read_text()
        edited, count = re.subn(self.old, self.new, text, count=1, flags=re.DOTALL)
        assert count == 1, f"{self.name}: {self.old!r} is not in {self.file}"
        file.write_text(edited)


FAILURES = (
    Failure(
        "1 files are missing",
        every_module_file_exists,
        "modules/metric-processor/main.tf",
        r"src/metric_processor\.py",
        "src/metric_processor_gone.py",
        by_terraform=True,
    ),
    Failure(
        "2 a data source is declared twice",
        data_sources_are_declared_once,
        "outputs.tf",
        r"\A",
        'data "aws_caller_identity" "current" {}\n\n',
        by_terraform=True,
    ),
    Failure(
        "3a a lifecycle rule has no filter",
        lifecycle_rules_have_a_filter,
        "modules/bucket/main.tf",
        r"\n\s+filter \{\}\n",
        "\n",
    ),
    Failure(
        "3b maximum_event_age",
        events_expire_within_limits,
        "modules/automation/main.tf",
        "maximum_event_age_in_seconds",
        "maximum_event_age",
        by_terraform=True,
    ),
    Failure(
        "3c a canary has a code block",
        canaries_name_their_code,
        "modules/canary/main.tf",
        r"handler              = \"api_health.handler\"",
        'code {\n    handler = "api_health.handler"\n  }',
        by_terraform=True,
    ),
    Failure(
        "4 there is no anomaly detector",
        band_alarms_have_real_detectors,
        "modules/anomaly-detection/main.tf",
        'AWS::CloudWatch::AnomalyDetector"\n',
        'AWS::CloudWatch::Dashboard"\n',
    ),
    Failure(
        "5 a composite watches two metrics",
        composites_reach_three_metrics,
        "modules/composites/main.tf",
        r"alarm_rule        = local\.system_health_rule",
        'alarm_rule        = "ALARM(\\\\"${var.alarms.errors[0]}\\\\")"',
    ),
    Failure(
        "6 the cluster lacks the suffix",
        clusters_carry_the_suffix,
        "modules/container-insights/main.tf",
        r"\$\{var\.name_prefix\}-cluster\"\n\n  setting",
        'observability-cluster"\n\n  setting',
    ),
    Failure(
        "7 a retention is hard-coded",
        retention_is_the_variables,
        "modules/container-insights/main.tf",
        r"retention_in_days = var\.log_retention_days",
        "retention_in_days = 7",
    ),
    Failure(
        "8 nothing is replicated",
        the_replica_is_replicated_to,
        "modules/archive/main.tf",
        r'resource "aws_s3_bucket_replication_configuration".*?\n\}\n',
        "",
    ),
    Failure(
        "9 metrics are published without a condition",
        metrics_are_published_under_a_condition,
        "modules/canary/main.tf",
        r'\n    condition \{\n      test     = "StringEquals"\n'
        r'      variable = "cloudwatch:namespace".*?\n    \}\n',
        "\n",
    ),
    Failure(
        "10 the dashboard has too few kinds of widgets",
        dashboards_show_five_kinds,
        "modules/dashboard/main.tf",
        r"= local\.widgets\n",
        '= [for one in local.widgets : one if contains(["text", "alarm"], one.type)]\n',
    ),
)
