"""Composite alarms: their states, and the suppression of their actions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from skyproof.emulator.services.cloudwatch import history, rules
from skyproof.emulator.services.cloudwatch.rules import State
from skyproof.emulator.services.cloudwatch.store import Alarm, Store, alarm_name


def parents(store: Store, name: str) -> list[Alarm]:
    """The composites whose rule mentions an alarm, in order of their names."""
    found = [alarm for alarm in store.alarms.values() if name in alarm.children]
    return sorted(found, key=lambda alarm: alarm.name)


def state_of(store: Store, alarm: Alarm) -> State | None:
    """What the rule of a composite says; ``None`` for one that rests on itself.

    "CloudWatch can't evaluate" a composite that is part of a cycle: it keeps its state.
    """
    assert alarm.rule is not None
    if in_cycle(store, alarm.name):
        return None
    holds = rules.holds(alarm.rule, lambda name: _present(store, alarm_name(name)))
    return State.ALARM if holds else State.OK


def in_cycle(store: Store, name: str) -> bool:
    """Whether a composite's rule leads back to itself."""
    seen: set[str] = set()
    ahead = list(store.alarms[name].children)
    while ahead:
        one = ahead.pop()
        if one == name:
            return True
        if one not in seen:
            seen.add(one)
            ahead += store.alarms[one].children if one in store.alarms else ()
    return False


def _present(store: Store, name: str) -> State:
    # A child that was deleted is as good as one that has no data.
    alarm = store.alarms.get(name)
    return alarm.state.value if alarm is not None else State.INSUFFICIENT_DATA


def reason(composite: Alarm, cause: Alarm | None, state: State) -> str:
    """In CloudWatch's words, as recorded in the documentation of EventBridge events.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    if cause is None:
        return f"{composite.arn} was created and its alarm rule evaluates to {state.value}"
    when = f"{cause.state.updated:%A %d %B, %Y %H:%M:%S} UTC"
    return f"{cause.arn} transitioned to {cause.state.value.value} at {when}"


def reason_data(store: Store, composite: Alarm) -> str:
    """The alarms behind a composite's state, as JSON."""
    children = [store.alarms[name] for name in composite.children if name in store.alarms]
    return json.dumps({"triggeringAlarms": list(_shown(children))}, separators=(",", ":"))


def _shown(alarms: Iterable[Alarm]) -> Iterable[dict[str, Any]]:
    for alarm in alarms:
        stamp = history.stamp(alarm.state.updated)
        state = {"value": alarm.state.value.value, "timestamp": stamp}
        yield {"arn": alarm.arn, "state": state}
