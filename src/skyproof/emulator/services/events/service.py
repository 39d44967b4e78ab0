"""Events in, matched with rules, and out to targets; rules on a schedule.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is.html
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from skyproof.emulator import acting, authorization
from skyproof.emulator.clock import NEVER
from skyproof.emulator.errors import AwsError
from skyproof.emulator.schedules import Cron, Rate, ScheduleError
from skyproof.emulator.schedules import parse as parse_schedule
from skyproof.emulator.service import Call, Params, Regional, Result, Service, operation
from skyproof.emulator.services.events import pattern, targets
from skyproof.emulator.services.events.store import Rule, Store
from skyproof.emulator.target import Target

if TYPE_CHECKING:
    from skyproof.emulator.world import World

MAX_ENTRIES = 10
MAX_BYTES = 262_144


class Events(Service):
    """moto keeps buses, rules and targets; its own delivery is not used."""

    name: ClassVar[str] = "events"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's buses, rules, archives and connections; ours are events: patterns, schedules, "
        "transformers, retries and dead-letter queues, to Lambda, SQS, SNS, Logs, Firehose, "
        "Kinesis and other buses. Retries wait without jitter. Nothing is archived or replayed; "
        "targets of other services are noted and dropped."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)

    @operation("PutEvents")
    def put_events(self, call: Call, params: Params) -> Result:
        entries = params.get("Entries", [])
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{entries}' at 'entries' failed to satisfy "
                f"constraint: Member must have length between 1 and {MAX_ENTRIES}",
            )
        results = [self._put(call, entry) for entry in entries]
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedEntryCount": failed, "Entries": results}

    @operation("PutRule")
    def put_rule(self, call: Call, params: Params) -> Result:
        if params.get("EventPattern"):
            _checked_pattern(params["EventPattern"])
        if params.get("ScheduleExpression"):
            _check_schedule(params)
        answer = call.base().put_rule(**params)
        self._schedule(call, params["Name"], params.get("EventBusName"))
        return {"RuleArn": answer["RuleArn"]}

    @operation("EnableRule")
    def enable_rule(self, call: Call, params: Params) -> Result:
        call.base().enable_rule(**params)
        self._schedule(call, params["Name"], params.get("EventBusName"))
        return None

    @operation("DisableRule")
    def disable_rule(self, call: Call, params: Params) -> Result:
        call.base().disable_rule(**params)
        self._schedule(call, params["Name"], params.get("EventBusName"))
        return None

    @operation("DeleteRule")
    def delete_rule(self, call: Call, params: Params) -> Result:
        call.base().delete_rule(**params)
        self._unschedule(call, params["Name"])
        return None

    @operation("TestEventPattern")
    def try_event_pattern(self, _: Call, params: Params) -> Result:
        event = json.loads(params["Event"])
        return {"Result": _checked_pattern(params["EventPattern"]).matches(event)}

    def emit(
        self,
        account: str,
        region: str,
        *,
        source: str,
        detail_type: str,
        resources: list[str],
        detail: dict[str, Any],
        bus: str = "default",
    ) -> None:
        """An event of a service's own, which PutEvents would refuse."""
        call = Call(self.world, Target(account, region, "events"), "PutEvents")
        self._dispatch(call, bus, self._event(call, source, detail_type, resources, detail))

    def forward(self, call: Call, bus: str, event: dict[str, Any]) -> None:
        """An event from a rule's target, on another bus.

        Raises:
            ClientError: the bus does not let this account send.
        """
        where = bus.split(":")
        # Judged as PutEvents is, by an entry that is never sent: a rule passes events on unchanged.
        there = Call(call.world, Target(where[4], where[3], "events"), "PutEvents")
        principal = acting.current()
        if principal is not None and where[4] != call.account:
            authorization.check(there, principal, {"Entries": [{"EventBusName": bus}]})
        with acting.acting_as(None):
            self._dispatch(there, bus.rpartition("/")[2], event)

    def deliver(self, call: Call, rule: str, target: dict[str, Any], event: dict[str, Any]) -> None:
        """Send an event to one target, next."""
        what = f"events: {rule.rpartition('/')[2]} to {target['Arn']}"
        attempt = targets.Attempt(call, rule, target, event, call.world.clock.now())
        call.world.clock.soon(what, lambda: targets.attempt(attempt))

    def _put(self, call: Call, entry: Params) -> dict[str, str]:
        missing = [name for name in ("Source", "DetailType", "Detail") if not entry.get(name)]
        if missing:
            return _refused("InvalidArgument", f"Parameter {missing[0]} is not valid.")
        if entry["Source"].startswith("aws."):
            return _refused("NotAuthorizedForSourceException", "Not authorized for the source.")
        try:
            detail = json.loads(entry["Detail"])
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            return _refused("MalformedDetail", "Detail is malformed.")
        resources = entry.get("Resources", [])
        event = self._event(call, entry["Source"], entry["DetailType"], resources, detail)
        if "Time" in entry:
            event["time"] = _time(entry["Time"])
        self._dispatch(call, entry.get("EventBusName", "default"), event)
        return {"EventId": event["id"]}

    def _event(
        self,
        call: Call,
        source: str,
        detail_type: str,
        resources: list[str],
        detail: dict[str, Any],
    ) -> dict[str, Any]:
        store = self.stores.of(call)
        with self.world.lock:
            store.events += 1
            number = store.events
        name = f"event/{call.account}/{call.region}/{number}"
        return {
            "version": "0",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            "detail-type": detail_type,
            "source": source,
            "account": call.account,
            "time": _time(call.world.clock.now()),
            "region": call.region,
            "resources": resources,
            "detail": detail,
        }

    def _dispatch(self, call: Call, bus: str, event: dict[str, Any]) -> None:
        """Send an event to the targets of all rules of a bus that match it."""
        if bus.startswith("arn:"):
            where = bus.split(":")
            # An event keeps its account and region of origin on another bus.
            call = Call(call.world, Target(where[4], where[3], "events"), call.operation)
            bus = bus.rpartition("/")[2]
        for rule in self._rules(call, bus):
            if rule.pattern.matches(event):
                for target in rule.targets:
                    self.deliver(call, rule.arn, target, event)

    def _rules(self, call: Call, bus: str) -> list[Rule]:
        key = ("rules", call.account, call.region, bus)
        return call.world.memo.get("events", key, lambda: _read_rules(call, bus))

    def _schedule(self, call: Call, name: str, bus: str | None) -> None:
        """Have a rule's schedule go on from now, if it has one and is enabled."""
        self._unschedule(call, name)
        where = {"EventBusName": bus} if bus else {}
        rule = call.base().describe_rule(Name=name, **where)
        expression = rule.get("ScheduleExpression")
        if not expression or rule.get("State") == "DISABLED":
            return
        schedule = parse_schedule(expression)
        anchor = call.world.clock.now()

        def following(moment: datetime) -> datetime:
            # After the clock was set back, a rate starts anew. A cron may have seen its last year.
            return schedule.next_after(moment, anchor=min(anchor, moment)) or NEVER

        def fire() -> None:
            self._fire(call, name, bus)
            wait()

        def wait() -> None:
            clock, what = call.world.clock, f"events: schedule of {name}"
            due = following(clock.now())
            self.stores.of(call).schedules[name] = clock.at(due, what, fire, following)

        wait()

    def _unschedule(self, call: Call, name: str) -> None:
        waiting = self.stores.of(call).schedules.pop(name, None)
        if waiting is not None:
            waiting.cancel()

    def _fire(self, call: Call, name: str, bus: str | None) -> None:
        where = {"EventBusName": bus} if bus else {}
        key = ("targets", call.account, call.region, name)

        def read() -> tuple[str, list[dict[str, Any]]]:
            client = call.client("events")
            arn = client.describe_rule(Name=name, **where)["Arn"]
            return arn, client.list_targets_by_rule(Rule=name, **where)["Targets"]

        arn, found = call.world.memo.get("events", key, read)
        event = self._event(call, "aws.events", "Scheduled Event", [arn], {})
        for target in found:
            self.deliver(call, arn, target, event)


