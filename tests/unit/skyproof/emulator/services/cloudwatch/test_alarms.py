"""Describing, deleting, switching and setting alarms, and their history."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
OTHER = "arn:aws:sns:us-east-1:123456789012:others"


def names(answer: dict[str, Any]) -> list[str]:
    return [a["AlarmName"] for a in answer["MetricAlarms"] + answer["CompositeAlarms"]]


@pytest.fixture
def five(cloudwatch: Any, put_alarm: Any) -> None:
    put_alarm("api-errors", AlarmActions=[TOPIC])
    put_alarm("api-latency", OKActions=[OTHER])
    put_alarm("queue-depth", InsufficientDataActions=[TOPIC])
    cloudwatch.put_composite_alarm(AlarmName="api-health", AlarmRule="TRUE", AlarmActions=[TOPIC])
    cloudwatch.put_composite_alarm(AlarmName="zone", AlarmRule="FALSE")
    cloudwatch.set_alarm_state(AlarmName="api-errors", StateValue="ALARM", StateReason="x")
    cloudwatch.set_alarm_state(AlarmName="api-health", StateValue="ALARM", StateReason="x")


BOTH = ["MetricAlarm", "CompositeAlarm"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["api-errors", "api-latency", "queue-depth"]),
        ({"AlarmTypes": ["CompositeAlarm"]}, ["api-health", "zone"]),
        ({"AlarmTypes": BOTH}, ["api-errors", "api-latency", "queue-depth", "api-health", "zone"]),
        ({"AlarmNames": ["zone", "api-latency", "nobody"]}, ["api-latency"]),
        ({"AlarmNames": ["zone", "api-latency"], "AlarmTypes": BOTH}, ["api-latency", "zone"]),
        (
            {"AlarmNamePrefix": "api-", "AlarmTypes": BOTH},
            ["api-errors", "api-latency", "api-health"],
        ),
        ({"StateValue": "ALARM"}, ["api-errors"]),
        ({"StateValue": "OK"}, []),
        ({"StateValue": "ALARM", "AlarmTypes": BOTH}, ["api-errors", "api-health"]),
        ({"ActionPrefix": TOPIC}, ["api-errors", "queue-depth"]),
        ({"ActionPrefix": "arn:aws:sns"}, ["api-errors", "api-latency", "queue-depth"]),
        ({"ActionPrefix": "arn:aws:sns", "AlarmNamePrefix": "q"}, ["queue-depth"]),
    ],
)
def test_filters(cloudwatch: Any, five: None, filters: dict[str, Any], expected: list[str]) -> None:
    assert names(cloudwatch.describe_alarms(**filters)) == expected


def test_names_and_a_prefix_exclude_each_other(cloudwatch: Any, refused: Any) -> None:
    with refused("ValidationError", "AlarmNamePrefix and AlarmNames cannot both be set"):
        cloudwatch.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


def test_pages(cloudwatch: Any, put_alarm: Any) -> None:
    for number in range(5):
        put_alarm(f"alarm-{number}")
    pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 2})
    assert [names(page) for page in pages] == [
        ["alarm-0", "alarm-1"],
        ["alarm-2", "alarm-3"],
        ["alarm-4"],
    ]


def test_a_page_that_is_just_full_has_no_successor(cloudwatch: Any, put_alarm: Any) -> None:
    put_alarm("a")
    put_alarm("b")
    assert "NextToken" not in cloudwatch.describe_alarms(MaxRecords=2)


@pytest.mark.parametrize("token", ["guess", "ZnJvbTp4", "ZnJvbTotMQ", "é", "b3RoZXI6MQ"])
def test_a_foreign_token_is_refused(cloudwatch: Any, refused: Any, token: str) -> None:
    with refused("InvalidNextToken", "The next token is invalid."):
        cloudwatch.describe_alarms(NextToken=token)


def test_alarms_for_a_metric(cloudwatch: Any, put_alarm: Any) -> None:
    stage = [{"Name": "Stage", "Value": "prod"}, {"Name": "Api", "Value": "x"}]
    put_alarm("bare")
    put_alarm("sum", Statistic="Sum", Period=300)
    put_alarm("p99", Statistic=None, ExtendedStatistic="p99", Unit="Percent")
    put_alarm("dimensions", Dimensions=stage)
    put_alarm("other", MetricName="Other")
    cloudwatch.put_composite_alarm(AlarmName="composite", AlarmRule="ALARM(bare)")
    metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}

    def found(**filters: Any) -> list[str]:
        answer = cloudwatch.describe_alarms_for_metric(**metric, **filters)
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]

    assert found() == ["bare", "p99", "sum"]
    assert found(Statistic="Sum") == ["sum"]
    assert found(ExtendedStatistic="p99") == ["p99"]
    assert found(Period=300) == ["sum"]
    assert found(Unit="Percent") == ["p99"]
    assert found(Dimensions=stage[::-1]) == ["dimensions"]
    assert found(Dimensions=stage[:1]) == []


def test_deleting_passes_over_what_is_not_there(cloudwatch: Any, put_alarm: Any) -> None:
    put_alarm("a", Tags=[{"Key": "k", "Value": "v"}])
    cloudwatch.delete_alarms(AlarmNames=["nobody", "a", "a"])
    assert names(cloudwatch.describe_alarms()) == []
    put_alarm("a")
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_actions_are_switched_off_and_on(cloudwatch: Any, put_alarm: Any, clock: Any) -> None:
    put_alarm("a")
    clock.advance(5)
    cloudwatch.disable_alarm_actions(AlarmNames=["a", "nobody"])
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (alarm["ActionsEnabled"], alarm["AlarmConfigurationUpdatedTimestamp"]) == (
        False,
        clock.now(),
    )
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["ActionsEnabled"] is True
    changes = history(cloudwatch, AlarmName="a")
    assert [item["HistorySummary"] for item in changes] == [
        'Alarm "a" updated',
        'Alarm "a" updated',
        'Alarm "a" created',
    ], "switching on what is on is no change"


def test_setting_a_state(cloudwatch: Any, put_alarm: Any, clock: Any) -> None:
    put_alarm("a")
    clock.advance(60)
    cloudwatch.set_alarm_state(
        AlarmName="a", StateValue="ALARM", StateReason="drill", StateReasonData='{"k": 1}'
    )
    changed = clock.now()
    clock.advance(60)
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="again")
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert alarm["StateReason"] == "again"
    assert "StateReasonData" not in alarm
    assert alarm["StateUpdatedTimestamp"] == clock.now()
    assert alarm["StateTransitionedTimestamp"] == changed


def test_what_cannot_be_set(cloudwatch: Any, put_alarm: Any, refused: Any) -> None:
    """Recorded in LocalStack's snapshot ``test_set_alarm_invalid_input`` of 24-11-2023."""
    put_alarm("a")
    enum = (
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy "
        "constraint: "
        "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
    )
    with refused("ValidationError", enum):
        cloudwatch.set_alarm_state(AlarmName="a", StateValue="INVALID", StateReason="x")
    with refused("ResourceNotFound", ""):
        cloudwatch.set_alarm_state(AlarmName="nobody", StateValue="OK", StateReason="x")
    with refused("InvalidFormat", "StateReasonData is not valid JSON"):
        cloudwatch.set_alarm_state(
            AlarmName="a", StateValue="OK", StateReason="x", StateReasonData="{"
        )


