"""Reading log events: filtered, and queried with Logs Insights; of linked accounts as well.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import insights, patterns
from skyproof.emulator.services.logs.lookup import NO_GROUP
from skyproof.emulator.services.logs.store import Store
from skyproof.emulator.services.logs.validation import invalid, milliseconds, not_found, operation
from skyproof.emulator.services.oam.paging import page

MAX_EVENTS = 10_000
_ARN = re.compile(r"arn:[\w-]+:logs:([\w-]+):(\d{12}):log-group:([^:]+)(?::\*)?")

LogEvent = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A log group that the caller may read: its own, or one that is shared with it."""

    account: str
    name: str


@dataclass
class Queried:
    """A query that was run; it is done when StartQuery answers."""

    id: str
    text: str
    groups: list[str]
    created: int
    result: insights.Result
    status: str = "Complete"


@dataclass
class Queries:
    """The queries of one account and region, oldest first."""

    run: dict[str, Queried] = field(default_factory=dict)


class Searching:
    """The operations that read events."""

    stores: Regional[Store]
    queried: Regional[Queries]

    @operation("FilterLogEvents")
    def filter_log_events(self, call: Call, params: Params) -> Result:
        place = _place(call, params.get("logGroupIdentifier") or params.get("logGroupName", ""))
        try:
            pattern = patterns.parse(params.get("filterPattern", ""))
        except patterns.PatternError as error:
            raise invalid(f"Invalid filter pattern: {error}") from error
        found = [
            event
            for event in _events(call, place, params)
            if pattern.match(event["message"]) is not None
        ]
        # The base counts its events in numbers of any length, AWS in numbers of one length.
        found.sort(key=lambda event: (event["timestamp"], int(event["eventId"])))
        shown, more = page(
            found,
            params.get("limit", MAX_EVENTS),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"events": shown, "searchedLogStreams": [], **more}

    @operation("StartQuery")
    def start_query(self, call: Call, params: Params) -> Result:
        names = params.get("logGroupIdentifiers") or params.get("logGroupNames") or []
        if "logGroupName" in params:
            names = [params["logGroupName"]]
        if not names:
            raise invalid("At least one log group must be specified.")
        if params["startTime"] > params["endTime"]:
            raise invalid("End time should not be less than start time.")
        try:
            query = insights.parse(params["queryString"])
        except insights.QueryError as error:
            raise AwsError("MalformedQueryException", str(error)) from error
        records = [
            record for name in names for record in _records(call, _place(call, name), params)
        ]
        try:
            result = insights.run(query, records, params.get("limit", 10_000))
        except insights.QueryError as error:
            raise AwsError("MalformedQueryException", str(error)) from error
        kept = self.queried.of(call).run
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}/{call.region}/{len(kept)}"))
        created = milliseconds(call.world.clock.now())
        kept[id_] = Queried(id_, params["queryString"], list(names), created, result)
        return {"queryId": id_}

    @operation("GetQueryResults")
    def get_query_results(self, call: Call, params: Params) -> Result:
        queried = self._queried(call, params["queryId"])
        result = queried.result
        rows = [
            [{"field": name, "value": value} for name, value in row.items()] for row in result.rows
        ]
        return {
            "results": rows,
            "status": queried.status,
            "statistics": {
                "recordsMatched": float(result.matched),
                "recordsScanned": float(result.scanned),
                "bytesScanned": float(result.bytes_scanned),
            },
            "queryLanguage": "CWLI",
        }

    @operation("StopQuery")
    def stop_query(self, call: Call, params: Params) -> Result:
        self._queried(call, params["queryId"])
        raise invalid("Specified query is already in state Complete, and cannot be stopped.")

    @operation("DescribeQueries")
    def describe_queries(self, call: Call, params: Params) -> Result:
        wanted, status = params.get("logGroupName"), params.get("status")
        found = [
            {
                "queryId": one.id,
                "queryString": one.text,
                "status": one.status,
                "createTime": one.created,
                "logGroupName": one.groups[0],
                "queryLanguage": "CWLI",
            }
            for one in self.queried.of(call).run.values()
            if wanted in (None, *one.groups) and status in (None, one.status)
        ]
        found.reverse()
        return {"queries": found}

    def _queried(self, call: Call, id_: str) -> Queried:
        found = self.queried.of(call).run.get(id_)
        if found is None:
            raise not_found(f"The specified query id {id_} does not exist.")
        return found


def _place(call: Call, identifier: str) -> Place:
    """The group that a name or ARN stands for.

    Raises:
        AwsError: ResourceNotFoundException, also for a group that is not shared with the caller.
    """
    parts = _ARN.fullmatch(identifier)
    if parts is None:
        return Place(call.account, identifier)
    region, account, name = parts.groups()
    if region != call.region or (account != call.account and not _shares(call, account, name)):
        raise not_found(NO_GROUP)
    return Place(account, name)


def _shares(call: Call, account: str, name: str) -> bool:
    from skyproof.emulator.services.oam import Oam

    oam = Oam.of(call.world)
    passes = oam.shared_with(call.account, call.region, "AWS::Logs::LogGroup").get(account)
    return passes is not None and passes(name)


def _events(call: Call, place: Place, params: Params) -> list[LogEvent]:
    """The events of a group that are not past their retention."""
    client = call.world.base_client("logs", call.region, place.account)
    request: dict[str, Any] = {"logGroupName": place.name, "interleaved": True}
    for name in ("startTime", "endTime", "logStreamNames", "logStreamNamePrefix"):
        if name in params:
            request[name] = params[name]
    oldest = _oldest(call, client, place)
    request["startTime"] = max(oldest, request.get("startTime", 0))
    found: list[LogEvent] = []
    token: str | None = None
    while True:
        more = {"nextToken": token} if token else {}
        answer = client.filter_log_events(**request, **more)
        found += answer["events"]
        token = answer.get("nextToken")
        if not token:
            return found


def _oldest(call: Call, client: Any, place: Place) -> int:
    """The time before which events are gone, in milliseconds."""
    groups = client.describe_log_groups(logGroupNamePrefix=place.name, limit=1)["logGroups"]
    if not groups or groups[0]["logGroupName"] != place.name:
        raise not_found(NO_GROUP)
    days = groups[0].get("retentionInDays")
    if days is None:
        return 0
    return milliseconds(call.world.clock.now() - timedelta(days=days))


def _records(call: Call, place: Place, params: Params) -> list[insights.Record]:
    # Insights counts seconds, both ends included.
    span = {"startTime": params["startTime"] * 1000, "endTime": params["endTime"] * 1000 + 999}
    return [
        insights.Record(
            message=event["message"],
            timestamp=event["timestamp"],
            ingestion=event["ingestionTime"],
            log=f"{place.account}:{place.name}",
            stream=event["logStreamName"],
            pointer=event["eventId"],
        )
        for event in _events(call, place, span)
    ]
