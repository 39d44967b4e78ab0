"""Sinks with their policies, and the links of other accounts to them."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.skyproof.emulator.every_kind.aws import Aws
from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged


def source_of(aws: Aws) -> str:
    """The account that links to the sink of this one."""
    return f"9{aws.account[1:]}"


class Sink(Tagged):
    """Changed by its policy, which goes with the sink."""

    service = "oam"
    gone = "ResourceNotFoundException"

    def first(self) -> Fields:
        return {"Name": "central"}

    def change(self) -> Fields:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": source_of(self.aws)},
            "Action": ["oam:CreateLink", "oam:UpdateLink"],
            "Resource": "*",
        }
        return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_sink(**fields)["Arn"]

    def update(self, change: Fields) -> None:
        self.client.put_sink_policy(SinkIdentifier=self.made, **change)

    def read(self) -> Fields | None:
        sink: Fields = self.client.get_sink(Identifier=self.made)
        return self._policy() | sink

    def _policy(self) -> Fields:
        try:
            return dict(self.client.get_sink_policy(SinkIdentifier=self.made))
        except self.client.exceptions.ResourceNotFoundException:
            return {}

    def delete(self) -> None:
        self.client.delete_sink(Identifier=self.made)


class Link(Tagged):
    """In the source account."""

    service = "oam"
    gone = "ResourceNotFoundException"

    @property
    def client(self) -> Any:
        return self.aws("oam", account=source_of(self.aws))

    def prepare(self) -> None:
        sink = Sink(self.aws)
        sink.create(sink.first())
        sink.update(sink.change())
        self.sink = sink.made

    def first(self) -> Fields:
        return {
            "LabelTemplate": "$AccountName",
            "ResourceTypes": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"],
            "LinkConfiguration": {
                "MetricConfiguration": {"Filter": "Namespace LIKE 'Shop%'"},
                "LogGroupConfiguration": {"Filter": "LogGroupName LIKE '/shop%'"},
            },
        }

    def change(self) -> Fields:
        return {
            "ResourceTypes": ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"],
            "LinkConfiguration": {
                "MetricConfiguration": {"Filter": "Namespace IN ('Shop', 'AWS/ECS')"},
                "LogGroupConfiguration": {"Filter": "LogGroupName NOT LIKE '/debug%'"},
            },
        }

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_link(SinkIdentifier=self.sink, **fields)["Arn"]

    def update(self, change: Fields) -> None:
        self.client.update_link(Identifier=self.made, **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_link(Identifier=self.made)
        return told

    def delete(self) -> None:
        self.client.delete_link(Identifier=self.made)


KINDS: tuple[type[Kind], ...] = (Sink, Link)
