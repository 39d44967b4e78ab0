"""Alarms of both kinds: put, described, deleted, switched, set; and their history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from skyproof.emulator.documents import is_json
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import actions, history, metric_alarms, refusals, rules
from skyproof.emulator.services.cloudwatch.alarming import Alarming
from skyproof.emulator.services.cloudwatch.metrics import MetricId
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.rules import State
from skyproof.emulator.services.cloudwatch.store import (
    Alarm,
    AlarmState,
    AlarmType,
    HistoryItem,
    Store,
    alarm_name,
)
from skyproof.emulator.services.cloudwatch.tags import check_tags
from skyproof.emulator.services.cloudwatch.validation import operation
from skyproof.emulator.tags import as_dict

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
MAX_PARENTS = 150
PAGE = 100
_LISTS = actions.KINDS


class Alarms:
    """The alarm operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]
    alarming: Alarming

    @operation("PutMetricAlarm")
    def put_metric_alarm(self, call: Call, params: Params) -> Result:
        if not params.get("Metrics"):
            params.pop("Metrics", None)  # an empty list is how the query protocol says "none"
        metric_alarms.check(params)
        is_band = "ThresholdMetricId" in params
        actions.check(call, params, actions.OF_BANDS if is_band else actions.OF_METRICS)
        for query in params.get("Metrics", []):
            query.setdefault("ReturnData", True)
        self._put(call, "MetricAlarm", {"Dimensions": [], **params})
        return None

    @operation("PutCompositeAlarm")
    def put_composite_alarm(self, call: Call, params: Params) -> Result:
        rule = _parsed(params["AlarmRule"])
        actions.check(call, params, actions.OF_COMPOSITES)
        _check_suppressor(params)
        store = self.stores.of(call)
        _check_children(store, params["AlarmName"], rules.children(rule))
        if "ActionsSuppressor" in params:
            _check_exist(store, [params["ActionsSuppressor"]], "ActionsSuppressor")
        self._put(call, "CompositeAlarm", params, rule)
        return None

    @operation("DescribeAlarms")
    def describe_alarms(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)

        def show(alarm: Alarm) -> dict[str, Any]:
            by = self.alarming.suppressed_by(call.account, call.region, alarm.name)
            return _describe(alarm) | ({"ActionsSuppressedBy": by} if by else {})

        if "ChildrenOfAlarmName" in params:
            found, show = _children_of(store, params), _describe_child
        elif "ParentsOfAlarmName" in params:
            found, show = _parents_of(store, params), _describe_parent
        else:
            found = _selected(store, params)
        alarms, next_token = page(found, params.get("MaxRecords", PAGE), params.get("NextToken"))
        return {
            "MetricAlarms": [show(a) for a in alarms if a.type == "MetricAlarm"],
            "CompositeAlarms": [show(a) for a in alarms if a.type == "CompositeAlarm"],
            **next_token,
        }

    @operation("DescribeAlarmsForMetric")
    def describe_alarms_for_metric(self, call: Call, params: Params) -> Result:
        wanted = MetricId.of(params)
        found = [
            _describe(alarm)
            for alarm in _by_name(self.stores.of(call).alarms.values())
            if "MetricName" in alarm.configuration
            and MetricId.of(alarm.configuration) == wanted
            and all(
                params.get(name) in (None, alarm.configuration.get(name))
                for name in ("Statistic", "ExtendedStatistic", "Period", "Unit")
            )
        ]
        return {"MetricAlarms": found}

    @operation("DeleteAlarms")
    def delete_alarms(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        names = dict.fromkeys(params["AlarmNames"])
        found = [store.alarms[name] for name in names if name in store.alarms]
        # Names that do not exist are passed over: "the alarms you specify with correct names are
        # still deleted. … To confirm … use the DescribeAlarms operation".
        if sum(alarm.type == "CompositeAlarm" for alarm in found) > 1:
            raise refusals.validation(
                "You cannot delete more than one composite alarm in one operation.",
            )
        _check_unused(store, found)
        for alarm in found:
            history.record_deleted(store, alarm, call.world.clock.now())
            del store.alarms[alarm.name]
            self.alarming.deleted(call.account, call.region, alarm.name)
            self.alarming.tell_configuration(call.account, call.region, alarm, "delete")
            store.tags.pop(alarm.arn, None)
        return None

    @operation("EnableAlarmActions")
    def enable_alarm_actions(self, call: Call, params: Params) -> Result:
        self._switch_actions(call, params["AlarmNames"], enabled=True)
        return None

    @operation("DisableAlarmActions")
    def disable_alarm_actions(self, call: Call, params: Params) -> Result:
        self._switch_actions(call, params["AlarmNames"], enabled=False)
        return None

    @operation("SetAlarmState")
    def set_alarm_state(self, call: Call, params: Params) -> Result:
        alarm = self.stores.of(call).alarms.get(params["AlarmName"])
        data = params.get("StateReasonData") or None
        if data is not None and not is_json(data):
            raise AwsError("InvalidFormat", "StateReasonData is not valid JSON")
        if alarm is None:
            # Recorded with an empty message.
            raise AwsError("ResourceNotFound", "")
        value, reason = State(params["StateValue"]), params["StateReason"]
        self.alarming.change(call.account, call.region, alarm, value, reason, data)
        return None

    @operation("DescribeAlarmHistory")
    def describe_alarm_history(self, call: Call, params: Params) -> Result:
        found = [item for item in self.stores.of(call).history if _is_asked_for(item, params)]
        if params.get("ScanBy") != "TimestampAscending":
            found.reverse()
        items, next_token = page(found, params.get("MaxRecords", PAGE), params.get("NextToken"))
        return {"AlarmHistoryItems": [_describe_item(item) for item in items], **next_token}

    def _put(
        self, call: Call, kind: AlarmType, params: Params, rule: rules.Rule | None = None
    ) -> None:
        store, now = self.stores.of(call), call.world.clock.now()
        name, tags = params.pop("AlarmName"), params.pop("Tags", None)
        check_tags(tags)
        configuration = {"ActionsEnabled": True, **{kind: [] for kind in _LISTS}, **params}
        alarm = store.alarms.get(name)
        if alarm is None:
            unchecked = "Unchecked: Initial alarm creation"
            state = AlarmState(State.INSUFFICIENT_DATA, unchecked, None, now, now)
            alarm = Alarm(
                name, call.arn("cloudwatch", f"alarm:{name}"), kind, configuration, now, state, rule
            )
            store.alarms[name] = alarm
            # Only a new alarm takes the tags of Put…Alarm: "any tags you specify … are ignored".
            store.tags[alarm.arn] = as_dict(tags)
            history.record_created(store, alarm, now)
            self._changed(call, alarm, "create", None)
            return
        if alarm.type != kind:
            raise refusals.validation(
                f"AlarmName [{name}] is already used by another alarm of a different type",
            )
        before, suppressor = history.snapshot(alarm), alarm.suppressor
        alarm.configuration, alarm.rule, alarm.configured = configuration, rule, now
        history.record_updated(store, alarm, before, now)
        self._changed(call, alarm, "update", suppressor)

    def _changed(self, call: Call, alarm: Alarm, how: str, suppressor: str | None) -> None:
        self.alarming.put(call.account, call.region, alarm, suppressor_before=suppressor)
        self.alarming.tell_configuration(call.account, call.region, alarm, how)

    def _switch_actions(self, call: Call, names: list[str], *, enabled: bool) -> None:
        store, now = self.stores.of(call), call.world.clock.now()
        for name in dict.fromkeys(names):
            alarm = store.alarms.get(name)
            if alarm is None or alarm.configuration["ActionsEnabled"] == enabled:
                continue
            before = history.snapshot(alarm)
            alarm.configuration = alarm.configuration | {"ActionsEnabled": enabled}
            alarm.configured = now
            history.record_updated(store, alarm, before, now)


def _parsed(text: str) -> rules.Rule:
    if text != text.strip():
        # https://github.com/hashicorp/terraform-provider-aws/issues/19575
        raise refusals.validation(
            "AlarmRule must not contain leading or trailing whitespace or be null"
        )
    try:
        return rules.parse(text)
    except rules.RuleError as error:
        raise refusals.validation(str(error)) from error


def _check_children(store: Store, name: str, children: tuple[str, ...]) -> None:
    _check_exist(store, children, "alarm rule")
    for child in map(alarm_name, children):
        parents = sum(child in a.children for a in store.alarms.values() if a.name != name)
        if parents >= MAX_PARENTS:
            raise AwsError(
                "LimitExceeded",
                f"Alarm {child} is already in the rules of {MAX_PARENTS} composite alarms",
            )


def _check_exist(store: Store, references: Iterable[str], where: str) -> None:
    """Alarms must be there, in this account and Region.

    Recorded: "Could not save the composite alarm as alarms ... in the alarm rule do not exist",
    https://github.com/awsdocs/aws-cloudformation-user-guide/issues/911
    """
    missing = [
        reference
        for reference in references
        if alarm_name(reference) not in store.alarms
        or (reference.startswith("arn:") and reference != store.alarms[alarm_name(reference)].arn)
    ]
    if missing:
        raise refusals.validation(
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] "
            f"in the {where} do not exist",
        )


