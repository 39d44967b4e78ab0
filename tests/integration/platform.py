"""The applied platform, as the tests of its requirements see it: names, outputs and boto3."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from skyproof.expect import Metric, Queue, Views

MONITORING = "123456789012"
SOURCES = ("111122223333", "444455556666")
ACCOUNTS = (MONITORING, *SOURCES)
REGIONS = ("us-east-1", "us-west-2")
SEVERITIES = ("critical", "warning", "info")

ClientFactory = Callable[[str, str, str], Any]


class Inboxes:
    """The queues behind the severity topics, read without waiting."""

    def __init__(self, sqs: Any, urls: Mapping[str, str]) -> None:
        self._sqs = sqs
        self._urls = urls

    def messages(self, severity: str) -> list[str]:
        """Take every message from one inbox; what was published, without SNS's envelope."""
        taken: list[str] = []
        while batch := self._receive(severity):
            for message in batch:
                taken.append(json.loads(message["Body"])["Message"])
                self._sqs.delete_message(
                    QueueUrl=self._urls[severity], ReceiptHandle=message["ReceiptHandle"]
                )
        return taken

    def _receive(self, severity: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._urls[severity], MaxNumberOfMessages=10, WaitTimeSeconds=0
        )
        received: list[dict[str, Any]] = answer.get("Messages", [])
        return received


@dataclass(frozen=True)
class Platform:
    """One applied platform.

    Attributes:
        suffix: its ``environment_suffix``.
        endpoint: what its canaries probe, as the JSON list that they are given.
        outputs: the root outputs by name.
        clients: ``(service, region, account)`` → boto3 client.
        state_values: resource address → values, as Terraform holds them.
    """

    suffix: str
    environment: str
    endpoint: str
    log_retention_days: int
    outputs: Mapping[str, Any]
    clients: ClientFactory
    state_values: Mapping[str, Mapping[str, Any]]

    regions = REGIONS
    severities = SEVERITIES

    @property
    def prefix(self) -> str:
        return f"cw-obs-{self.suffix}"

    def name(self, what: str) -> str:
        """The contract's name of a thing, e.g. ``critical-alarms``."""
        return f"{self.prefix}-{what}"

    def owns(self, thing: Mapping[str, Any]) -> bool:
        """Whether something that AWS describes reads this platform's metrics or resources."""
        described = json.dumps(thing, default=str)
        return any(f'"{mine}' in described for mine in (f"{self.prefix}-", f"CwObs/{self.suffix}/"))

    def client(self, service: str, region: str = REGIONS[0], account: str = MONITORING) -> Any:
        return self.clients(service, region, account)

    def views(self, region: str = REGIONS[0], account: str = MONITORING) -> Views:
        """Alarms, queues, metrics, canaries and buckets, to expect something of."""
        return Views(self.clients, region, account)

    def inbox(self, severity: str) -> Queue:
        """The queue behind the topic of a severity."""
        return self.views().queue(self.outputs["inbox_queue_urls"][severity])

    def application(self, metric: str, stat: str = "Sum", period: int = 60) -> Metric:
        """A metric of the application, as alarms see it."""
        namespace = f"CwObs/{self.suffix}/Application"
        return self.views().metric(namespace, metric, stat=stat, period=period)

    @property
    def archive_buckets(self) -> dict[str, str]:
        """Bucket → region, for the archive and its copy."""
        return {
            self.name("metric-streams"): REGIONS[0],
            self.name("metric-streams-replica"): REGIONS[1],
        }

    def metric_alarms(self, region: str = REGIONS[0]) -> list[dict[str, Any]]:
        """The platform's metric alarms in a region."""
        return self._alarms(region, "MetricAlarms")

    def all_alarms(self, region: str = REGIONS[0]) -> list[dict[str, Any]]:
        """Its metric alarms and composites in a region."""
        return self._alarms(region, "MetricAlarms") + self._alarms(region, "CompositeAlarms")

    def _alarms(self, region: str, kind: str) -> list[dict[str, Any]]:
        pages = (
            self.client("cloudwatch", region)
            .get_paginator("describe_alarms")
            .paginate(AlarmNamePrefix=self.prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        return [alarm for page in pages for alarm in page[kind]]

    def metric_alarm(self, name: str, region: str = REGIONS[0]) -> dict[str, Any]:
        found = self.client("cloudwatch", region).describe_alarms(AlarmNames=[name])
        alarms: list[dict[str, Any]] = found["MetricAlarms"]
        assert [alarm["AlarmName"] for alarm in alarms] == [name]
        return alarms[0]

    @staticmethod
    def metrics_of(alarm: Mapping[str, Any]) -> set[tuple[str, str]]:
        """Namespace and name of every metric that an alarm reads, through metric math too."""
        if "MetricName" in alarm:
            return {(alarm["Namespace"], alarm["MetricName"])}
        stats = [q["MetricStat"]["Metric"] for q in alarm["Metrics"] if "MetricStat" in q]
        return {(metric["Namespace"], metric["MetricName"]) for metric in stats}

    def queue_attributes(self, arn: str) -> dict[str, str]:
        """All attributes of the queue with an ARN."""
        _, _, _, region, account, name = arn.split(":")
        sqs = self.client("sqs", region, account)
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attributes: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        return attributes

    def role(self, arn: str) -> dict[str, Any]:
        account = arn.split(":")[4]
        got = self.client("iam", account=account).get_role(RoleName=arn.rpartition("/")[2])
        role: dict[str, Any] = got["Role"]
        return role

    def trusted_services(self, role_arn: str) -> set[str]:
        """The AWS services that may assume a role."""
        services: set[str] = set()
        for statement in self.role(role_arn)["AssumeRolePolicyDocument"]["Statement"]:
            named = statement["Principal"].get("Service", [])
            services |= {named} if isinstance(named, str) else set(named)
        return services

    def function_package(self, name: str) -> list[str]:
        """The names of the files in the package that a function really runs."""
        location = self.client("lambda").get_function(FunctionName=name)["Code"]["Location"]
        body = urllib3.request("GET", location).data
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            assert package.testzip() is None
            return package.namelist()

    def canary_environment(self, name: str) -> Mapping[str, str]:
        """The environment variables that a canary was given."""
        for address, values in self.state_values.items():
            if ".aws_synthetics_canary." in address and values["name"] == name:
                variables: Mapping[str, str] = values["run_config"][0]["environment_variables"]
                return variables
        raise AssertionError(f"no canary {name} in the state")

    @contextmanager
    def emptied_inboxes(self) -> Iterator[Inboxes]:
        """The severity inboxes, empty now and again afterwards."""
        inboxes = Inboxes(self.client("sqs"), self.outputs["inbox_queue_urls"])
        for severity in SEVERITIES:
            inboxes.messages(severity)
        yield inboxes
        for severity in SEVERITIES:
            inboxes.messages(severity)
