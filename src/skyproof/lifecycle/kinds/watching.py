"""What looks at metrics, logs and traces: alarms, dashboards, detectors, links between accounts."""

from __future__ import annotations

from skyproof.lifecycle.calls import Call, Listing
from skyproof.lifecycle.kinds.kind import Kind

_CLOUDWATCH_TAGS = Listing("list_tags_for_resource", "Tags", {"ResourceARN": "item.arn"})
_ALARM = "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"

KINDS = (
    Kind(
        "cloudwatch",
        "composite alarm",
        Listing("describe_alarms", "CompositeAlarms[]", {"AlarmTypes": "['CompositeAlarm']"}),
        "AlarmName",
        (
            # One that another depends on cannot be deleted, nor any in a cycle of them:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
            Call(
                "put_composite_alarm",
                {"AlarmName": "AlarmName", "AlarmRule": "'FALSE'", "ActionsEnabled": "`false`"},
                when="AlarmRule!='FALSE'",
            ),
            Call("delete_alarms", {"AlarmNames": "[AlarmName]"}),
        ),
        _ALARM,
        tags=_CLOUDWATCH_TAGS,
    ),
    Kind(
        "cloudwatch",
        "metric alarm",
        Listing("describe_alarms", "MetricAlarms[]", {"AlarmTypes": "['MetricAlarm']"}),
        "AlarmName",
        (Call("delete_alarms", {"AlarmNames": "[AlarmName]"}),),
        _ALARM,
        tags=_CLOUDWATCH_TAGS,
    ),
    Kind(
        "cloudwatch",
        "anomaly detector",
        Listing(
            "describe_anomaly_detectors",
            "AnomalyDetectors[]",
            {"AnomalyDetectorTypes": "['SINGLE_METRIC', 'METRIC_MATH']"},
        ),
        # Its state changes, what it watches does not.
        "to_string([SingleMetricAnomalyDetector, MetricMathAnomalyDetector])",
        (
            Call(
                "delete_anomaly_detector",
                {
                    "SingleMetricAnomalyDetector": "SingleMetricAnomalyDetector",
                    "MetricMathAnomalyDetector": "MetricMathAnomalyDetector",
                },
            ),
        ),
    ),
    Kind(
        "cloudwatch",
        "dashboard",
        Listing("list_dashboards", "DashboardEntries[]"),
        "DashboardName",
        (Call("delete_dashboards", {"DashboardNames": "[DashboardName]"}),),
        "arn:{partition}:cloudwatch::{account}:dashboard/{name}",
        regional=False,
    ),
    Kind(
        "cloudwatch",
        "insight rule",
        Listing("describe_insight_rules", "InsightRules[?!ManagedRule]"),
        "Name",
        (
            Call(
                "delete_insight_rules",
                {"RuleNames": "[Name]"},
                refusals="Failures[0].[FailureCode, FailureDescription]",
            ),
        ),
        "arn:{partition}:cloudwatch:{region}:{account}:insight-rule/{name}",
        tags=_CLOUDWATCH_TAGS,
    ),
    Kind(
        "logs",
        "metric filter",
        Listing("describe_metric_filters", "metricFilters[]"),
        "join(' ', [logGroupName, filterName])",
        (
            Call(
                "delete_metric_filter",
                {"logGroupName": "logGroupName", "filterName": "filterName"},
            ),
        ),
    ),
    Kind(
        "logs",
        "query definition",
        Listing("describe_query_definitions", "queryDefinitions[]"),
        "queryDefinitionId",
        (Call("delete_query_definition", {"queryDefinitionId": "queryDefinitionId"}),),
        title="name",
    ),
    Kind(
        "logs",
        "log anomaly detector",
        Listing("list_log_anomaly_detectors", "anomalyDetectors[]"),
        "anomalyDetectorArn",
        (Call("delete_log_anomaly_detector", {"anomalyDetectorArn": "anomalyDetectorArn"}),),
        "arn:{partition}:logs:{region}:{account}:anomaly-detector:{name}",
        title="detectorName",
        tags=Listing("list_tags_for_resource", "tags", {"resourceArn": "item.arn"}),
    ),
    Kind(
        "logs",
        "log destination",
        Listing("describe_destinations", "destinations[]"),
        "destinationName",
        (Call("delete_destination", {"destinationName": "destinationName"}),),
        "arn:{partition}:logs:{region}:{account}:destination:{name}",
        tags=Listing("list_tags_for_resource", "tags", {"resourceArn": "arn"}),
    ),
    Kind(
        "logs",
        "log resource policy",
        Listing("describe_resource_policies", "resourcePolicies[?policyName]"),
        "policyName",
        (Call("delete_resource_policy", {"policyName": "policyName"}),),
    ),
    Kind(
        "oam",
        "link",
        Listing("list_links", "Items[]"),
        "Arn",
        (Call("delete_link", {"Identifier": "Arn"}),),
        "arn:{partition}:oam:{region}:{account}:link/{name}",
        title="Label",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceArn": "Arn"}),
    ),
    # With links a sink cannot be deleted:
    # https://docs.aws.amazon.com/OAM/latest/APIReference/API_DeleteSink.html
    Kind(
        "oam",
        "sink",
        Listing("list_sinks", "Items[]"),
        "Arn",
        (Call("delete_sink", {"Identifier": "Arn"}),),
        "arn:{partition}:oam:{region}:{account}:sink/{name}",
        title="Name",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceArn": "Arn"}),
    ),
    Kind(
        "xray",
        "group",
        Listing("get_groups", "Groups[?GroupName!='Default']"),
        "GroupARN",
        (Call("delete_group", {"GroupARN": "GroupARN"}),),
        "arn:{partition}:xray:{region}:{account}:group/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceARN": "GroupARN"}),
    ),
    Kind(
        "xray",
        "sampling rule",
        Listing(
            "get_sampling_rules", "SamplingRuleRecords[].SamplingRule | [?RuleName!='Default']"
        ),
        "RuleARN",
        (Call("delete_sampling_rule", {"RuleARN": "RuleARN"}),),
        "arn:{partition}:xray:{region}:{account}:sampling-rule/{name}",
        tags=Listing("list_tags_for_resource", "Tags", {"ResourceARN": "RuleARN"}),
    ),
)