def _check_suppressor(params: Params) -> None:
    periods = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
    given = [name for name in periods if name in params]
    if "ActionsSuppressor" not in params:
        if given:
            raise refusals.validation(f"{given[0]} can only be set if ActionsSuppressor is set")
        return
    for name in periods:
        if name not in params:
            raise refusals.validation(f"{name} is required when ActionsSuppressor is set")
        if params[name] < 0:
            raise refusals.validation(f"{name} must not be negative")


def _check_unused(store: Store, doomed: list[Alarm]) -> None:
    """Refuse to delete what the rule of a composite that stays, or its suppressor, needs.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
    """
    names = {alarm.name for alarm in doomed}
    staying = [alarm for alarm in store.alarms.values() if alarm.name not in names]
    needed = {n for a in staying for n in (*a.children, *([a.suppressor] if a.suppressor else []))}
    stuck = [alarm.name for alarm in doomed if alarm.name in needed]
    if stuck:
        them = "it" if len(stuck) == 1 else "them"
        raise refusals.validation(
            f"Cannot delete {', '.join(stuck)} as there are composite alarm(s) depending on {them}."
        )


def _selected(store: Store, params: Params) -> list[Alarm]:
    types = params.get("AlarmTypes") or ["MetricAlarm"]
    names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix")
    if names and prefix:
        raise refusals.validation("AlarmNamePrefix and AlarmNames cannot both be set")
    tests: list[Callable[[Alarm], bool]] = [lambda a: a.type in types]
    if names:
        tests.append(lambda a: a.name in names)
    if prefix:
        tests.append(lambda a: a.name.startswith(prefix))
    if "StateValue" in params:
        tests.append(lambda a: a.state.value == params["StateValue"])
    if "ActionPrefix" in params:
        tests.append(lambda a: any(arn.startswith(params["ActionPrefix"]) for arn in a.actions))
    found = [a for a in store.alarms.values() if all(test(a) for test in tests)]
    return sorted(found, key=lambda a: (a.type, a.name))


