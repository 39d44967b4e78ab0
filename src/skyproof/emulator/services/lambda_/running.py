"""Invoking functions: at once, or later and again when they fail.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions import Outcome, PackageError, Pool, Throttled
from skyproof.emulator.service import Call, Params, Regional, Result, unlocked
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.lambda_ import destinations, function_logs
from skyproof.emulator.services.lambda_.definitions import Runnable, runnable
from skyproof.emulator.services.lambda_.store import LATEST, Store, split
from skyproof.emulator.services.lambda_.validation import operation

MAX_SYNCHRONOUS, MAX_ASYNCHRONOUS = 6 * 1024 * 1024, 1024 * 1024
#: "Lambda waits one minute before it invokes the function a second time, and two before the third."
RETRIES = (60, 120)
#: Throttled events go back to the queue: "the retry interval increases exponentially from 1 second
#: after the first attempt to a maximum of 5 minutes".
FIRST_PAUSE, LONGEST_PAUSE = 1, 300
DEFAULT_AGE, DEFAULT_ATTEMPTS = 21_600, 2
MAX_LOG_TAIL = 4096


@dataclass(frozen=True)
class Event:
    """An asynchronous invocation.

    Attributes:
        attempts: how often the function has failed on it.
        throttles: how often there was no room for it.
    """

    call: Call
    function: str
    payload: bytes
    request_id: str
    accepted: datetime
    attempts: int = 0
    throttles: int = 0


class Running:
    """The operation that runs functions."""

    stores: Regional[Store]
    pool: Pool
    layer_packages: Callable[[Call, Sequence[str]], tuple[bytes, ...]]

    @operation("Invoke")
    @unlocked
    def invoke(self, call: Call, params: Params) -> Result:
        payload = bytes(params.get("Payload") or b"{}")
        kind = params.get("InvocationType", "RequestResponse")
        limit = MAX_ASYNCHRONOUS if kind == "Event" else MAX_SYNCHRONOUS
        if len(payload) > limit:
            raise AwsError(
                "RequestTooLargeException",
                f"{len(payload)} byte payload is too large for the {kind} invocation type "
                f"(limit {limit} bytes)",
                status=413,
            )
        _check_json(payload)
        found = self.found(call, params["FunctionName"], params.get("Qualifier"))
        if kind == "DryRun":
            return {"StatusCode": 204}
        request_id = self._request_id(call)
        if kind == "Event":
            qualified = _qualified(params)
            now = call.world.clock.now()
            self._queue(Event(call, qualified, payload, request_id, now))
            return {"StatusCode": 202}
        outcome = self.run(call, found, payload, request_id, params.get("ClientContext"))
        answer: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": found.definition.version,
            "Payload": outcome.payload,
        }
        if outcome.error is not None:
            answer["FunctionError"] = outcome.error
        if params.get("LogType") == "Tail":
            tail = "\n".join(outcome.lines).encode()[-MAX_LOG_TAIL:]
            answer["LogResult"] = b64encode(tail).decode()
        return answer

    def found(self, call: Call, name: str, qualifier: str | None) -> Runnable:
        """What an invocation of a function runs, kept until functions change.

        Raises:
            AwsError: ResourceNotFoundException.
        """

        def read() -> Runnable:
            plain, version = split(name, qualifier)
            where = {"Qualifier": version} if version != LATEST else {}
            configuration = call.client("lambda").get_function_configuration(
                FunctionName=plain, **where
            )
            function = self.stores.of(call).function(call, configuration["FunctionName"])
            package = function.versions[configuration["Version"]].package
            arns = [layer["Arn"] for layer in configuration.get("Layers", [])]
            return runnable(call, configuration, package, self.layer_packages(call, arns))

        key = ("runnable", call.account, call.region, name, qualifier)
        return call.world.memo.get("lambda", key, read)

    def run(
        self,
        call: Call,
        found: Runnable,
        payload: bytes,
        request_id: str,
        client_context: str | None = None,
    ) -> Outcome:
        """Run a function once, write its log and its metrics.

        Raises:
            AwsError: TooManyRequestsException, when as many run as may; InvalidZipFileException.
        """
        now = call.world.clock.now()
        try:
            outcome = self.pool.invoke(
                found.key,
                lambda: found.definition,
                payload,
                request_id=request_id,
                now=now,
                limit=found.reserved,
                client_context=client_context,
            )
        except Throttled:
            self._count(call, found, "Throttles", 1.0)
            raise AwsError(
                "TooManyRequestsException",
                "Rate Exceeded.",
                status=429,
                Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
            ) from None
        except PackageError as error:
            raise AwsError("InvalidZipFileException", str(error), status=502) from error
        failed = outcome.error is not None
        result = "failed" if failed else "done"
        reason = outcome.payload.decode(errors="replace")[:500] if failed else ""
        call.world.tell(found.definition.arn, "run", "", result, reason)  # type: ignore[arg-type]
        function_logs.write(call, found, outcome, request_id)
        self._count(call, found, "Invocations", 1.0)
        self._count(call, found, "Errors", float(failed))
        self._count(call, found, "Throttles", 0.0)
        self._count(call, found, "Duration", outcome.duration * 1000, "Milliseconds")
        return outcome

    def hand_over(
        self, call: Call, found: Runnable, payload: bytes, age: float | None
    ) -> tuple[str, Outcome]:
        """Run a function on what an event source holds.

        Args:
            age: of the newest record of a stream, in milliseconds.

        Raises:
            AwsError: TooManyRequestsException, when as many run as may; InvalidZipFileException.
        """
        if age is not None:
            self._count(call, found, "IteratorAge", age, "Milliseconds")
        request_id = self._request_id(call)
        return request_id, self.run(call, found, payload, request_id)

    def _queue(self, event: Event, after: float = 0) -> None:
        clock = event.call.world.clock
        clock.after(after, f"lambda: {event.function}", lambda: self._attempt(event))

    def _attempt(self, event: Event) -> None:
        """Take an event from the queue: done, again later, or given up."""
        call = event.call
        try:
            found = self.found(call, event.function, None)
        except AwsError as error:
            call.world.tell(event.function, "run", "", "failed", error.message)
            return
        except ClientError as error:
            call.world.tell(event.function, "run", "", "failed", str(error))
            return
        age, attempts, sides = self._settings(call, found)
        if (call.world.clock.now() - event.accepted) > timedelta(seconds=age):
            self._give_up(event, found, sides, "EventAgeExceeded", None)
            return
        try:
            outcome = self.run(call, found, event.payload, event.request_id)
        except AwsError:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**event.throttles)
            self._queue(replace(event, throttles=event.throttles + 1), pause)
            return
        if outcome.error is None:
            self._send(event, found, sides.get("OnSuccess", {}), "Success", outcome)
        elif event.attempts < attempts:
            self._queue(replace(event, attempts=event.attempts + 1), RETRIES[event.attempts])
        else:
            again = replace(event, attempts=event.attempts + 1)
            self._give_up(again, found, sides, "RetriesExhausted", outcome)

    def _give_up(
        self,
        event: Event,
        found: Runnable,
        sides: dict[str, Any],
        condition: str,
        outcome: Outcome | None,
    ) -> None:
        call = event.call
        arn = found.definition.arn
        call.world.tell(arn, "give up", "", "failed", condition)
        self._send(event, found, sides.get("OnFailure", {}), condition, outcome)
        if not found.dead_letters:
            return
        text = _error_message(outcome)
        facts = {
            "RequestID": ("String", event.request_id),
            "ErrorCode": ("Number", "200"),
            "ErrorMessage": ("String", text[:1024] or condition),
        }
        try:
            with acting_as(Principal(found.role, call.account, arn)):
                destinations.dead_letter(call, found.dead_letters, event.payload, facts)
        except ClientError as error:
            self._count(call, found, "DeadLetterErrors", 1.0)
            call.world.tell(arn, "dead-letter", found.dead_letters, "refused", str(error))
            return
        call.world.tell(arn, "dead-letter", found.dead_letters)

    def _send(
        self,
        event: Event,
        found: Runnable,
        side: dict[str, Any],
        condition: str,
        outcome: Outcome | None,
    ) -> None:
        """Tell a destination of the result; a missing one is told nothing."""
        target = side.get("Destination")
        if not target:
            return
        call, arn = event.call, found.definition.arn
        record = destinations.record(
            call,
            arn,
            found.definition.version,
            event.request_id,
            event.payload,
            condition,
            max(1, event.attempts) if condition != "Success" else event.attempts + 1,
            outcome,
        )
        try:
            with acting_as(Principal(found.role, call.account, arn)):
                destinations.send(call, target, record, condition == "Success")
        except (ClientError, AwsError) as error:
            self._count(call, found, "DestinationDeliveryFailures", 1.0)
            call.world.tell(arn, "deliver", target, "refused", str(error))
            return
        call.world.tell(arn, "deliver", target)

    def _settings(self, call: Call, found: Runnable) -> tuple[int, int, dict[str, Any]]:
        """Age in seconds, retries, and destinations of a function's asynchronous invocations."""
        qualifier = found.definition.version
        configs = self.stores.of(call).function(call, found.name).invocation
        config = configs.get(qualifier, {})
        return (
            config.get("MaximumEventAgeInSeconds", DEFAULT_AGE),
            config.get("MaximumRetryAttempts", DEFAULT_ATTEMPTS),
            config.get("DestinationConfig", {}),
        )

    def _request_id(self, call: Call) -> str:
        """The next one: the same in every run of the same world."""
        store = self.stores.of(call)
        with call.world.lock:
            store.invocations += 1
            number = store.invocations
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}/{call.region}/{number}"))

    def _count(
        self, call: Call, found: Runnable, name: str, value: float, unit: str = "Count"
    ) -> None:
        dimensions = {"FunctionName": found.name}
        world = call.world
        publish(world, call.account, call.region, "AWS/Lambda", name, dimensions, value, unit)


def _check_json(payload: bytes) -> None:
    try:
        json.loads(payload)
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def _qualified(params: Params) -> str:
    name, qualifier = params["FunctionName"], params.get("Qualifier")
    return f"{name}:{qualifier}" if qualifier else str(name)


def _error_message(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    try:
        return str(json.loads(outcome.payload).get("errorMessage", ""))
    except ValueError:
        return ""
