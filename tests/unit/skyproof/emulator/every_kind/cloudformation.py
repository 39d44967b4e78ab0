"""Stacks, here with the anomaly detectors that Terraform's provider has no resource for."""

from __future__ import annotations

import json

from tests.unit.skyproof.emulator.every_kind.cloudwatch import (
    METRIC,
    AnomalyDetector,
    MathAnomalyDetector,
)
from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, TagApi, Tagged, Tags


class Stack(Tagged):
    """Tags are those of the latest update, which the stack's operations carry."""

    service = "cloudformation"
    gone = "ValidationError"

    @property
    def detector(self) -> AnomalyDetector:
        return AnomalyDetector(self.aws)

    @property
    def tag_api(self) -> TagApi:
        return TagApi("StackName", "Tags", "", ("Key", "Value"), gone="ValidationError")

    def subject(self) -> Fields:
        return {"SingleMetricAnomalyDetector": METRIC | {"Stat": "Sum"}}

    def first(self) -> Fields:
        return {"TemplateBody": self.template("Europe/Berlin")}

    def change(self) -> Fields:
        return {"TemplateBody": self.template("Asia/Tokyo")}

    def template(self, zone: str, kind: str = "AWS::CloudWatch::AnomalyDetector") -> str:
        excluded = {"StartTime": "2025-12-24T00:00:00", "EndTime": "2025-12-27T12:30:00"}
        properties = self.subject() | {
            "Configuration": {"MetricTimeZone": zone, "ExcludedTimeRanges": [excluded]},
            "MetricCharacteristics": {"PeriodicSpikes": True},
        }
        return json.dumps({"Resources": {"Detector": {"Type": kind, "Properties": properties}}})

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_stack(StackName="watch", **fields)["StackId"]

    def update(self, change: Fields) -> None:
        self.client.update_stack(StackName="watch", **change)

    def read(self) -> Fields | None:
        """The stack's template, once its detector is found to be what the template says."""
        self.client.describe_stacks(StackName="watch")
        told = json.loads(self.template_told())["Resources"]["Detector"]["Properties"]
        made = self.detector.read()
        assert made is not None, "the stack is there and its detector is not"
        wanted = told["Configuration"]["MetricTimeZone"]
        assert made["Configuration"]["MetricTimezone"] == wanted
        return {"TemplateBody": self.template_told()}

    def template_told(self) -> str:
        # botocore parses a template in JSON.
        return json.dumps(self.client.get_template(StackName="watch")["TemplateBody"])

    def delete(self) -> None:
        self.client.delete_stack(StackName="watch")

    def tag(self, tags: Tags) -> None:
        self._put(self.tags() | tags)

    def untag(self, names: list[str]) -> None:
        self._put({name: text for name, text in self.tags().items() if name not in names})

    def tags(self) -> Tags:
        [stack] = self.client.describe_stacks(StackName="watch")["Stacks"]
        return self.tag_api.read(stack["Tags"])

    def _put(self, tags: Tags) -> None:
        self.client.update_stack(
            StackName="watch", UsePreviousTemplate=True, Tags=self.tag_api.written(tags)
        )


class MathStack(Stack):
    def subject(self) -> Fields:
        return MathAnomalyDetector(self.aws).subject()


KINDS: tuple[type[Kind], ...] = (Stack, MathStack)
