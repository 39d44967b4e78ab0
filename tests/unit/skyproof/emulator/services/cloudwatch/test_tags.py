"""Tags on everything that takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

HERE = "arn:aws:cloudwatch:us-east-1:123456789012"
RULE = {
    "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
    "LogGroupNames": ["g"],
    "LogFormat": "JSON",
    "Contribution": {"Keys": ["$.a"]},
}


def make(cloudwatch: Any, kind: str, tags: list[dict[str, str]]) -> str:
    if kind == "metric alarm":
        metric = {"Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60}
        rule = {
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        cloudwatch.put_metric_alarm(AlarmName="a", Tags=tags, **metric, **rule)
        return f"{HERE}:alarm:a"
    if kind == "composite alarm":
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="TRUE", Tags=tags)
        return f"{HERE}:alarm:c"
    if kind == "metric stream":
        firehose = "arn:aws:firehose:us-east-1:123456789012:deliverystream/f"
        role = "arn:aws:iam::123456789012:role/r"
        where = {"FirehoseArn": firehose, "RoleArn": role, "OutputFormat": "json"}
        return str(cloudwatch.put_metric_stream(Name="s", Tags=tags, **where)["Arn"])
    if kind == "dashboard":
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": []}', Tags=tags)
        return "arn:aws:cloudwatch::123456789012:dashboard/d"
    cloudwatch.put_insight_rule(RuleName="r", RuleDefinition=json.dumps(RULE), Tags=tags)
    return f"{HERE}:insight-rule/r"


KINDS = ["metric alarm", "composite alarm", "metric stream", "dashboard", "insight rule"]


def tag(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize("kind", KINDS)
def test_tags_come_and_go(cloudwatch: Any, kind: str) -> None:
    arn = make(cloudwatch, kind, [tag("a", "1"), tag("b", "")])
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[tag("b", "2"), tag("c", "3")])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a", "never there"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        tag("b", "2"),
        tag("c", "3"),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([tag("a", "1"), tag("a", "2")], "Tag keys must be unique"),
        ([tag("aws:x", "1")], "Tag keys starting with 'aws:' are reserved: aws:x"),
        ([tag(f"k{n}", "v") for n in range(51)], "A resource can have at most 50 tags"),
    ],
)
def test_tags_that_are_refused(
    cloudwatch: Any, refused: Any, kind: str, tags: list[dict[str, str]], message: str
) -> None:
    with refused("InvalidParameterValue", message):
        make(cloudwatch, kind, tags)
    arn = make(cloudwatch, kind, [tag("z", "1")])
    with refused("InvalidParameterValue", message):
        cloudwatch.tag_resource(ResourceARN=arn, Tags=tags)
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [tag("z", "1")]


def test_fifty_are_the_most_in_all(cloudwatch: Any, refused: Any) -> None:
    arn = make(cloudwatch, "metric alarm", [tag(f"k{n}", "v") for n in range(50)])
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[tag("k7", "new")])
    with refused("InvalidParameterValue", "A resource can have at most 50 tags"):
        cloudwatch.tag_resource(ResourceARN=arn, Tags=[tag("one more", "v")])


@pytest.mark.parametrize(
    ("arn", "code", "message"),
    [
        (
            f"{HERE}:alarm:nobody",
            "ResourceNotFoundException",
            f"Unknown resource: {HERE}:alarm:nobody",
        ),
        (
            f"{HERE.replace('east', 'west')}:alarm:a",
            "ResourceNotFoundException",
            f"Unknown resource: {HERE.replace('east', 'west')}:alarm:a",
        ),
        ("alarm:a", "InvalidParameterValue", "Invalid ARN: alarm:a"),
        (
            "arn:aws:sns:us-east-1:123456789012:topic",
            "InvalidParameterValue",
            "Invalid ARN: arn:aws:sns:us-east-1:123456789012:topic",
        ),
    ],
)
def test_only_what_is_here_has_tags(
    cloudwatch: Any, client: Any, refused: Any, arn: str, code: str, message: str
) -> None:
    make(client("cloudwatch", region="us-west-2"), "metric alarm", [])
    with refused(code, message):
        cloudwatch.list_tags_for_resource(ResourceARN=arn)
    with refused(code, message):
        cloudwatch.tag_resource(ResourceARN=arn, Tags=[tag("a", "1")])
    with refused(code, message):
        cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
