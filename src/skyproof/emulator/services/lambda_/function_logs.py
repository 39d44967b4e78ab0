"""What an invocation leaves in CloudWatch Logs, written under the function's own role.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import milliseconds, stamp
from skyproof.emulator.functions import Outcome
from skyproof.emulator.service import Call
from skyproof.emulator.services.lambda_.definitions import Runnable


def write(call: Call, found: Runnable, outcome: Outcome, request_id: str) -> None:
    """Write START, the function's own lines, END and REPORT; a role that may not writes nothing."""
    definition = found.definition
    now = milliseconds(call.world.clock.now())
    lines = (
        _json_lines(call, found, outcome, request_id)
        if found.json_logs
        else _text_lines(found, outcome, request_id)
    )
    events = [{"timestamp": now, "message": line} for line in lines]
    client = call.client("logs")
    group, stream = definition.log_group, definition.log_stream
    try:
        with acting_as(Principal(found.role, call.account, definition.arn)):
            _put(client, group, stream, events)
    except ClientError as error:
        call.world.tell(definition.arn, "log", group, "refused", str(error))


def _put(client: Any, group: str, stream: str, events: list[dict[str, Any]]) -> None:
    put = {"logGroupName": group, "logStreamName": stream, "logEvents": events}
    try:
        client.put_log_events(**put)
    except client.exceptions.ResourceNotFoundException:
        try:
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        except client.exceptions.ResourceNotFoundException:
            client.create_log_group(logGroupName=group)
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        client.put_log_events(**put)


def _text_lines(found: Runnable, outcome: Outcome, request_id: str) -> list[str]:
    duration, init = outcome.duration * 1000, outcome.init
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\t"
        f"Billed Duration: {outcome.billed} ms\tMemory Size: {found.definition.memory} MB\t"
        f"Max Memory Used: {outcome.memory} MB\t"
        + (f"Init Duration: {init * 1000:.2f} ms\t" if init is not None else "")
    )
    return [
        f"START RequestId: {request_id} Version: {found.definition.version}",
        *outcome.lines,
        f"END RequestId: {request_id}",
        report,
    ]


def _json_lines(call: Call, found: Runnable, outcome: Outcome, request_id: str) -> list[str]:
    time = stamp(call.world.clock.now())
    status = "success" if outcome.error is None else "timeout" if outcome.exceeded else "error"
    metrics: dict[str, Any] = {
        "durationMs": round(outcome.duration * 1000, 3),
        "billedDurationMs": outcome.billed,
        "memorySizeMB": found.definition.memory,
        "maxMemoryUsedMB": outcome.memory,
    }
    if outcome.init is not None:
        metrics["initDurationMs"] = round(outcome.init * 1000, 3)
    start = {"requestId": request_id, "version": found.definition.version}
    report = {"requestId": request_id, "metrics": metrics, "status": status}
    return [
        json.dumps({"time": time, "type": "platform.start", "record": start}),
        *outcome.lines,
        json.dumps({"time": time, "type": "platform.report", "record": report}),
    ]
