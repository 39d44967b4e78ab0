"""Accounts and Regions see nothing of one another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import metric_alarm

STREAM = {
    "Name": "s",
    "FirehoseArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/f",
    "RoleArn": "arn:aws:iam::123456789012:role/r",
    "OutputFormat": "json",
}


@pytest.mark.parametrize("elsewhere", [{"region": "us-west-2"}, {"account": "210987654321"}])
def test_nothing_is_seen_from_elsewhere(
    cloudwatch: Any, client: Any, elsewhere: dict[str, str]
) -> None:
    cloudwatch.put_metric_alarm(**metric_alarm("a"))
    cloudwatch.put_metric_stream(**STREAM)
    cloudwatch.put_anomaly_detector(Namespace="N", MetricName="m", Stat="Sum")
    cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 1}])
    other = client("cloudwatch", **elsewhere)
    assert other.describe_alarms()["MetricAlarms"] == []
    assert other.describe_alarm_history()["AlarmHistoryItems"] == []
    assert other.list_metric_streams()["Entries"] == []
    assert other.describe_anomaly_detectors()["AnomalyDetectors"] == []
    assert other.list_metrics()["Metrics"] == []
    other.put_metric_alarm(**metric_alarm("a", Threshold=1.0))
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["Threshold"] == 90.0


def test_arns_name_their_account_and_region(cloudwatch: Any, client: Any) -> None:
    far = client("cloudwatch", region="us-gov-west-1", account="210987654321")
    far.put_metric_alarm(**metric_alarm("a"))
    (alarm,) = far.describe_alarms()["MetricAlarms"]
    assert alarm["AlarmArn"] == "arn:aws-us-gov:cloudwatch:us-gov-west-1:210987654321:alarm:a"