def history(cloudwatch: Any, **filters: Any) -> list[dict[str, Any]]:
    return list(cloudwatch.describe_alarm_history(**filters)["AlarmHistoryItems"])


def test_history_of_a_state(cloudwatch: Any, put_alarm: Any) -> None:
    """The form is recorded in LocalStack's snapshot ``test_put_metric_alarm`` of 26-10-2023."""
    put_alarm("a")
    cloudwatch.set_alarm_state(
        AlarmName="a", StateValue="ALARM", StateReason="drill", StateReasonData='{"version":"1.0"}'
    )
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="the same again")
    (item,) = history(cloudwatch, AlarmName="a", HistoryItemType="StateUpdate")
    assert json.loads(item.pop("HistoryData")) == {
        "version": "1.0",
        "oldState": {
            "stateValue": "INSUFFICIENT_DATA",
            "stateReason": "Unchecked: Initial alarm creation",
        },
        "newState": {
            "stateValue": "ALARM",
            "stateReason": "drill",
            "stateReasonData": {"version": "1.0"},
        },
    }
    assert item == {
        "AlarmName": "a",
        "AlarmType": "MetricAlarm",
        "Timestamp": START,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": "Alarm updated from INSUFFICIENT_DATA to ALARM",
    }


CREATED = (
    '{"version":"1.0","type":"Create","createdAlarm":{"alarmName":"a","alarmDescription":"text",'
    '"alarmArn":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:a",'
    '"alarmConfigurationUpdatedTimestamp":"2026-01-05T12:00:00.000+0000",'
)


