"""What follows from an alarm's change of state: history, an event, its parents, its actions."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Regional
from skyproof.emulator.services.cloudwatch import composites, detectors, history, judging, notifying
from skyproof.emulator.services.cloudwatch.bands import Models
from skyproof.emulator.services.cloudwatch.evaluator import AlarmKey, Evaluator, MetricKey
from skyproof.emulator.services.cloudwatch.reading import Reader
from skyproof.emulator.services.cloudwatch.rules import State
from skyproof.emulator.services.cloudwatch.store import Alarm, AlarmState, Store
from skyproof.emulator.services.cloudwatch.suppression import Suppression

if TYPE_CHECKING:
    from skyproof.emulator.world import World

_ACTIONS_OF = {
    State.ALARM: "AlarmActions",
    State.OK: "OKActions",
    State.INSUFFICIENT_DATA: "InsufficientDataActions",
}


class Alarming:
    """The moving part of alarms: evaluates them and does what follows.

    Everything here runs under the world's lock, but for the actions themselves: those are done by
    the clock, next, in the order of the transitions.
    """

    def __init__(self, world: World, stores: Regional[Store]) -> None:
        self._world = world
        self._stores = stores
        self._models: Regional[Models] = Regional(Models)
        self._suppressions: dict[AlarmKey, Suppression] = {}
        # What a composite's held actions will call its old state.
        self._before: dict[AlarmKey, AlarmState] = {}
        self._evaluator = Evaluator(world.clock, world.lock, self._evaluate, self._last_seen)

    def models(self, account: str, region: str) -> Models:
        """The anomaly models of an account and region."""
        return self._models.at(account, region)

    def put(
        self, account: str, region: str, alarm: Alarm, *, suppressor_before: str | None
    ) -> None:
        """An alarm was made, or given another configuration."""
        key = (account, region, alarm.name)
        if alarm.type == "MetricAlarm":
            self._evaluator.watch(key, alarm.configuration)
            return
        if alarm.suppressor != suppressor_before:
            # "If you replace the suppressor, the wait and extension periods … are discarded."
            self._forget_suppression(key)
        self._world.clock.soon(
            f"cloudwatch: evaluate {alarm.name}", lambda: self._evaluate_new_composite(key)
        )

    def deleted(self, account: str, region: str, name: str) -> None:
        """An alarm is gone."""
        key = (account, region, name)
        self._evaluator.forget(key)
        self._forget_suppression(key)

    def arrived(self, metric: MetricKey) -> None:
        """There are new data of a metric."""
        self._evaluator.arrived(metric)

    def suppressed_by(self, account: str, region: str, name: str) -> str | None:
        """``Alarm``, ``WaitPeriod``, ``ExtensionPeriod`` or None."""
        suppression = self._suppressions.get((account, region, name))
        return suppression.by if suppression is not None else None

    def change(
        self,
        account: str,
        region: str,
        alarm: Alarm,
        value: State,
        reason: str,
        reason_data: str | None,
    ) -> None:
        """Put an alarm into a state and do what follows from it, if it is another one."""
        store, now = self._stores.at(account, region), self._world.clock.now()
        old = alarm.state
        transitioned = now if value != old.value else old.transitioned
        alarm.state = AlarmState(value, reason, reason_data, now, transitioned)
        if value == old.value:
            return
        history.record_state(store, alarm, old, now)
        self._emit(account, region, alarm, "State", notifying.event_detail(alarm, old))
        self._act_or_wait(account, region, store, alarm, old)
        self._tell_suppressed(account, region, store, alarm, old)
        for parent in composites.parents(store, alarm.name):
            self._evaluate_composite(account, region, store, parent, alarm)

    def tell_configuration(self, account: str, region: str, alarm: Alarm, operation: str) -> None:
        """Emit the event of a new, changed or deleted alarm."""
        detail = notifying.configuration_detail(alarm, operation, None)
        self._emit(account, region, alarm, "Configuration", detail)

    def _evaluate(self, key: AlarmKey) -> None:
        account, region, name = key
        store = self._stores.at(account, region)
        alarm = store.alarms[name]
        reader = Reader(self._world, self._stores, account, region)
        now = self._world.clock.now()
        if "ThresholdMetricId" in alarm.configuration:
            detectors.ensure(store, alarm.configuration, now)
        try:
            models = self._models.at(account, region)
            found = judging.judge(reader, models, alarm.configuration, now)
        except AwsError as error:
            # CloudWatch calls that EvaluationState EVALUATION_ERROR, and has no data.
            self.change(account, region, alarm, State.INSUFFICIENT_DATA, error.message, None)
            return
        if found.state is not None and found.state != alarm.state.value:
            self.change(account, region, alarm, found.state, found.reason, found.reason_data)

    def _last_seen(self, metric: MetricKey) -> int | None:
        account, region, id_ = metric
        store = self._stores.at(account, region).metrics
        return store.last_seen(id_) if id_ in store.series else None

    def _evaluate_new_composite(self, key: AlarmKey) -> None:
        account, region, name = key
        with self._world.lock:
            store = self._stores.at(account, region)
            if name in store.alarms:
                self._evaluate_composite(account, region, store, store.alarms[name], None)

    def _evaluate_composite(
        self, account: str, region: str, store: Store, alarm: Alarm, cause: Alarm | None
    ) -> None:
        state = composites.state_of(store, alarm)
        if state is not None and state != alarm.state.value:
            reason = composites.reason(alarm, cause, state)
            data = composites.reason_data(store, alarm)
            self.change(account, region, alarm, state, reason, data)

    def _act_or_wait(
        self, account: str, region: str, store: Store, alarm: Alarm, old: AlarmState
    ) -> None:
        if alarm.suppressor is None:
            self._act(account, region, alarm, old)
            return
        self._before[account, region, alarm.name] = old
        suppression = self._suppression(account, region, alarm)
        suppressor = store.alarms.get(alarm.suppressor)
        in_alarm = suppressor is not None and suppressor.state.value is State.ALARM
        suppression.transitioned(suppressor_in_alarm=in_alarm)

    def _tell_suppressed(
        self, account: str, region: str, store: Store, suppressor: Alarm, old: AlarmState
    ) -> None:
        """Let the composites that an alarm suppresses know that it entered or left ALARM."""
        is_in, was_in = suppressor.state.value is State.ALARM, old.value is State.ALARM
        if is_in == was_in:
            return
        for alarm in sorted(store.alarms.values(), key=lambda one: one.name):
            if alarm.suppressor == suppressor.name:
                suppression = self._suppression(account, region, alarm)
                (suppression.suppressor_entered if is_in else suppression.suppressor_left)()

    def _suppression(self, account: str, region: str, alarm: Alarm) -> Suppression:
        key = (account, region, alarm.name)
        configuration = alarm.configuration
        if key not in self._suppressions:

            def act() -> None:
                self._act(account, region, alarm, self._before[key])

            self._suppressions[key] = Suppression(0, 0, self._later, act)
        suppression = self._suppressions[key]
        suppression.wait = configuration["ActionsSuppressorWaitPeriod"]
        suppression.extension = configuration["ActionsSuppressorExtensionPeriod"]
        return suppression

    def _forget_suppression(self, key: AlarmKey) -> None:
        suppression = self._suppressions.pop(key, None)
        if suppression is not None:
            suppression.discard()

    def _later(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        def locked() -> None:
            with self._world.lock:
                action()

        return self._world.clock.after(seconds, "cloudwatch: suppression ends", locked).cancel

    def _act(self, account: str, region: str, alarm: Alarm, old: AlarmState) -> None:
        """Have the actions of the present state done next."""
        if not alarm.configuration["ActionsEnabled"]:
            return
        for arn in alarm.configuration[_ACTIONS_OF[alarm.state.value]]:
            action = self._action(account, region, alarm, old, arn)
            self._world.clock.soon(f"cloudwatch: {alarm.name} acts on {arn}", action)

    def _action(
        self, account: str, region: str, alarm: Alarm, old: AlarmState, arn: str
    ) -> Callable[[], None]:
        """What does one action; the message is written now, with the states of now."""
        service = arn.split(":")[2]
        if service not in ("sns", "lambda"):
            why = f"actions of {service} are not emulated"
            return lambda: self._world.tell(alarm.arn, "act", arn, "dropped", why)
        client = self._world.client(service, *arn.split(":")[3:5])
        if service == "sns":
            text = notifying.message(alarm, old, account, region)
            subject = notifying.subject(alarm, region)
            principal = Principal("cloudwatch.amazonaws.com", account, alarm.arn)
            act = partial(client.publish, TopicArn=arn, Subject=subject, Message=text)
        else:
            payload = json.dumps(notifying.function_payload(alarm, old, account, region)).encode()
            principal = Principal("lambda.alarms.cloudwatch.amazonaws.com", account, alarm.arn)
            act = partial(client.invoke, FunctionName=arn, InvocationType="Event", Payload=payload)
        return lambda: self._do(account, region, alarm, arn, principal, act)

    def _do(
        self,
        account: str,
        region: str,
        alarm: Alarm,
        arn: str,
        principal: Principal,
        act: Callable[[], object],
    ) -> None:
        try:
            with acting_as(principal):
                act()
        except ClientError as error:
            why = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
            self._world.tell(alarm.arn, "notify", arn, "refused", why)
            self._record(account, region, alarm, arn, why)
            return
        self._world.tell(alarm.arn, "notify", arn)
        self._record(account, region, alarm, arn, None)

    def _record(self, account: str, region: str, alarm: Alarm, arn: str, error: str | None) -> None:
        done = "Successfully executed" if error is None else "Failed to execute"
        data = {
            "actionState": "Succeeded" if error is None else "Failed",
            "stateUpdateTimestamp": milliseconds(alarm.state.updated),
            "notificationResource": arn,
            "error": error,
        }
        now = self._world.clock.now()
        with self._world.lock:
            store = self._stores.at(account, region)
            history.record(store, alarm, now, "Action", f"{done} action {arn}", data)

    def _emit(
        self, account: str, region: str, alarm: Alarm, kind: str, detail: dict[str, Any]
    ) -> None:
        from skyproof.emulator.services.events import Events

        events = Events.of(self._world)
        events.emit(
            account,
            region,
            source="aws.cloudwatch",
            detail_type=f"CloudWatch Alarm {kind} Change",
            resources=[alarm.arn],
            detail=detail,
        )