def _children_of(store: Store, params: Params) -> list[Alarm]:
    parent = _only_named(store, params, "ChildrenOfAlarmName")
    return _by_name(store.alarms[name] for name in parent.children if name in store.alarms)


def _parents_of(store: Store, params: Params) -> list[Alarm]:
    child = _only_named(store, params, "ParentsOfAlarmName")
    return _by_name(a for a in store.alarms.values() if child.name in a.children)


def _only_named(store: Store, params: Params, name: str) -> Alarm:
    others = sorted(set(params) - {name, "MaxRecords", "NextToken"})
    if others:
        raise refusals.validation(f"{name} cannot be used together with {', '.join(others)}")
    alarm = store.alarms.get(params[name])
    if alarm is None:
        raise refusals.validation(f"Alarm {params[name]} does not exist")
    return alarm


def _by_name(alarms: Iterable[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: alarm.name)


def _describe(alarm: Alarm) -> dict[str, Any]:
    state = alarm.state
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        **alarm.configuration,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured,
        "StateValue": state.value.value,
        "StateReason": state.reason,
        **({"StateReasonData": state.reason_data} if state.reason_data else {}),
        "StateUpdatedTimestamp": state.updated,
        "StateTransitionedTimestamp": state.transitioned,
    }


def _describe_child(alarm: Alarm) -> dict[str, Any]:
    kept = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp")
    return {name: value for name, value in _describe(alarm).items() if name in kept}


def _describe_parent(alarm: Alarm) -> dict[str, Any]:
    return {"AlarmName": alarm.name, "AlarmArn": alarm.arn}


def _is_asked_for(item: HistoryItem, params: Params) -> bool:
    # Without a name only metric alarms are asked for, unless types say otherwise.
    types = params.get("AlarmTypes") or ([] if "AlarmName" in params else ["MetricAlarm"])
    start: datetime = params.get("StartDate", item.timestamp)
    end: datetime = params.get("EndDate", item.timestamp)
    return (
        params.get("AlarmName") in (None, item.alarm)
        and (not types or item.alarm_type in types)
        and params.get("HistoryItemType") in (None, item.type)
        and start <= item.timestamp <= end
    )


def _describe_item(item: HistoryItem) -> dict[str, Any]:
    return {
        "AlarmName": item.alarm,
        "AlarmType": item.alarm_type,
        "Timestamp": item.timestamp,
        "HistoryItemType": item.type,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    }
