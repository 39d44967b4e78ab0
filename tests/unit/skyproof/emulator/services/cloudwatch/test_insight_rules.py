"""Contributor Insights rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

DEFINITION = {
    "Schema": {"Name": "CloudWatchLogRule", "Version": 1},
    "LogGroupNames": ["API-Gateway-Access-Logs*"],
    "LogFormat": "CLF",
    "Fields": {"4": "IpAddress", "7": "StatusCode"},
    "Contribution": {"Keys": ["IpAddress"], "Filters": [{"Match": "StatusCode", "EqualTo": 200}]},
    "AggregateOn": "Count",
}
ENDPOINT = "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint-service/vpce-svc-1"
TEMPLATE = "VpcEndpointService-BytesByEndpointId-v1"


def put(
    cloudwatch: Any, name: str = "rule", change: dict[str, Any] | None = None, **more: Any
) -> None:
    definition = {k: v for k, v in (DEFINITION | (change or {})).items() if v is not None}
    cloudwatch.put_insight_rule(RuleName=name, RuleDefinition=json.dumps(definition), **more)


def rules(cloudwatch: Any) -> dict[str, dict[str, Any]]:
    return {rule["Name"]: rule for rule in cloudwatch.describe_insight_rules()["InsightRules"]}


def test_a_rule_as_aws_shows_it(cloudwatch: Any) -> None:
    """Recorded in LocalStack's snapshot ``test_insight_rule`` of 26-10-2023."""
    put(cloudwatch)
    assert rules(cloudwatch)["rule"] == {
        "Name": "rule",
        "State": "ENABLED",
        "Schema": "CloudWatchLogRule/1",
        "Definition": json.dumps(DEFINITION),
        "ManagedRule": False,
    }


def test_an_update_replaces_all_but_the_tags(cloudwatch: Any) -> None:
    put(cloudwatch, Tags=[{"Key": "a", "Value": "1"}])
    put(cloudwatch, change={"AggregateOn": None}, RuleState="DISABLED", ApplyOnTransformedLogs=True)
    rule = rules(cloudwatch)["rule"]
    assert (rule["State"], rule["ApplyOnTransformedLogs"]) == ("DISABLED", True)
    assert "AggregateOn" not in rule["Definition"]
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:insight-rule/rule"
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "a", "Value": "1"}
    ]


def test_switching_and_deleting_tell_of_what_is_not_there(cloudwatch: Any) -> None:
    put(cloudwatch)
    failure = {
        "FailureResource": "nobody",
        "ExceptionType": "ResourceNotFoundException",
        "FailureCode": "404",
        "FailureDescription": "Rule nobody does not exist",
    }
    both = ["rule", "nobody"]
    assert cloudwatch.disable_insight_rules(RuleNames=both)["Failures"] == [failure]
    assert rules(cloudwatch)["rule"]["State"] == "DISABLED"
    assert cloudwatch.enable_insight_rules(RuleNames=both)["Failures"] == [failure]
    assert rules(cloudwatch)["rule"]["State"] == "ENABLED"
    assert cloudwatch.delete_insight_rules(RuleNames=both)["Failures"] == [failure]
    assert rules(cloudwatch) == {}


def test_pages(cloudwatch: Any) -> None:
    for name in "cab":
        put(cloudwatch, name)
    first = cloudwatch.describe_insight_rules(MaxResults=2)
    last = cloudwatch.describe_insight_rules(MaxResults=2, NextToken=first["NextToken"])
    names = [rule["Name"] for rule in first["InsightRules"] + last["InsightRules"]]
    assert names == ["a", "b", "c"]
    assert "NextToken" not in last


def test_a_hundred_rules_are_the_most(cloudwatch: Any, refused: Any) -> None:
    for number in range(100):
        put(cloudwatch, f"r{number}")
    put(cloudwatch, "r7")
    with refused("LimitExceededException", "At most 100 rules are allowed"):
        put(cloudwatch, "r100")


