"""The history of alarms, which outlives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from skyproof.emulator.services.cloudwatch.store import (
    Alarm,
    AlarmState,
    HistoryItem,
    HistoryType,
    Store,
)

#: The greatest length of a ``HistoryData`` in the API's model.
MAX_DATA = 4095
# In a recorded answer names begin in lower case, but for this one:
# {"version":"1.0","type":"Create","createdAlarm":{…,"insufficientDataActions":[],"okactions":[]}}
_ODD_KEYS = {"OKActions": "okactions"}

Snapshot = dict[str, Any]


def record(
    store: Store,
    alarm: Alarm,
    now: datetime,
    kind: HistoryType,
    summary: str,
    data: Mapping[str, Any],
) -> None:
    """Add an item, newest last."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    store.history.append(
        HistoryItem(alarm.name, alarm.type, now, kind, summary[:255], text[:MAX_DATA])
    )


def record_created(store: Store, alarm: Alarm, now: datetime) -> None:
    """A ``ConfigurationUpdate`` of type Create."""
    _record_configuration(
        store, alarm, now, "created", {"type": "Create", "createdAlarm": snapshot(alarm)}
    )


def record_deleted(store: Store, alarm: Alarm, now: datetime) -> None:
    """A ``ConfigurationUpdate`` of type Delete."""
    _record_configuration(
        store, alarm, now, "deleted", {"type": "Delete", "deletedAlarm": snapshot(alarm)}
    )


def record_updated(store: Store, alarm: Alarm, before: Snapshot, now: datetime) -> None:
    """A ``ConfigurationUpdate`` of type Update, with the old values of what changed."""
    after = snapshot(alarm)
    keys = list(before) + [key for key in after if key not in before]
    old = {key: before.get(key) for key in keys if before.get(key) != after.get(key)}
    change = {"type": "Update", "updatedAlarm": after, "originalUpdatedFields": old}
    _record_configuration(store, alarm, now, "updated", change)


def record_state(store: Store, alarm: Alarm, old: AlarmState, now: datetime) -> None:
    """A ``StateUpdate`` from ``old`` to the state that the alarm now has."""
    summary = f"Alarm updated from {old.value} to {alarm.state.value}"
    change = {"version": "1.0", "oldState": _state(old), "newState": _state(alarm.state)}
    record(store, alarm, now, "StateUpdate", summary, change)


def snapshot(alarm: Alarm) -> Snapshot:
    """The alarm as its history shows it."""
    configuration = {_key(key): _lower(value) for key, value in alarm.configuration.items()}
    actions = ("actionsEnabled", "alarmActions", "insufficientDataActions", "okactions")
    described = configuration.pop("alarmDescription", None)
    return {
        "alarmName": alarm.name,
        **({"alarmDescription": described} if described is not None else {}),
        "alarmArn": alarm.arn,
        "alarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        **{key: value for key, value in configuration.items() if key not in actions},
        "stateValue": alarm.state.value,
        "stateUpdatedTimestamp": stamp(alarm.state.updated),
        **{key: configuration[key] for key in actions},
    }


def stamp(moment: datetime) -> str:
    """A time as CloudWatch writes it into JSON: ``2022-11-02T15:55:30.959+0000``."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _record_configuration(
    store: Store, alarm: Alarm, now: datetime, verb: str, change: Mapping[str, Any]
) -> None:
    summary = f'Alarm "{alarm.name}" {verb}'
    record(store, alarm, now, "ConfigurationUpdate", summary, {"version": "1.0", **change})


def _state(state: AlarmState) -> dict[str, Any]:
    shown: dict[str, Any] = {"stateValue": state.value, "stateReason": state.reason}
    if state.reason_data:
        # Recorded: the reason data are nested as JSON, not as a string of JSON.
        shown["stateReasonData"] = json.loads(state.reason_data)
    return shown


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _lower(item) for key, item in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _key(name: str) -> str:
    return _ODD_KEYS.get(name) or name[0].lower() + name[1:]
