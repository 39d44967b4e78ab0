"""Schedules whose role Scheduler may assume."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Schedule = Callable[..., str]


def document(**statement: Any) -> str:
    statements = [{"Effect": "Allow", **statement}]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def role(client: Client) -> Callable[..., str]:
    """``role("sqs:SendMessage")``: the ARN of a role that may do that, and nothing else."""

    def make(*actions: str, **trust: Any) -> str:
        iam = client("iam")
        trusted = {"Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = document(**trusted, **trust)
        arn = iam.create_role(RoleName="scheduler", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
        if actions:
            may = document(Action=list(actions), Resource="*")
            iam.put_role_policy(RoleName="scheduler", PolicyName="may", PolicyDocument=may)
        return str(arn)

    return make


@pytest.fixture
def schedule(client: Client) -> Schedule:
    """``schedule("rate(1 hour)", arn, role)``: a schedule's ARN."""

    def make(expression: str, target: str, role: str, **members: Any) -> str:
        told = {"Arn": target, "RoleArn": role, **members.pop("Target", {})}
        created = client("scheduler").create_schedule(
            **{
                "Name": "nightly",
                "ScheduleExpression": expression,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": told,
                **members,
            }
        )
        return str(created["ScheduleArn"])

    return make
