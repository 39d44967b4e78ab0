"""Stacks really make their resources, and a stack that fails leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

DETECTOR = {
    "Type": "AWS::CloudWatch::AnomalyDetector",
    "Properties": {
        "Namespace": "Shop",
        "MetricName": "Latency",
        "Stat": "Average",
        "Configuration": {"MetricTimeZone": "Europe/Berlin"},
    },
}
BROKEN = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "Namespace": "Shop",
        "MetricName": "Latency",
        "Statistic": "Average",
        "Period": 7,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    },
}


@pytest.fixture
def stacks(client: Any) -> Any:
    return client("cloudformation")


def body(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def changed(resource: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return resource | {"Properties": resource.get("Properties", {}) | properties}


def status(stacks: Any, name: str = "s") -> str:
    found: str = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    return found


def refused(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    message: str = caught.value.response["Error"]["Message"]
    return message


def detectors(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("cloudwatch").describe_anomaly_detectors()[
        "AnomalyDetectors"
    ]
    return found


def test_an_anomaly_detector_really_exists_and_goes_with_its_stack(
    stacks: Any, client: Any
) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    (found,) = detectors(client)
    assert found["SingleMetricAnomalyDetector"]["MetricName"] == "Latency"
    assert found["Configuration"]["MetricTimezone"] == "Europe/Berlin"
    stacks.delete_stack(StackName="s")
    assert detectors(client) == []
    assert refused(stacks.describe_stacks, StackName="s") == "Stack with id s does not exist"


def test_a_detector_over_metric_math_is_made_too(stacks: Any, client: Any) -> None:
    query = {
        "Id": "m",
        "MetricStat": {
            "Metric": {"Namespace": "Shop", "MetricName": "Errors"},
            "Period": 60,
            "Stat": "Sum",
        },
        "ReturnData": True,
    }
    math = {"MetricMathAnomalyDetector": {"MetricDataQueries": [query]}}
    template = body(D={"Type": DETECTOR["Type"], "Properties": math})
    stacks.create_stack(StackName="s", TemplateBody=template)
    found = client("cloudwatch").describe_anomaly_detectors(AnomalyDetectorTypes=["METRIC_MATH"])
    assert len(found["AnomalyDetectors"]) == 1
    stacks.delete_stack(StackName="s")


def test_a_change_of_configuration_keeps_the_detector(stacks: Any, client: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    before = stacks.describe_stack_resource(StackName="s", LogicalResourceId="D")
    other = changed(DETECTOR, Configuration={"MetricTimeZone": "UTC"})
    stacks.update_stack(StackName="s", TemplateBody=body(D=other))
    after = stacks.describe_stack_resource(StackName="s", LogicalResourceId="D")
    assert status(stacks) == "UPDATE_COMPLETE"
    assert detectors(client)[0]["Configuration"]["MetricTimezone"] == "UTC"
    assert [one["StackResourceDetail"]["PhysicalResourceId"] for one in (before, after)] == [
        before["StackResourceDetail"]["PhysicalResourceId"]
    ] * 2


def test_a_change_of_metric_replaces_the_detector(stacks: Any, client: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    other = changed(DETECTOR, MetricName="Errors")
    stacks.update_stack(StackName="s", TemplateBody=body(D=other))
    assert [one["SingleMetricAnomalyDetector"]["MetricName"] for one in detectors(client)] == [
        "Errors"
    ]


def test_a_detector_deleted_by_hand_does_not_hold_the_stack(stacks: Any, client: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    single = {"Namespace": "Shop", "MetricName": "Latency", "Stat": "Average"}
    client("cloudwatch").delete_anomaly_detector(SingleMetricAnomalyDetector=single)
    stacks.delete_stack(StackName="s")
    assert stacks.list_stacks()["StackSummaries"][0]["StackStatus"] == "DELETE_COMPLETE"


EVERY_TYPE = {
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "high",
            "Namespace": "Shop",
            "MetricName": "Latency",
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    },
    "Composite": {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {"AlarmName": "all", "AlarmRule": {"Fn::Sub": 'ALARM("${Alarm}")'}},
    },
    "Board": {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": "b", "DashboardBody": '{"widgets": []}'},
    },
    "Group": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": "/g", "RetentionInDays": 30},
    },
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Display"}},
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "VisibilityTimeout": "60",
            "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
            "Tags": [{"Key": "a", "Value": "b"}],
        },
    },
}


def test_every_type_is_made_read_and_removed(stacks: Any, client: Any) -> None:
    outputs = {
        "Group": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}, "Description": "a group"},
        "Alarm": {"Value": {"Fn::GetAtt": ["Alarm", "Arn"]}},
        "Queue": {"Value": {"Ref": "Queue"}},
        "Name": {"Value": {"Fn::GetAtt": "Topic.TopicName"}},
    }
    template = json.dumps({"Description": "all", "Resources": EVERY_TYPE, "Outputs": outputs})
    stacks.create_stack(StackName="s", TemplateBody=template)
    stack = stacks.describe_stacks(StackName="s")["Stacks"][0]
    assert (stack["StackStatus"], stack["Description"]) == ("CREATE_COMPLETE", "all")
    got = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert got["Alarm"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:high"
    assert got["Group"] == "arn:aws:logs:us-east-1:123456789012:log-group:/g:*"
    assert got["Name"].startswith("s-Topic-")
    attributes = client("sqs").get_queue_attributes(QueueUrl=got["Queue"], AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "60"
    stacks.delete_stack(StackName="s")
    assert client("logs").describe_log_groups()["logGroups"] == []
    assert client("sns").list_topics()["Topics"] == []
    assert "QueueUrls" not in client("sqs").list_queues()
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client("cloudwatch").list_dashboards()["DashboardEntries"] == []


def test_every_type_is_changed_in_place_and_replaced_by_another_name(
    stacks: Any, client: Any
) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(**EVERY_TYPE))
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/g"}}
    queue = changed(EVERY_TYPE["Queue"], VisibilityTimeout="90")
    topic = changed(EVERY_TYPE["Topic"], TopicName="named")
    board = changed(EVERY_TYPE["Board"], DashboardName="c")
    others = {"Group": group, "Queue": queue, "Topic": topic, "Board": board}
    stacks.update_stack(StackName="s", TemplateBody=body(**{**EVERY_TYPE, **others}))
    assert status(stacks) == "UPDATE_COMPLETE"
    assert "retentionInDays" not in client("logs").describe_log_groups()["logGroups"][0]
    assert [t["TopicArn"].rpartition(":")[2] for t in client("sns").list_topics()["Topics"]] == [
        "named"
    ]
    entries = client("cloudwatch").list_dashboards()["DashboardEntries"]
    assert [one["DashboardName"] for one in entries] == ["c"]


def test_an_unknown_type_is_refused_before_anything_is_made(stacks: Any, client: Any) -> None:
    template = body(T={"Type": "AWS::SNS::Topic"}, X={"Type": "AWS::No::Such"})
    message = refused(stacks.create_stack, StackName="s", TemplateBody=template)
    assert message == "Template format error: Unrecognized resource types: [AWS::No::Such]"
    assert client("sns").list_topics()["Topics"] == []


def test_a_failing_resource_rolls_the_stack_back(stacks: Any, client: Any) -> None:
    template = body(T={"Type": "AWS::SNS::Topic"}, G=BROKEN | {"DependsOn": "T"})
    stacks.create_stack(StackName="s", TemplateBody=template)
    assert status(stacks) == "ROLLBACK_COMPLETE"
    assert client("sns").list_topics()["Topics"] == []
    events = stacks.describe_stack_events(StackName="s")["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert [e["LogicalResourceId"] for e in failed] == ["G"]
    assert "eriod" in failed[0]["ResourceStatusReason"]


def test_on_failure_may_keep_or_delete(stacks: Any, client: Any) -> None:
    template = body(T={"Type": "AWS::SNS::Topic"}, G=BROKEN | {"DependsOn": "T"})
    stacks.create_stack(StackName="kept", TemplateBody=template, DisableRollback=True)
    assert status(stacks, "kept") == "CREATE_FAILED"
    assert len(client("sns").list_topics()["Topics"]) == 1
    stacks.create_stack(StackName="gone", TemplateBody=template, OnFailure="DELETE")
    assert "does not exist" in refused(stacks.describe_stacks, StackName="gone")
    message = refused(
        stacks.create_stack,
        StackName="both",
        TemplateBody=template,
        OnFailure="DELETE",
        DisableRollback=True,
    )
    assert "not both" in message


def test_a_failing_update_brings_the_former_stack_back(stacks: Any, client: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    other = changed(DETECTOR, MetricName="Errors")
    stacks.update_stack(StackName="s", TemplateBody=body(D=other, G=BROKEN | {"DependsOn": "D"}))
    assert status(stacks) == "UPDATE_ROLLBACK_COMPLETE"
    assert [one["SingleMetricAnomalyDetector"]["MetricName"] for one in detectors(client)] == [
        "Latency"
    ]
    listed = stacks.list_stack_resources(StackName="s")["StackResourceSummaries"]
    assert [one["LogicalResourceId"] for one in listed] == ["D"]


def test_a_missing_property_is_named(stacks: Any) -> None:
    board = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {}}
    stacks.create_stack(StackName="s", TemplateBody=body(B=board), DisableRollback=True)
    events = stacks.describe_stack_events(StackName="s")["StackEvents"]
    reasons = [e.get("ResourceStatusReason", "") for e in events]
    assert "Properties validation failed: required key [DashboardBody] not found" in reasons


def test_an_attribute_that_a_type_lacks_is_refused(stacks: Any) -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/g"}}
    board = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardBody": {"Fn::GetAtt": ["G", "Colour"]}},
    }
    template = body(G=group, B=board)
    stacks.create_stack(StackName="s", TemplateBody=template, DisableRollback=True)
    assert status(stacks) == "CREATE_FAILED"


def test_an_update_without_a_change_is_refused(stacks: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    message = refused(stacks.update_stack, StackName="s", UsePreviousTemplate=True)
    assert message == "No updates are to be performed."


def test_parameters_and_tags_are_kept_and_may_be_used_again(stacks: Any, client: Any) -> None:
    template = json.dumps(
        {
            "Parameters": {"Name": {"Type": "String"}, "Other": {"Type": "String", "Default": "o"}},
            "Resources": {
                "T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}
            },
        }
    )
    tags = [{"Key": "team", "Value": "a"}]
    given = [{"ParameterKey": "Name", "ParameterValue": "orders"}]
    stacks.create_stack(StackName="s", TemplateBody=template, Parameters=given, Tags=tags)
    assert client("sns").list_topics()["Topics"][0]["TopicArn"].endswith(":orders")
    stack = stacks.describe_stacks(StackName="s")["Stacks"][0]
    assert stack["Tags"] == tags
    assert {"ParameterKey": "Other", "ParameterValue": "o"} in stack["Parameters"]
    stacks.update_stack(
        StackName="s",
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "Name", "UsePreviousValue": True},
            {"ParameterKey": "Other", "ParameterValue": "p"},
        ],
    )
    stack = stacks.describe_stacks(StackName="s")["Stacks"][0]
    assert {"ParameterKey": "Name", "ParameterValue": "orders"} in stack["Parameters"]
    assert {"ParameterKey": "Other", "ParameterValue": "p"} in stack["Parameters"]
    assert stack["Tags"] == tags


def test_names_are_unique_among_the_living_and_checked(stacks: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    message = refused(stacks.create_stack, StackName="s", TemplateBody=body(D=DETECTOR))
    assert message == "Stack [s] already exists"
    stacks.delete_stack(StackName="s")
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    assert "regular expression" in refused(
        stacks.create_stack, StackName="1", TemplateBody=body(D=DETECTOR)
    )


def test_termination_protection_holds(stacks: Any) -> None:
    stacks.create_stack(
        StackName="s", TemplateBody=body(D=DETECTOR), EnableTerminationProtection=True
    )
    assert "TerminationProtection" in refused(stacks.delete_stack, StackName="s")
    stacks.update_termination_protection(StackName="s", EnableTerminationProtection=False)
    stacks.delete_stack(StackName="s")
    stacks.delete_stack(StackName="s")


def test_the_template_and_its_policy_come_back_as_given(stacks: Any) -> None:
    template = body(D=DETECTOR)
    stacks.create_stack(StackName="s", TemplateBody=template)
    assert stacks.get_template(StackName="s")["TemplateBody"] == json.loads(template)
    assert "StackPolicyBody" not in stacks.get_stack_policy(StackName="s")
    stacks.set_stack_policy(StackName="s", StackPolicyBody="{}")
    assert stacks.get_stack_policy(StackName="s")["StackPolicyBody"] == "{}"


def test_a_template_can_be_validated_alone(stacks: Any) -> None:
    template = {
        "Parameters": {"A": {"Type": "String", "Default": "a"}, "B": {"Type": "String"}},
        "Resources": {"D": DETECTOR},
    }
    got = stacks.validate_template(TemplateBody=json.dumps(template))["Parameters"]
    assert [one.get("DefaultValue") for one in got] == ["a", None]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Either Template URL or Template Body must be specified."),
        ({"TemplateURL": "https://s3/x"}, "give a TemplateBody"),
    ],
)
def test_a_stack_needs_a_template(stacks: Any, given: dict[str, str], message: str) -> None:
    assert message in refused(stacks.create_stack, StackName="s", **given)


def test_a_resource_that_is_not_there_is_said_so(stacks: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    message = refused(stacks.describe_stack_resource, StackName="s", LogicalResourceId="X")
    assert message == "Resource X does not exist for stack s"
    only = stacks.describe_stack_resources(StackName="s", LogicalResourceId="D")
    assert [r["ResourceType"] for r in only["StackResources"]] == [DETECTOR["Type"]]


def test_accounts_and_regions_know_nothing_of_one_another(stacks: Any, client: Any) -> None:
    stacks.create_stack(StackName="s", TemplateBody=body(D=DETECTOR))
    for other in ({"region": "eu-west-1"}, {"account": "111122223333"}):
        assert client("cloudformation", **other).describe_stacks()["Stacks"] == []
        assert client("cloudwatch", **other).describe_anomaly_detectors()["AnomalyDetectors"] == []
    wanted = stacks.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])
    assert wanted["StackSummaries"] == []