def test_history_of_a_configuration(cloudwatch: Any, put_alarm: Any, clock: Any) -> None:
    put_alarm("a", AlarmDescription="text", Dimensions=[{"Name": "A", "Value": "1"}])
    clock.advance(1.5)
    put_alarm("a", AlarmDescription="text", Threshold=50.0, Unit="Percent")
    cloudwatch.delete_alarms(AlarmNames=["a"])
    items = history(cloudwatch, AlarmName="a", ScanBy="TimestampAscending")
    assert [(i["HistoryItemType"], i["HistorySummary"]) for i in items] == [
        ("ConfigurationUpdate", 'Alarm "a" created'),
        ("ConfigurationUpdate", 'Alarm "a" updated'),
        ("ConfigurationUpdate", 'Alarm "a" deleted'),
    ]
    assert items[0]["HistoryData"].startswith(CREATED)
    assert items[0]["HistoryData"].endswith(
        '"actionsEnabled":true,"alarmActions":[],"insufficientDataActions":[],"okactions":[]}}'
    )
    created, updated, deleted = (json.loads(item["HistoryData"]) for item in items)
    assert created["createdAlarm"]["dimensions"] == [{"name": "A", "value": "1"}]
    assert created["createdAlarm"]["threshold"] == 90.0
    assert updated["type"] == "Update"
    assert updated["updatedAlarm"]["threshold"] == 50.0
    assert updated["originalUpdatedFields"] == {
        "alarmConfigurationUpdatedTimestamp": "2026-01-05T12:00:00.000+0000",
        "dimensions": [{"name": "A", "value": "1"}],
        "threshold": 90.0,
        "unit": None,
    }
    assert deleted["type"] == "Delete"
    assert deleted["deletedAlarm"]["alarmName"] == "a"


def test_history_data_is_never_longer_than_the_model_allows(
    cloudwatch: Any, put_alarm: Any
) -> None:
    put_alarm("a", Dimensions=[{"Name": f"n{i}", "Value": "v" * 1000} for i in range(10)])
    (item,) = history(cloudwatch, AlarmName="a")
    assert len(item["HistoryData"]) == 4095


def test_history_filters(cloudwatch: Any, put_alarm: Any, clock: Any) -> None:
    put_alarm("a")
    clock.advance(60)
    put_alarm("b")
    clock.advance(60)
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)")
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="x")

    def found(**filters: Any) -> list[str]:
        return [
            f"{i['AlarmName']}:{i['HistoryItemType'][0]}" for i in history(cloudwatch, **filters)
        ]

    assert found() == ["a:S", "b:C", "a:C"], "metric alarms only, newest first"
    assert found(ScanBy="TimestampAscending") == ["a:C", "b:C", "a:S"]
    assert found(AlarmTypes=["CompositeAlarm"]) == ["c:S", "c:C"]
    assert found(AlarmName="c") == ["c:S", "c:C"]
    assert found(AlarmName="c", AlarmTypes=["MetricAlarm"]) == []
    assert found(HistoryItemType="StateUpdate") == ["a:S"]
    assert found(StartDate=START + timedelta(seconds=60)) == ["a:S", "b:C"]
    assert found(EndDate=START + timedelta(seconds=60)) == ["b:C", "a:C"]


def test_history_pages(cloudwatch: Any, put_alarm: Any) -> None:
    for name in "abc":
        put_alarm(name)
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        PaginationConfig={"PageSize": 2}
    )
    assert [[i["AlarmName"] for i in page["AlarmHistoryItems"]] for page in pages] == [
        ["c", "b"],
        ["a"],
    ]
