"""Export tasks: the events of a group, written to a bucket once.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateExportTask.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
"""

from __future__ import annotations

import gzip
import uuid
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs.events import LogEvent, id_at
from skyproof.emulator.services.logs.lookup import group_named
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, not_found, operation

#: "If you don't specify a value, the default is exportedlogs."
PREFIX = "exportedlogs"
_ACTIVE = ("PENDING", "RUNNING")

Task = dict[str, Any]


class Exports:
    """The operations on export tasks."""

    stores: Regional[Store]

    @operation("CreateExportTask")
    def create_export_task(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        tasks = self.stores.of(call).exports
        if params["from"] > params["to"]:
            raise invalid("The start of the range must not be later than its end.")
        if any(_status(task) in _ACTIVE for task in tasks.values()):
            # One "active (RUNNING or PENDING) export task at a time".
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        task = {"destinationPrefix": PREFIX, **params}
        _try_bucket(call, group, task)
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}/{call.region}/{len(tasks)}"))
        task |= {
            "taskId": id_,
            "status": {"code": "PENDING"},
            "executionInfo": {"creationTime": milliseconds(call.world.clock.now())},
        }
        tasks[id_] = task
        call.world.clock.soon(f"logs: export {group.name}", lambda: _run(call, group, task))
        return {"taskId": id_}

    @operation("DescribeExportTasks")
    def describe_export_tasks(self, call: Call, params: Params) -> Result:
        found, more = page(
            [
                task
                for task in self.stores.of(call).exports.values()
                if params.get("taskId") in (None, task["taskId"])
                and params.get("statusCode") in (None, _status(task))
            ],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"exportTasks": found, **more}

    @operation("CancelExportTask")
    def cancel_export_task(self, call: Call, params: Params) -> Result:
        task = self.stores.of(call).exports.get(params["taskId"])
        if task is None:
            raise not_found("The specified export task does not exist.")
        if _status(task) not in _ACTIVE:
            raise AwsError(
                "InvalidOperationException", "The specified export task has already finished"
            )
        _finish(call, task, "CANCELLED", "Cancelled by user")
        return {}


def _status(task: Task) -> str:
    return str(task["status"]["code"])


def _finish(call: Call, task: Task, code: str, message: str) -> None:
    task["status"] = {"code": code, "message": message}
    task["executionInfo"]["completionTime"] = milliseconds(call.world.clock.now())


def _try_bucket(call: Call, group: Group, task: Task) -> None:
    """Do what Logs does first, to see whether it may."""
    s3, bucket = call.client("s3"), task["destination"]
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        raise invalid(
            "The given bucket does not exist. Please make sure the bucket is valid."
        ) from error
    try:
        with acting_as(_logs(call, group)):
            s3.get_bucket_acl(Bucket=bucket)
        _put(call, group, task, "aws-logs-write-test", b"Permission Check Successful")
    except ClientError as error:
        # Recorded for GetBucketAcl.
        raise invalid(
            f"{error.operation_name} call on the given bucket failed. Please check if CloudWatch "
            "Logs has been granted permission to perform this operation."
        ) from error


def _run(call: Call, group: Group, task: Task) -> None:
    """Write a file for each stream that has events in the range."""
    with call.world.lock:
        if _status(task) not in _ACTIVE:
            return
        group.forget_expired(call.world.clock.now())
        first, end = id_at(task["from"]), id_at(task["to"] + 1)
        prefix = task.get("logStreamNamePrefix", "")
        found = {
            stream.name: stream.between(first, end)
            for stream in group.streams.values()
            if stream.name.startswith(prefix)
        }
    target = f"s3://{task['destination']}/{task['destinationPrefix']}"
    try:
        for name, events in found.items():
            if events:
                key = f"{task['taskId']}/{name.replace('/', '-')}/000000.gz"
                _put(call, group, task, key, gzip.compress(_text(events).encode(), mtime=0))
    except ClientError as error:
        _finish(call, task, "FAILED", str(error))
        call.world.tell(group.arn, "export", target, "refused", str(error))
        return
    _finish(call, task, "COMPLETED", "Completed successfully")
    call.world.tell(group.arn, "export", target)


def _text(events: list[LogEvent]) -> str:
    return "".join(f"{_stamp(event.timestamp)} {event.message}\n" for event in events)


def _stamp(timestamp: int) -> str:
    moment = datetime.fromtimestamp(timestamp // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{timestamp % 1000:03d}Z"


def _put(call: Call, group: Group, task: Task, key: str, content: bytes) -> None:
    with acting_as(_logs(call, group)):
        call.client("s3").put_object(
            Bucket=task["destination"],
            Key=f"{task['destinationPrefix']}/{key}",
            Body=content,
            ACL="bucket-owner-full-control",
        )


def _logs(call: Call, group: Group) -> Principal:
    """Logs, as the bucket's policy must name it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
    """
    return Principal(f"logs.{call.region}.amazonaws.com", call.account, group.arn)
