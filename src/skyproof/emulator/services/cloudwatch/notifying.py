"""What CloudWatch tells others about an alarm: messages, events, and the payload of functions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from botocore.loaders import create_loader

from skyproof.emulator.services.cloudwatch import history
from skyproof.emulator.services.cloudwatch.store import Alarm, AlarmState

Shown = dict[str, Any]


@cache
def region_name(region: str) -> str:
    """As messages call a Region: ``US East (N. Virginia)``."""
    for partition in create_loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def subject(alarm: Alarm, region: str) -> str:
    """Of the message; SNS takes 100 characters."""
    return f'{alarm.state.value.value}: "{alarm.name}" in {region_name(region)}'[:100]


def message(alarm: Alarm, old: AlarmState, account: str, region: str) -> str:
    """The message that a topic gets, as JSON."""
    configuration = alarm.configuration
    shown: Shown = {
        "AlarmName": alarm.name,
        "AlarmDescription": configuration.get("AlarmDescription"),
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": history.stamp(alarm.configured),
        "NewStateValue": alarm.state.value.value,
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": history.stamp(alarm.state.transitioned),
        "Region": region_name(region),
        "AlarmArn": alarm.arn,
        "OldStateValue": old.value.value,
        "OKActions": configuration["OKActions"],
        "AlarmActions": configuration["AlarmActions"],
        "InsufficientDataActions": configuration["InsufficientDataActions"],
    }
    if alarm.type == "CompositeAlarm":
        shown["AlarmRule"] = configuration["AlarmRule"]
        if alarm.state.reason_data:
            shown["TriggeringChildren"] = _triggering(alarm.state.reason_data)
    else:
        shown["Trigger"] = _trigger(configuration)
    return json.dumps(shown)


def event_detail(alarm: Alarm, old: AlarmState) -> Shown:
    """The detail of a ``CloudWatch Alarm State Change``."""
    shown: Shown = {
        "alarmName": alarm.name,
        "state": _state(alarm.state),
        "previousState": _state(old),
        "configuration": _configuration(alarm),
    }
    return shown


def configuration_detail(alarm: Alarm, operation: str, before: Shown | None) -> Shown:
    """The detail of a ``CloudWatch Alarm Configuration Change``."""
    shown: Shown = {
        "alarmName": alarm.name,
        "operation": operation,
        "state": _state(alarm.state),
        "configuration": {
            **_configuration(alarm),
            "alarmName": alarm.name,
            "actionsEnabled": alarm.configuration["ActionsEnabled"],
            "timestamp": history.stamp(alarm.configured),
            "okActions": alarm.configuration["OKActions"],
            "alarmActions": alarm.configuration["AlarmActions"],
            "insufficientDataActions": alarm.configuration["InsufficientDataActions"],
        },
    }
    if before is not None:
        shown["previousConfiguration"] = before
    return shown


def function_payload(alarm: Alarm, old: AlarmState, account: str, region: str) -> Shown:
    """What a function gets as its event."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": account,
        "time": history.stamp(alarm.state.transitioned),
        "region": region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": _state(alarm.state),
            "previousState": _state(old),
            "configuration": _configuration(alarm),
        },
    }


def _triggering(reason_data: str) -> list[Shown]:
    found: list[Shown] = json.loads(reason_data).get("triggeringAlarms", [])
    return [{"Arn": one["arn"], "State": one["state"]} for one in found]


def _trigger(configuration: Shown) -> Shown:
    """What the alarm watches, as recorded messages show it."""
    shown: Shown = {}
    if "Metrics" in configuration:
        shown["Metrics"] = [_message_query(query) for query in configuration["Metrics"]]
        shown["Period"] = next(
            (q["MetricStat"]["Period"] for q in configuration["Metrics"] if "MetricStat" in q), 60
        )
    else:
        extended = configuration.get("ExtendedStatistic")
        shown |= {
            "MetricName": configuration["MetricName"],
            "Namespace": configuration["Namespace"],
            "StatisticType": "ExtendedStatistic" if extended else "Statistic",
            "Statistic": extended or configuration["Statistic"].upper(),
            "Unit": configuration.get("Unit"),
            "Dimensions": [
                {"value": d["Value"], "name": d["Name"]} for d in configuration["Dimensions"]
            ],
            "Period": configuration["Period"],
        }
    treatment = configuration.get("TreatMissingData")
    shown |= {
        "EvaluationPeriods": configuration["EvaluationPeriods"],
        "DatapointsToAlarm": configuration.get(
            "DatapointsToAlarm", configuration["EvaluationPeriods"]
        ),
        "ComparisonOperator": configuration["ComparisonOperator"],
        "TreatMissingData": treatment or "",
        "EvaluateLowSampleCountPercentile": configuration.get(
            "EvaluateLowSampleCountPercentile", ""
        ),
    }
    if "ThresholdMetricId" in configuration:
        shown["ThresholdMetricId"] = configuration["ThresholdMetricId"]
    else:
        shown["Threshold"] = configuration["Threshold"]
    return shown


def _message_query(query: Shown) -> Shown:
    shown: Shown = {"Id": query["Id"]}
    if "Expression" in query:
        shown["Expression"] = query["Expression"]
    else:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = metric.get("Dimensions", [])
        shown["MetricStat"] = {
            "Metric": {
                "Dimensions": [{"value": d["Value"], "name": d["Name"]} for d in dimensions],
                "MetricName": metric["MetricName"],
                "Namespace": metric["Namespace"],
            },
            "Period": stat["Period"],
            "Stat": stat["Stat"],
        }
    if "Label" in query:
        shown["Label"] = query["Label"]
    return shown | {"ReturnData": query["ReturnData"]}


def _state(state: AlarmState) -> Shown:
    shown: Shown = {"value": state.value.value, "reason": state.reason}
    if state.reason_data:
        # A string of JSON, unlike in the alarm's history.
        shown["reasonData"] = state.reason_data
    return shown | {"timestamp": history.stamp(state.updated)}


def _configuration(alarm: Alarm) -> Shown:
    configuration = alarm.configuration
    shown: Shown = {}
    if configuration.get("AlarmDescription") is not None:
        shown["description"] = configuration["AlarmDescription"]
    if alarm.type == "CompositeAlarm":
        shown["alarmRule"] = configuration["AlarmRule"]
        if "ActionsSuppressor" in configuration:
            shown["actionsSuppressor"] = configuration["ActionsSuppressor"]
            shown["actionsSuppressorWaitPeriod"] = configuration["ActionsSuppressorWaitPeriod"]
            extension = configuration["ActionsSuppressorExtensionPeriod"]
            shown["actionsSuppressorExtensionPeriod"] = extension
        return shown
    return shown | {"metrics": [_event_query(query) for query in _queries(configuration)]}


def _queries(configuration: Shown) -> list[Shown]:
    from skyproof.emulator.services.cloudwatch.judging import queries_of

    return queries_of(configuration)


def _event_query(query: Shown) -> Shown:
    shown: Shown = {"id": query["Id"]}
    if "Expression" in query:
        shown["expression"] = query["Expression"]
    else:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}
        shown["metricStat"] = {
            "metric": {
                "namespace": metric["Namespace"],
                "name": metric["MetricName"],
                "dimensions": dimensions,
            },
            "period": stat["Period"],
            "stat": stat["Stat"],
        }
    if "Label" in query:
        shown["label"] = query["Label"]
    return shown | {"returnData": query.get("ReturnData", True)}
