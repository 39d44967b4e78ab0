"""Schedules and their groups."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged


class Schedule(Kind):
    service = "scheduler"
    gone = "ResourceNotFoundException"

    def prepare(self) -> None:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        created = self.aws("iam").create_role(RoleName="timer", AssumeRolePolicyDocument=policy)
        self.role = created["Role"]["Arn"]

    def target(self, **members: Any) -> Fields:
        queue = f"arn:aws:sqs:us-east-1:{self.aws.account}:box"
        return {"Arn": queue, "RoleArn": self.role, **members}

    def first(self) -> Fields:
        return {
            "ScheduleExpression": "cron(30 6 ? * MON-FRI *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            "StartDate": datetime(2126, 1, 1, tzinfo=UTC),
            "EndDate": datetime(2127, 1, 1, tzinfo=UTC),
            "Description": "wakes the shop",
            "State": "DISABLED",
            "ActionAfterCompletion": "DELETE",
            "KmsKeyArn": f"arn:aws:kms:us-east-1:{self.aws.account}:key/one",
            "Target": self.target(
                Input="hello",
                SqsParameters={"MessageGroupId": "a"},
                RetryPolicy={"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
                DeadLetterConfig={"Arn": f"arn:aws:sqs:us-east-1:{self.aws.account}:dead"},
            ),
        }

    def change(self) -> Fields:
        return {
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED",
            "ActionAfterCompletion": "NONE",
        }

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_schedule(Name="wake", **fields)["ScheduleArn"]

    def update(self, change: Fields) -> None:
        self.client.update_schedule(Name="wake", **(self.first() | change))

    def read(self) -> Fields | None:
        told: Fields = self.client.get_schedule(Name="wake")
        return told

    def delete(self) -> None:
        self.client.delete_schedule(Name="wake")


class ScheduleGroup(Tagged):
    """Of which nothing but tags can be changed."""

    service = "scheduler"
    gone = "ResourceNotFoundException"

    def first(self) -> Fields:
        return {"Name": "jobs"}

    def change(self) -> Fields:
        return {}

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_schedule_group(**fields)["ScheduleGroupArn"]

    def update(self, change: Fields) -> None:
        assert not change, "a group has no update"

    def read(self) -> Fields | None:
        told: Fields = self.client.get_schedule_group(Name="jobs")
        return told

    def delete(self) -> None:
        self.client.delete_schedule_group(Name="jobs")


KINDS: tuple[type[Kind], ...] = (Schedule, ScheduleGroup)
