"""A module in whatever AWS the run is told: every night a real account, in CI a strict emulator.

pytest tests/sandbox --skyproof-backend=sandbox --skyproof-sandbox-accounts=111122223333
"""

from __future__ import annotations

import pytest

from skyproof.applied import AppliedStack
from skyproof.run import Run
from skyproof.terraform import Plan

pytestmark = [
    pytest.mark.stack("module", variables={"name": "cw-obs-{skyproof_suffix}"}),
    pytest.mark.parity(localstack="supplied", sandbox="holds"),
]


def test_the_alarm_tells_the_topic(stack: AppliedStack, run: Run) -> None:
    cloudwatch = stack.client("cloudwatch")
    name = f"cw-obs-{run.suffix}"
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["AlarmActions"] == [stack.state.managed["aws_sns_topic.alerts"]["arn"]]


def test_what_can_be_tagged_is_the_runs(stack: AppliedStack, run: Run) -> None:
    if stack.backend.is_local:
        pytest.skip(f"the {stack.backend.name} backend ends with the run and needs no tags")
    topic = stack.state.managed["aws_sns_topic.alerts"]["arn"]
    tags = stack.client("sns").list_tags_for_resource(ResourceArn=topic)["Tags"]
    assert {"Key": "skyproof:run", "Value": run.id} in tags


def test_a_second_plan_is_empty(plan: Plan) -> None:
    assert plan.is_empty