NEEDS = "RuleDefinition{}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"Schema": "CloudWatchLogRule"},
            "RuleDefinition.Schema must be one of CloudWatchLogRule/1, CloudWatchLogRule/2",
        ),
        (
            {"Schema": {"Name": "CloudWatchLogRule", "Version": 9}},
            "RuleDefinition.Schema must be one of CloudWatchLogRule/1, CloudWatchLogRule/2",
        ),
        ({"LogGroupNames": None}, "RuleDefinition needs a list of LogGroupNames or LogGroupARNs"),
        (
            {"LogGroupNames": "group"},
            "RuleDefinition needs a list of LogGroupNames or LogGroupARNs",
        ),
        ({"LogFormat": "XML"}, "RuleDefinition.LogFormat must be one of JSON, CLF"),
        ({"Fields": None}, "RuleDefinition.Fields is required when LogFormat is CLF"),
        ({"Contribution": None}, "RuleDefinition.Contribution is required"),
        (
            {"Contribution": {"Keys": []}},
            "RuleDefinition.Contribution.Keys must have 1 to 4 entries",
        ),
        (
            {"Contribution": {"Keys": [*"abcde"]}},
            "RuleDefinition.Contribution.Keys must have 1 to 4 entries",
        ),
        (
            {"Contribution": {"Keys": ["a"], "Filters": [{}] * 5}},
            "RuleDefinition.Contribution.Filters must have at most 4 entries",
        ),
        ({"AggregateOn": "Mean"}, "RuleDefinition.AggregateOn must be one of Count, Sum"),
        (
            {"AggregateOn": "Sum"},
            "RuleDefinition.Contribution.ValueOf is required when AggregateOn is Sum",
        ),
    ],
)
def test_a_definition_that_is_refused(
    cloudwatch: Any, refused: Any, change: dict[str, Any], message: str
) -> None:
    with refused("InvalidParameterValue", message):
        put(cloudwatch, change=change)
    assert rules(cloudwatch) == {}


def test_a_sum_of_json_values(cloudwatch: Any) -> None:
    contribution = {"Keys": ["$.ip"], "ValueOf": "$.bytes"}
    put(
        cloudwatch,
        change={
            "LogFormat": "JSON",
            "Fields": None,
            "AggregateOn": "Sum",
            "Contribution": contribution,
        },
    )
    assert list(rules(cloudwatch)) == ["rule"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"RuleDefinition": "{"},
            "RuleDefinition is not valid JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)",
        ),
        ({"RuleDefinition": "[]"}, "RuleDefinition must be a JSON object"),
        (
            {"RuleDefinition": json.dumps(DEFINITION), "RuleState": "ON"},
            "RuleState must be ENABLED or DISABLED",
        ),
    ],
)
def test_what_is_refused_beside_the_definition(
    cloudwatch: Any, refused: Any, params: dict[str, Any], message: str
) -> None:
    with refused("InvalidParameterValue", message):
        cloudwatch.put_insight_rule(RuleName="rule", **params)


def test_managed_rules(cloudwatch: Any, refused: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    managed = {"TemplateName": TEMPLATE, "ResourceARN": ENDPOINT, "Tags": tags}
    assert cloudwatch.put_managed_insight_rules(ManagedRules=[managed])["Failures"] == []
    (shown,) = cloudwatch.list_managed_insight_rules(ResourceARN=ENDPOINT)["ManagedRules"]
    name = shown["RuleState"]["RuleName"]
    assert shown == {
        "TemplateName": TEMPLATE,
        "ResourceARN": ENDPOINT,
        "RuleState": {"RuleName": name, "State": "ENABLED"},
    }
    assert rules(cloudwatch)[name]["ManagedRule"] is True
    arn = f"arn:aws:cloudwatch:us-east-1:123456789012:insight-rule/{name}"
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    assert cloudwatch.list_managed_insight_rules(ResourceARN=f"{ENDPOINT}2")["ManagedRules"] == []
    with refused("InvalidParameterValue", f"Managed rule {name} cannot be edited"):
        put(cloudwatch, name)
    cloudwatch.disable_insight_rules(RuleNames=[name])
    cloudwatch.put_managed_insight_rules(ManagedRules=[managed])
    assert rules(cloudwatch)[name]["State"] == "ENABLED", "putting it again enables it again"
    cloudwatch.delete_insight_rules(RuleNames=[name])
    assert cloudwatch.list_managed_insight_rules(ResourceARN=ENDPOINT)["ManagedRules"] == []
