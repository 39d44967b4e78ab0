"""Log streams.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs.events import LogStream, written
from skyproof.emulator.services.logs.lookup import group_asked_for, group_named, stream_named
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, operation


class Streams:
    """The operations on log streams."""

    stores: Regional[Store]

    @operation("CreateLogStream")
    def create_log_stream(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        name = params["logStreamName"]
        if name in group.streams:
            raise AwsError(
                "ResourceAlreadyExistsException", "The specified log stream already exists"
            )
        group.streams[name] = LogStream(name, milliseconds(call.world.clock.now()))
        return {}

    @operation("DeleteLogStream")
    def delete_log_stream(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        del group.streams[stream_named(group, params["logStreamName"]).name]
        return {}

    @operation("DescribeLogStreams")
    def describe_log_streams(self, call: Call, params: Params) -> Result:
        group = group_asked_for(self.stores, call, params)
        prefix = params.get("logStreamNamePrefix", "")
        by_time = params.get("orderBy") == "LastEventTime"
        if by_time and prefix:
            # Recorded.
            raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        streams = [one for one in group.streams.values() if one.name.startswith(prefix)]
        streams.sort(
            key=_last_event_time if by_time else _name, reverse=params.get("descending", False)
        )
        found, more = page(
            streams,
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"logStreams": [_described(group, one) for one in found], **more}


def _name(stream: LogStream) -> tuple[int, str]:
    return 0, stream.name


def _last_event_time(stream: LogStream) -> tuple[int, str]:
    return stream.last or 0, stream.name


def _described(group: Group, stream: LogStream) -> dict[str, Any]:
    """What AWS tells hours later in part ("on an eventual consistency basis") is told at once."""
    told: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": f"{group.arn}:log-stream:{stream.name}",
        # "As of June 17, 2019, … is always reported as zero."
        "storedBytes": 0,
    }
    if stream.ingested is not None:
        told |= {
            "firstEventTimestamp": stream.first,
            "lastEventTimestamp": stream.last,
            "lastIngestionTime": stream.ingested,
            "uploadSequenceToken": written(stream.batches),
        }
    return told
