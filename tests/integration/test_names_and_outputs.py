"""The contract of names: other tools look these up."""

from __future__ import annotations

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

NAMED_OUTPUTS = {
    "metric_stream_name": "metric-stream",
    "s3_bucket_metrics": "metric-streams",
    "s3_bucket_metrics_replica": "metric-streams-replica",
    "s3_bucket_synthetics": "synthetics-artifacts",
    "canary_primary_name": "api-health-primary",
    "canary_secondary_name": "api-health-secondary",
    "ecs_cluster_name": "cluster",
}
ARN_OUTPUTS = {
    "metric_stream_arn": (":cloudwatch:us-east-1:123456789012:metric-stream/", "metric-stream"),
    "lambda_processor_arn": (":lambda:us-east-1:123456789012:function:", "metric-processor"),
    "lambda_alarm_processor_arn": (":lambda:us-east-1:123456789012:function:", "alarm-processor"),
    "sns_critical_topic_arn": (":sns:us-east-1:123456789012:", "critical-alarms"),
    "sns_warning_topic_arn": (":sns:us-east-1:123456789012:", "warning-alarms"),
    "sns_info_topic_arn": (":sns:us-east-1:123456789012:", "info-alarms"),
}


@pytest.mark.parametrize(("output", "name"), NAMED_OUTPUTS.items())
def test_an_output_gives_the_contracts_name(platform: Platform, output: str, name: str) -> None:
    assert platform.outputs[output] == platform.name(name)


@pytest.mark.parametrize(("output", "parts"), ARN_OUTPUTS.items())
def test_an_output_gives_the_arn_of_the_contracts_name(
    platform: Platform, output: str, parts: tuple[str, str]
) -> None:
    middle, name = parts
    assert platform.outputs[output] == f"arn:aws{middle}{platform.name(name)}"


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("composite_alarm_system_health", "system-health"),
        ("composite_alarm_performance", "performance-degradation"),
    ],
)
def test_the_composites_are_found_by_their_outputs(
    platform: Platform, output: str, name: str
) -> None:
    assert platform.outputs[output].endswith(platform.name(name))


def test_the_other_outputs_lead_to_what_they_name(platform: Platform) -> None:
    assert platform.outputs["log_group_application"] == f"/{platform.prefix}/application"
    assert ":oam:us-east-1:123456789012:sink/" in platform.outputs["oam_sink_arn"]
    assert platform.prefix in platform.outputs["cross_account_role_arn"]
    assert platform.outputs["dashboard_url"].startswith("https://")
