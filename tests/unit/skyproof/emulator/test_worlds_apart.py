"""Worlds are independent, whatever is done in which order: each is held against a model of its own.

A model is a dict: what was put where. A copy of a world begins with a copy of its model; from then
on each write goes into one world and into that world's model.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.served import Served

EXAMPLES, STEPS, MOST_WORLDS = 12, 50, 4

names, values, worlds = st.sampled_from("abc"), st.integers(1, 99), st.integers(0, MOST_WORLDS)


class Modelled:
    """A world, and what should be in it."""

    def __init__(self, served: Served, model: dict[str, Any], parent: Modelled | None) -> None:
        self.served, self.model, self.parent = served, model, parent
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.served.client(service)
        return self._clients[service]

    def fork(self) -> Modelled:
        return Modelled(self.served.fork(), copy.deepcopy(self.model), self)

    def descends_from(self, other: Modelled) -> bool:
        return self is other or (self.parent is not None and self.parent.descends_from(other))

    def found(self) -> dict[str, Any]:
        """What is in it, as the model says it."""
        return {kind: look(self) for kind, look in LOOKS.items()}


def begin(served: Served) -> Modelled:
    """A world with a place for everything, and its clock standing."""
    served.ask("POST clock", {"now": MONDAY.isoformat(), "mode": "manual"})
    world = Modelled(served, {**{kind: {} for kind in LOOKS}, "clock": MONDAY}, None)
    world.client("s3").create_bucket(Bucket="bucket")
    for name in "abc":
        world.client("sqs").create_queue(QueueName=name)
        world.client("logs").create_log_group(logGroupName=name)
        world.client("logs").create_log_stream(logGroupName=name, logStreamName="s")
    world.client("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return world


def _objects(world: Modelled) -> dict[str, int]:
    s3 = world.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="bucket").get("Contents", [])]
    return {key: int(s3.get_object(Bucket="bucket", Key=key)["Body"].read()) for key in keys}


def _messages(world: Modelled) -> dict[str, int]:
    sqs, found = world.client("sqs"), {}
    for name in "abc":
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        found[name] = int(attributes["ApproximateNumberOfMessages"])
    return {name: count for name, count in found.items() if count}


def _data(world: Modelled) -> dict[str, int]:
    cloudwatch, found = world.client("cloudwatch"), {}
    for metric in cloudwatch.list_metrics(Namespace="N")["Metrics"]:
        points = cloudwatch.get_metric_statistics(
            Namespace="N",
            MetricName=metric["MetricName"],
            StartTime=MONDAY - timedelta(days=1),
            EndTime=MONDAY + timedelta(days=1),
            Period=86_400,
            Statistics=["Sum"],
        )["Datapoints"]
        found[metric["MetricName"]] = round(sum(point["Sum"] for point in points))
    return found


def _alarms(world: Modelled) -> dict[str, int]:
    found = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"]: round(alarm["Threshold"]) for alarm in found}


def _events(world: Modelled) -> dict[str, list[int]]:
    logs = world.client("logs")
    found = {name: logs.filter_log_events(logGroupName=name)["events"] for name in "abc"}
    return {
        name: [int(event["message"]) for event in events]
        for name, events in found.items()
        if events
    }


def _parameters(world: Modelled) -> dict[str, int]:
    found = world.client("ssm").get_parameters(Names=list("abc"))["Parameters"]
    return {one["Name"]: int(one["Value"]) for one in found}


def _items(world: Modelled) -> dict[str, int]:
    found = world.client("dynamodb").scan(TableName="table")["Items"]
    return {item["id"]["S"]: int(item["value"]["N"]) for item in found}


def _clock(world: Modelled) -> datetime:
    return datetime.fromisoformat(world.served.ask("GET clock")[1]["now"])


LOOKS: dict[str, Callable[[Modelled], Any]] = {
    "objects": _objects,
    "messages": _messages,
    "data": _data,
    "alarms": _alarms,
    "events": _events,
    "parameters": _parameters,
    "items": _items,
    "clock": _clock,
}


class WorldsApart(RuleBasedStateMachine):
    """Writes here and there, copies worlds and drops them, and looks now and then."""

    origin: Modelled

    def __init__(self) -> None:
        super().__init__()
        self.worlds = [self.origin.fork()]

    def _world(self, number: int) -> Modelled:
        return self.worlds[number % len(self.worlds)]

    @rule(number=worlds)
    def fork(self, number: int) -> None:
        if len(self.worlds) < MOST_WORLDS:
            self.worlds.append(self._world(number).fork())

    @rule(number=worlds)
    def drop(self, number: int) -> None:
        world = self._world(number)
        if world.parent is not None and world.parent is not self.origin:
            world.parent.served.drop(world.served)
            self.worlds = [one for one in self.worlds if not one.descends_from(world)]

    @rule(number=worlds)
    def look(self, number: int) -> None:
        world = self._world(number)
        assert world.found() == world.model

    @rule(number=worlds, key=names, value=values)
    def put_object(self, number: int, key: str, value: int) -> None:
        world = self._world(number)
        world.client("s3").put_object(Bucket="bucket", Key=key, Body=str(value).encode())
        world.model["objects"][key] = value

    @rule(number=worlds, key=names)
    def delete_object(self, number: int, key: str) -> None:
        world = self._world(number)
        world.client("s3").delete_object(Bucket="bucket", Key=key)
        world.model["objects"].pop(key, None)

    @rule(number=worlds, queue=names)
    def send_message(self, number: int, queue: str) -> None:
        world = self._world(number)
        url = world.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
        world.client("sqs").send_message(QueueUrl=url, MessageBody="m")
        world.model["messages"][queue] = world.model["messages"].get(queue, 0) + 1

    @rule(number=worlds, queue=names)
    def take_message(self, number: int, queue: str) -> None:
        world = self._world(number)
        sqs = world.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        left = max(world.model["messages"].pop(queue, 0) - 1, 0)
        world.model["messages"].update({queue: left} if left else {})

    @rule(number=worlds, metric=names, value=values)
    def put_datum(self, number: int, metric: str, value: int) -> None:
        world = self._world(number)
        datum = {"MetricName": metric, "Value": value}
        world.client("cloudwatch").put_metric_data(Namespace="N", MetricData=[datum])
        world.model["data"][metric] = world.model["data"].get(metric, 0) + value

    @rule(number=worlds, alarm=names, threshold=values)
    def put_alarm(self, number: int, alarm: str, threshold: int) -> None:
        world = self._world(number)
        world.client("cloudwatch").put_metric_alarm(
            AlarmName=alarm,
            Namespace="N",
            MetricName=alarm,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
        )
        world.model["alarms"][alarm] = threshold

    @rule(number=worlds, alarm=names)
    def delete_alarm(self, number: int, alarm: str) -> None:
        world = self._world(number)
        if alarm in world.model["alarms"]:
            world.client("cloudwatch").delete_alarms(AlarmNames=[alarm])
            del world.model["alarms"][alarm]

    @rule(number=worlds, group=names, value=values)
    def put_event(self, number: int, group: str, value: int) -> None:
        world = self._world(number)
        stamp = int(world.model["clock"].timestamp() * 1000)
        world.client("logs").put_log_events(
            logGroupName=group,
            logStreamName="s",
            logEvents=[{"timestamp": stamp, "message": str(value)}],
        )
        world.model["events"].setdefault(group, []).append(value)

    @rule(number=worlds, name=names, value=values)
    def put_parameter(self, number: int, name: str, value: int) -> None:
        world = self._world(number)
        world.client("ssm").put_parameter(
            Name=name, Value=str(value), Type="String", Overwrite=True
        )
        world.model["parameters"][name] = value

    @rule(number=worlds, id_=names, value=values)
    def put_item(self, number: int, id_: str, value: int) -> None:
        world = self._world(number)
        item = {"id": {"S": id_}, "value": {"N": str(value)}}
        world.client("dynamodb").put_item(TableName="table", Item=item)
        world.model["items"][id_] = value

    @rule(number=worlds, id_=names)
    def delete_item(self, number: int, id_: str) -> None:
        world = self._world(number)
        world.client("dynamodb").delete_item(TableName="table", Key={"id": {"S": id_}})
        world.model["items"].pop(id_, None)

    @rule(number=worlds, seconds=values)
    def advance(self, number: int, seconds: int) -> None:
        world = self._world(number)
        world.served.ask("POST clock/advance", {"seconds": seconds})
        world.model["clock"] += timedelta(seconds=seconds)

    def teardown(self) -> None:
        found = [world.found() for world in self.worlds]
        self.origin.served.drop(self.worlds[0].served)
        assert found == [world.model for world in self.worlds]


def test_no_write_shows_in_another_world(emulator: Served) -> None:
    first = begin(emulator.fork())
    # What is loaded by the first look (half a second of moto's, for SSM) is there in all copies.
    assert first.found() == first.model

    class OfThisEmulator(WorldsApart):
        origin = first

    run_state_machine_as_test(
        OfThisEmulator,
        # No shrinking: it would run for minutes, and the steps are told as they are.
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
        ),
    )
    assert first.found() == first.model
    emulator.drop(first.served)
