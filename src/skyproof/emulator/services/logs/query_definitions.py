"""Saved queries of Logs Insights.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs.store import QueryDefinition, Store
from skyproof.emulator.services.logs.validation import not_found, operation

NOT_FOUND = "The specified query definition does not exist."


class QueryDefinitions:
    """The operations on query definitions."""

    stores: Regional[Store]

    @operation("PutQueryDefinition")
    def put_query_definition(self, call: Call, params: Params) -> Result:
        queries = self.stores.of(call).queries
        id_ = params.get("queryDefinitionId")
        if id_ is not None and id_ not in queries:
            raise not_found(NOT_FOUND)
        id_ = id_ or str(uuid4())
        kept = ("queryString", "logGroupNames", "parameters")
        settings = {name: params[name] for name in kept if params.get(name)}
        settings["queryLanguage"] = params.get("queryLanguage", "CWLI")
        queries[id_] = QueryDefinition(id_, params["name"], settings, call.world.clock.now())
        return {"queryDefinitionId": id_}

    @operation("DescribeQueryDefinitions")
    def describe_query_definitions(self, call: Call, params: Params) -> Result:
        prefix = params.get("queryDefinitionNamePrefix", "")
        language = params.get("queryLanguage")
        found, more = page(
            [
                _described(one)
                for one in sorted(self.stores.of(call).queries.values(), key=lambda q: q.name)
                if one.name.startswith(prefix) and language in (None, one.settings["queryLanguage"])
            ],
            params.get("maxResults", 1000),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"queryDefinitions": found, **more}

    @operation("DeleteQueryDefinition")
    def delete_query_definition(self, call: Call, params: Params) -> Result:
        if self.stores.of(call).queries.pop(params["queryDefinitionId"], None) is None:
            raise not_found(NOT_FOUND)
        return {"success": True}


def _described(query: QueryDefinition) -> dict[str, Any]:
    return {
        "queryDefinitionId": query.id,
        "name": query.name,
        "lastModified": milliseconds(query.modified),
        **query.settings,
    }
