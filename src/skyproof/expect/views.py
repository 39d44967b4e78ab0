"""Resources as a test looks at them: by boto3, whatever the backend."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

Client = Callable[..., Any]


@dataclass(frozen=True)
class AlarmState:
    """What DescribeAlarms says of an alarm."""

    value: str
    reason: str
    since: datetime
    suppressed_by: str | None

    def __str__(self) -> str:
        by = f" (actions suppressed by {self.suppressed_by})" if self.suppressed_by else ""
        return f"{self.value}{by}: {self.reason}"


@dataclass(frozen=True)
class Alarm:
    """A metric or composite alarm."""

    name: str
    cloudwatch: Any

    def __str__(self) -> str:
        return f"alarm {self.name}"

    def state(self) -> AlarmState:
        """Its present state; raises AssertionError when there is no such alarm."""
        answer = self.cloudwatch.describe_alarms(
            AlarmNames=[self.name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found = answer["MetricAlarms"] + answer["CompositeAlarms"]
        assert found, f"there is no alarm {self.name}"
        alarm = found[0]
        return AlarmState(
            alarm["StateValue"],
            alarm["StateReason"],
            alarm["StateTransitionedTimestamp"],
            alarm.get("ActionsSuppressedBy"),
        )

    def transitions(self, since: datetime) -> list[tuple[datetime, str]]:
        """When it went to which state, oldest first."""
        pages = self.cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmName=self.name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=since,
            ScanBy="TimestampAscending",
        )
        items = [item for page in pages for item in page["AlarmHistoryItems"]]
        return [
            (item["Timestamp"], json.loads(item["HistoryData"])["newState"]["stateValue"])
            for item in items
        ]


@dataclass(frozen=True)
class Message:
    """A message that a queue was sent, without SNS's envelope where it came in one."""

    body: str
    attributes: Mapping[str, str]
    envelope: Mapping[str, Any]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        attributes = ", ".join(f"{name}={value}" for name, value in sorted(self.attributes.items()))
        return f"[{attributes}] {self.body[:200]}"


@dataclass
class Queue:
    """A queue, read for a test: what is received is taken from it and kept here.

    Attributes:
        taken: every message so far, oldest first.
    """

    url: str
    sqs: Any
    taken: list[Message] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"queue {self.name}"

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    def messages(self) -> list[Message]:
        """Everything that arrived since the queue was emptied.

        A message that comes twice counts once: standard queues deliver at least once.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
        """
        while batch := self._receive():
            for message in batch:
                if message["MessageId"] not in self._seen:
                    self._seen.add(message["MessageId"])
                    self.taken.append(_opened(message))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return list(self.taken)

    def empty(self) -> None:
        """Forget what there is."""
        self.messages()
        self.taken.clear()

    def _receive(self) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found


@dataclass(frozen=True)
class Metric:
    """A metric with one statistic of it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    period: int
    account: str | None
    cloudwatch: Any

    def __str__(self) -> str:
        dimensions = ",".join(f"{k}={v}" for k, v in self.dimensions.items())
        return f"metric {self.namespace} {self.name} {{{dimensions}}} {self.stat}"

    def put(
        self,
        *values: float,
        at: datetime,
        every: timedelta = timedelta(minutes=1),
        unit: str = "None",
    ) -> None:
        """Publish a series whose last value is at a moment, each one period of time apart."""
        data = [
            {
                "MetricName": self.name,
                "Dimensions": self._dimensions,
                "Timestamp": at - every * (len(values) - 1 - number),
                "Value": value,
                "Unit": unit,
            }
            for number, value in enumerate(values)
        ]
        for start in range(0, len(data), 1000):
            self.cloudwatch.put_metric_data(
                Namespace=self.namespace, MetricData=data[start : start + 1000]
            )

    def points(self, start: datetime, end: datetime) -> list[tuple[datetime, float]]:
        """The values in a span of time, oldest first."""
        query: dict[str, Any] = {
            "Id": "m",
            "MetricStat": {
                "Metric": {
                    "Namespace": self.namespace,
                    "MetricName": self.name,
                    "Dimensions": self._dimensions,
                },
                "Period": self.period,
                "Stat": self.stat,
            },
        }
        if self.account is not None:
            query["AccountId"] = self.account
        pages = self.cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[query], StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        return [
            point
            for page in pages
            for result in page["MetricDataResults"]
            for point in zip(result["Timestamps"], result["Values"], strict=True)
        ]

    @property
    def _dimensions(self) -> list[dict[str, str]]:
        return [{"Name": name, "Value": value} for name, value in self.dimensions.items()]


@dataclass(frozen=True)
class Canary:
    """A canary and its runs."""

    name: str
    synthetics: Any

    def __str__(self) -> str:
        return f"canary {self.name}"

    def runs(self) -> list[dict[str, Any]]:
        """Its runs, the newest first."""
        found: list[dict[str, Any]] = self.synthetics.get_canary_runs(Name=self.name)["CanaryRuns"]
        return found


@dataclass(frozen=True)
class Bucket:
    """A bucket and its objects."""

    name: str
    s3: Any

    def __str__(self) -> str:
        return f"bucket {self.name}"

    def keys(self, prefix: str = "") -> list[str]:
        """The keys of the current objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def versions(self, prefix: str = "") -> int:
        """How many versions there are; delete markers hold nothing, and are not counted."""
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=self.name, Prefix=prefix
        )
        return sum(len(page.get("Versions", [])) for page in pages)

    def head(self, key: str) -> dict[str, Any] | None:
        """HeadObject, or ``None`` when there is no such object."""
        try:
            found: dict[str, Any] = self.s3.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        return found

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        return bytes(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read())


@dataclass(frozen=True)
class Views:
    """Makes views of the resources of one account and region.

    Args:
        client: ``client(service, region, account)``.
    """

    client: Client
    region: str | None = None
    account: str | None = None

    def at(self, region: str | None = None, account: str | None = None) -> Views:
        """The same elsewhere."""
        return Views(self.client, region or self.region, account or self.account)

    def alarm(self, name: str) -> Alarm:
        return Alarm(name, self._client("cloudwatch"))

    def queue(self, url: str) -> Queue:
        return Queue(url, self._client("sqs"))

    def canary(self, name: str) -> Canary:
        return Canary(name, self._client("synthetics"))

    def bucket(self, name: str) -> Bucket:
        return Bucket(name, self._client("s3"))

    def metric(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str] | None = None,
        *,
        stat: str = "Sum",
        period: int = 60,
        account: str | None = None,
    ) -> Metric:
        """A metric; ``account`` names the linked account that it is of."""
        cloudwatch = self._client("cloudwatch")
        return Metric(namespace, name, dimensions or {}, stat, period, account, cloudwatch)

    def _client(self, service: str) -> Any:
        return self.client(service, self.region, self.account)


def _opened(message: Mapping[str, Any]) -> Message:
    """Take a message out of SNS's envelope, if it lies in one."""
    attributes = {
        name: str(one.get("StringValue", ""))
        for name, one in message.get("MessageAttributes", {}).items()
    }
    body = str(message["Body"])
    try:
        envelope = json.loads(body)
    except ValueError:
        envelope = None
    if isinstance(envelope, dict) and envelope.get("Type") == "Notification":
        enclosed = envelope.get("MessageAttributes", {})
        attributes |= {name: str(one["Value"]) for name, one in enclosed.items()}
        return Message(str(envelope["Message"]), attributes, envelope)
    return Message(body, attributes, {})
