"""The resource types that a stack may hold, each really made through its own service.

Ref and Fn::GetAtt give what the type's reference page says.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from skyproof.emulator.service import Call
from skyproof.emulator.services.cloudformation.store import Resource

Properties = Mapping[str, Any]


class Type(Protocol):
    """One resource type. Its methods raise botocore's ClientError when the service refuses."""

    def create(self, call: Call, resource: Resource, generated_name: str, /) -> None:
        """Make it; set ``physical_id`` and ``attributes``."""

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        """Whether a change of properties makes a new resource instead of changing this one."""

    def delete(self, call: Call, resource: Resource) -> None:
        """Remove it; what is gone already is no error."""


def _changed(names: tuple[str, ...], old: Properties, new: Properties) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


class AnomalyDetector:
    """``AWS::CloudWatch::AnomalyDetector``.

    CloudFormation spells ``MetricTimeZone`` what the API spells ``MetricTimezone``. Everything but
    the configuration is replaced on change.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-anomalydetector.html
    """

    _SINGLE = ("MetricName", "Namespace", "Stat", "Dimensions")
    _IDENTITY = (*_SINGLE, "SingleMetricAnomalyDetector", "MetricMathAnomalyDetector")

    def create(self, call: Call, resource: Resource, _generated_name: str) -> None:
        request = self._which(resource.properties)
        if configuration := self._configuration(resource.properties):
            request["Configuration"] = configuration
        if characteristics := resource.properties.get("MetricCharacteristics"):
            request["MetricCharacteristics"] = characteristics
        call.client("cloudwatch").put_anomaly_detector(**request)
        resource.physical_id = resource.physical_id or str(uuid.uuid4())
        resource.attributes["Id"] = resource.physical_id

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed(self._IDENTITY, old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        cloudwatch = call.client("cloudwatch")
        try:
            cloudwatch.delete_anomaly_detector(**self._which(resource.properties))
        except cloudwatch.exceptions.ResourceNotFoundException:
            return

    def _which(self, properties: Properties) -> dict[str, Any]:
        if "MetricMathAnomalyDetector" in properties:
            return {"MetricMathAnomalyDetector": properties["MetricMathAnomalyDetector"]}
        single = properties.get("SingleMetricAnomalyDetector")
        if single is None:
            single = {name: properties[name] for name in self._SINGLE if name in properties}
        return {"SingleMetricAnomalyDetector": single}

    def _configuration(self, properties: Properties) -> dict[str, Any]:
        given = dict(properties.get("Configuration", {}))
        if "MetricTimeZone" in given:
            given["MetricTimezone"] = given.pop("MetricTimeZone")
        return given


class Alarm:
    """``AWS::CloudWatch::Alarm``: the properties are PutMetricAlarm's own."""

    _name, _put = "AlarmName", "put_metric_alarm"

    def create(self, call: Call, resource: Resource, generated_name: str) -> None:
        name = resource.properties.get(self._name, generated_name)
        getattr(call.client("cloudwatch"), self._put)(**{**resource.properties, self._name: name})
        resource.physical_id = name
        resource.attributes["Arn"] = call.arn("cloudwatch", f"alarm:{name}")

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed((self._name,), old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        call.client("cloudwatch").delete_alarms(AlarmNames=[resource.physical_id])


class CompositeAlarm(Alarm):
    """``AWS::CloudWatch::CompositeAlarm``."""

    _put = "put_composite_alarm"


class Dashboard:
    """``AWS::CloudWatch::Dashboard``."""

    def create(self, call: Call, resource: Resource, generated_name: str) -> None:
        name = resource.properties.get("DashboardName", generated_name)
        call.client("cloudwatch").put_dashboard(
            DashboardName=name, DashboardBody=resource.properties["DashboardBody"]
        )
        resource.physical_id = name

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed(("DashboardName",), old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        call.client("cloudwatch").delete_dashboards(DashboardNames=[resource.physical_id])


class Topic:
    """``AWS::SNS::Topic``, without inline subscriptions."""

    _ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")

    def create(self, call: Call, resource: Resource, generated_name: str) -> None:
        properties = resource.properties
        name = properties.get("TopicName", generated_name)
        sns = call.client("sns")
        arn = sns.create_topic(Name=name, Tags=properties.get("Tags", []))["TopicArn"]
        for attribute in self._ATTRIBUTES:
            if attribute in properties:
                sns.set_topic_attributes(
                    TopicArn=arn, AttributeName=attribute, AttributeValue=properties[attribute]
                )
        resource.physical_id = arn
        resource.attributes |= {"TopicArn": arn, "TopicName": name}

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed(("TopicName", "FifoTopic"), old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        call.client("sns").delete_topic(TopicArn=resource.physical_id)


class Queue:
    """``AWS::SQS::Queue``."""

    def create(self, call: Call, resource: Resource, generated_name: str) -> None:
        properties = dict(resource.properties)
        name = properties.pop("QueueName", generated_name)
        tags = {tag["Key"]: tag["Value"] for tag in properties.pop("Tags", [])}
        attributes = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in properties.items()
        }
        sqs = call.client("sqs")
        if resource.physical_id:
            sqs.set_queue_attributes(QueueUrl=resource.physical_id, Attributes=attributes)
        else:
            made = sqs.create_queue(QueueName=name, Attributes=attributes, tags=tags)
            resource.physical_id = made["QueueUrl"]
        resource.attributes |= {
            "Arn": call.arn("sqs", name),
            "QueueName": name,
            "QueueUrl": resource.physical_id,
        }

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed(("QueueName", "FifoQueue"), old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        call.client("sqs").delete_queue(QueueUrl=resource.physical_id)


class LogGroup:
    """``AWS::Logs::LogGroup``."""

    def create(self, call: Call, resource: Resource, generated_name: str) -> None:
        properties = resource.properties
        name = properties.get("LogGroupName", generated_name)
        logs = call.client("logs")
        if not resource.physical_id:
            request = {"logGroupName": name}
            if "KmsKeyId" in properties:
                request["kmsKeyId"] = properties["KmsKeyId"]
            logs.create_log_group(**request)
        if "RetentionInDays" in properties:
            logs.put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        elif resource.physical_id:
            logs.delete_retention_policy(logGroupName=name)
        resource.physical_id = name
        resource.attributes["Arn"] = call.arn("logs", f"log-group:{name}:*")

    def replaced_by(self, old: Properties, new: Properties) -> bool:
        return _changed(("LogGroupName", "LogGroupClass"), old, new)

    def delete(self, call: Call, resource: Resource) -> None:
        call.client("logs").delete_log_group(logGroupName=resource.physical_id)


TYPES: dict[str, Type] = {
    "AWS::CloudWatch::Alarm": Alarm(),
    "AWS::CloudWatch::AnomalyDetector": AnomalyDetector(),
    "AWS::CloudWatch::CompositeAlarm": CompositeAlarm(),
    "AWS::CloudWatch::Dashboard": Dashboard(),
    "AWS::Logs::LogGroup": LogGroup(),
    "AWS::SNS::Topic": Topic(),
    "AWS::SQS::Queue": Queue(),
}
