"""Queries of Logs Insights over log events, of linked accounts as well.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import insights
from skyproof.emulator.services.logs.events import id_at, written
from skyproof.emulator.services.logs.lookup import group_readable
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, not_found, operation


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
    """The operations on queries."""

    stores: Regional[Store]
    queried: Regional[Queries]

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
            record
            for name in names
            for record in _records(call, group_readable(self.stores, call, name), params)
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


def _records(call: Call, group: Group, params: Params) -> list[insights.Record]:
    group.forget_expired(call.world.clock.now())
    # Insights counts seconds, both ends included.
    first, end = id_at(params["startTime"] * 1000), id_at((params["endTime"] + 1) * 1000)
    return [
        insights.Record(
            message=event.message,
            timestamp=event.timestamp,
            ingestion=event.ingested,
            log=f"{group.account}:{group.name}",
            stream=event.stream,
            pointer=written(event.id),
        )
        for event in group.between(first, end, group.streams.values())
    ]