def _read_rules(call: Call, bus: str) -> list[Rule]:
    client = call.client("events")
    found = []
    for page in client.get_paginator("list_rules").paginate(EventBusName=bus):
        for rule in page["Rules"]:
            if rule.get("State") != "ENABLED" or not rule.get("EventPattern"):
                continue
            sent_to = client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
            parsed = pattern.parse(json.loads(rule["EventPattern"]))
            found.append(Rule(rule["Name"], rule["Arn"], parsed, tuple(sent_to)))
    return sorted(found, key=lambda rule: rule.name)


def _checked_pattern(text: str) -> pattern.Pattern:
    try:
        return pattern.parse(json.loads(text))
    except (pattern.PatternError, ValueError) as error:
        said = str(error)
        if not said.startswith("Event pattern is not valid"):
            said = f"Event pattern is not valid. Reason: {said}"
        raise AwsError("InvalidEventPatternException", said) from error


def _check_schedule(params: Params) -> None:
    if params.get("EventBusName", "default").rpartition("/")[2] != "default":
        raise AwsError(
            "ValidationException", "ScheduleExpression is supported only on the default event bus."
        )
    try:
        if not isinstance(parse_schedule(params["ScheduleExpression"]), Rate | Cron):
            raise ScheduleError("rules run at a rate or as a cron says")
    except ScheduleError as error:
        raise AwsError(
            "ValidationException", f"Parameter ScheduleExpression is not valid. ({error})"
        ) from error


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _refused(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
