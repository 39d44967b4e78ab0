"""PutCompositeAlarm, and what depends on what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


@pytest.fixture
def alarms(put_alarm: Any) -> None:
    for name in "abc":
        put_alarm(name)


@pytest.fixture
def compose(cloudwatch: Any, alarms: None) -> Any:
    """``compose(name, rule, **more)``."""

    def put(name: str, rule: str, **more: Any) -> None:
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule, **more)

    return put


def composites(cloudwatch: Any) -> list[dict[str, Any]]:
    return list(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"])


def test_every_field_is_kept(cloudwatch: Any, compose: Any) -> None:
    params = {
        "AlarmDescription": "all of it",
        "ActionsEnabled": False,
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
        "InsufficientDataActions": [TOPIC],
        "ActionsSuppressor": "c",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
    }
    compose("all", 'ALARM("a") AND NOT OK(b)', **params)
    assert composites(cloudwatch) == [
        params
        | {
            "AlarmName": "all",
            "AlarmArn": f"{ARN}all",
            "AlarmRule": 'ALARM("a") AND NOT OK(b)',
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "AlarmConfigurationUpdatedTimestamp": START,
            "StateUpdatedTimestamp": START,
            "StateTransitionedTimestamp": START,
        }
    ]


def test_an_alarm_may_be_named_by_arn(cloudwatch: Any, compose: Any) -> None:
    compose("all", f"ALARM({ARN}a) OR ALARM(b)", ActionsSuppressor=f"{ARN}c",
            ActionsSuppressorWaitPeriod=0, ActionsSuppressorExtensionPeriod=0)  # fmt: skip
    found = cloudwatch.describe_alarms(ChildrenOfAlarmName="all")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["a", "b"]


ABSENT = "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"AlarmRule": "ALARM(a) OR ALARM(x) OR OK(y)"}, ABSENT.format("x, y")),
        (
            {"AlarmRule": f"ALARM({ARN.replace('east', 'west')}a)"},
            ABSENT.format(f"{ARN.replace('east', 'west')}a"),
        ),
        (
            {"AlarmRule": f"ALARM({ARN.replace('123456789012', '210987654321')}a)"},
            ABSENT.format(f"{ARN.replace('123456789012', '210987654321')}a"),
        ),
        ({"AlarmRule": "ALARM(all)"}, ABSENT.format("all")),
        (
            {"AlarmRule": "ALARM(a b)"},
            "Error in AlarmRule [Unsupported token 'b' at char 8, must be: ')']",
        ),
        (
            {"AlarmRule": "ALARM(a)\n"},
            "AlarmRule must not contain leading or trailing whitespace or be null",
        ),
        (
            {"AlarmRule": "TRUE", "AlarmActions": [TOPIC.replace("east-1", "west-2")]},
            "Invalid region us-west-2 specified. Only us-east-1 is supported.",
        ),
        (
            {"AlarmRule": "TRUE", "AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]},
            "Invalid action: arn:aws:automate:us-east-1:ec2:stop",
        ),
        (
            {"AlarmRule": "TRUE", "ActionsSuppressor": "c", "ActionsSuppressorExtensionPeriod": 1},
            "ActionsSuppressorWaitPeriod is required when ActionsSuppressor is set",
        ),
        (
            {
                "AlarmRule": "TRUE",
                "ActionsSuppressor": "c",
                "ActionsSuppressorWaitPeriod": 1,
                "ActionsSuppressorExtensionPeriod": -1,
            },
            "ActionsSuppressorExtensionPeriod must not be negative",
        ),
        (
            {"AlarmRule": "TRUE", "ActionsSuppressorWaitPeriod": 1},
            "ActionsSuppressorWaitPeriod can only be set if ActionsSuppressor is set",
        ),
        (
            {
                "AlarmRule": "TRUE",
                "ActionsSuppressor": "x",
                "ActionsSuppressorWaitPeriod": 1,
                "ActionsSuppressorExtensionPeriod": 1,
            },
            "Could not save the composite alarm as alarms [x] in the ActionsSuppressor do not "
            "exist",
        ),
    ],
)
def test_what_is_refused_and_how(
    cloudwatch: Any, alarms: None, refused: Any, params: dict[str, Any], message: str
) -> None:
    with refused("ValidationError", message):
        cloudwatch.put_composite_alarm(AlarmName="all", **params)
    assert composites(cloudwatch) == []


def test_a_name_belongs_to_one_kind_of_alarm(
    cloudwatch: Any, compose: Any, put_alarm: Any, refused: Any
) -> None:
    compose("all", "ALARM(a)")
    text = "AlarmName [{}] is already used by another alarm of a different type"
    with refused("ValidationError", text.format("a")):
        compose("a", "ALARM(b)")
    with refused("ValidationError", text.format("all")):
        put_alarm("all")


def test_children_and_parents(cloudwatch: Any, compose: Any, refused: Any) -> None:
    compose("lower", "ALARM(a) OR ALARM(b)")
    compose("upper", "ALARM(lower) AND OK(b)")
    children = cloudwatch.describe_alarms(ChildrenOfAlarmName="upper")
    assert [sorted(alarm) for alarm in children["MetricAlarms"] + children["CompositeAlarms"]] == [
        ["AlarmArn", "AlarmName", "StateUpdatedTimestamp", "StateValue"]
    ] * 2
    assert children["MetricAlarms"][0]["AlarmName"] == "b"
    assert children["CompositeAlarms"][0]["AlarmName"] == "lower"
    parents = cloudwatch.describe_alarms(ParentsOfAlarmName="b")
    assert parents["CompositeAlarms"] == [
        {"AlarmName": name, "AlarmArn": f"{ARN}{name}"} for name in ("lower", "upper")
    ]
    assert parents["MetricAlarms"] == []
    with refused("ValidationError", "ChildrenOfAlarmName cannot be used together with StateValue"):
        cloudwatch.describe_alarms(ChildrenOfAlarmName="upper", StateValue="OK")
    with refused("ValidationError", "Alarm nobody does not exist"):
        cloudwatch.describe_alarms(ParentsOfAlarmName="nobody")


def test_a_child_stays_as_long_as_its_parent(cloudwatch: Any, compose: Any, refused: Any) -> None:
    compose("all", "ALARM(a) OR ALARM(b)")
    text = "Cannot delete {} as there are composite alarm(s) depending on {}."
    with refused("ValidationError", text.format("a", "it")):
        cloudwatch.delete_alarms(AlarmNames=["a", "c"])
    with refused("ValidationError", text.format("a, b", "them")):
        cloudwatch.delete_alarms(AlarmNames=["a", "b"])
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 3, (
        "a refused delete must delete nothing"
    )
    cloudwatch.delete_alarms(AlarmNames=["a", "all"])
    assert [a["AlarmName"] for a in cloudwatch.describe_alarms()["MetricAlarms"]] == ["b", "c"]


def test_a_suppressor_stays_as_long_as_what_it_suppresses(
    cloudwatch: Any, compose: Any, refused: Any
) -> None:
    suppressor = {
        "ActionsSuppressor": "c",
        "ActionsSuppressorWaitPeriod": 1,
        "ActionsSuppressorExtensionPeriod": 1,
    }
    compose("all", "TRUE", **suppressor)
    text = "Cannot delete c as there are composite alarm(s) depending on it."
    with refused("ValidationError", text):
        cloudwatch.delete_alarms(AlarmNames=["c"])


def test_a_cycle_is_allowed_and_must_be_broken_to_be_deleted(
    cloudwatch: Any, compose: Any, refused: Any
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
    compose("one", "TRUE")
    compose("two", "ALARM(one)")
    compose("one", "ALARM(two)")
    for name in ("one", "two"):
        text = f"Cannot delete {name} as there are composite alarm(s) depending on it."
        with refused("ValidationError", text):
            cloudwatch.delete_alarms(AlarmNames=[name])
    compose("one", "FALSE")
    cloudwatch.delete_alarms(AlarmNames=["two"])
    assert [alarm["AlarmName"] for alarm in composites(cloudwatch)] == ["one"]


def test_an_alarm_may_come_to_watch_itself(cloudwatch: Any, compose: Any) -> None:
    compose("one", "TRUE")
    compose("one", "ALARM(one)")
    found = cloudwatch.describe_alarms(ChildrenOfAlarmName="one")["CompositeAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["one"]


def test_one_composite_may_be_deleted_at_a_time(
    cloudwatch: Any, compose: Any, refused: Any
) -> None:
    compose("one", "TRUE")
    compose("two", "TRUE")
    text = "You cannot delete more than one composite alarm in one operation."
    with refused("ValidationError", text):
        cloudwatch.delete_alarms(AlarmNames=["one", "two"])
    cloudwatch.delete_alarms(AlarmNames=["one"])
    cloudwatch.delete_alarms(AlarmNames=["two"])
    assert composites(cloudwatch) == []


def test_150_parents_are_the_most(cloudwatch: Any, compose: Any, refused: Any) -> None:
    for number in range(150):
        compose(f"p{number}", "ALARM(a)")
    compose("p7", "ALARM(a) OR ALARM(b)")
    text = "Alarm a is already in the rules of 150 composite alarms"
    with refused("LimitExceeded", text):
        compose("p150", "ALARM(a)")
