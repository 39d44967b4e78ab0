"""Sinks and their policies, in the monitoring account."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.iam import PolicyError, UnsupportedPolicyError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.oam import policy
from skyproof.emulator.services.oam.arns import identifier
from skyproof.emulator.services.oam.store import Link, Sink, Store
from skyproof.emulator.services.oam.tags import check_tags
from skyproof.emulator.services.oam.validation import operation


class Sinks:
    """The operations on sinks.

    https://docs.aws.amazon.com/OAM/latest/APIReference/API_CreateSink.html
    """

    stores: Regional[Store]

    @operation("CreateSink")
    def create_sink(self, call: Call, params: Params) -> Result:
        store = self.stores.of(call)
        if store.sinks:
            # "Each account can contain one sink per Region."
            raise AwsError("ConflictException", "A sink already exists in this account and Region")
        tags = params.get("Tags", {})
        check_tags(tags)
        id_ = str(uuid4())
        sink = Sink(id_, call.arn("oam", f"sink/{id_}"), params["Name"], dict(tags))
        store.sinks[sink.arn] = sink
        return _summary(sink) | {"Tags": sink.tags}

    @operation("GetSink")
    def get_sink(self, call: Call, params: Params) -> Result:
        sink = self._sink(call, params["Identifier"])
        return _summary(sink) | ({"Tags": sink.tags} if params.get("IncludeTags") else {})

    @operation("DeleteSink")
    def delete_sink(self, call: Call, params: Params) -> Result:
        sink = self._sink(call, params["Identifier"])
        if self._attached(sink):
            # "You must delete all links to a sink before you can delete that sink."
            raise AwsError("ConflictException", "The sink has links attached to it")
        del self.stores.of(call).sinks[sink.arn]
        return {}

    @operation("ListSinks")
    def list_sinks(self, call: Call, params: Params) -> Result:
        sinks, more = page(
            list(self.stores.of(call).sinks.values()),
            params.get("MaxResults", 100),
            params.get("NextToken"),
            code="InvalidParameterException",
        )
        return {"Items": [_summary(sink) for sink in sinks], **more}

    @operation("PutSinkPolicy")
    def put_sink_policy(self, call: Call, params: Params) -> Result:
        sink = self._sink(call, params["SinkIdentifier"])
        try:
            policy.check(params["Policy"])
        except PolicyError as error:
            raise AwsError(
                "InvalidParameterException", f"The sink policy is invalid: {error}"
            ) from error
        except UnsupportedPolicyError as error:
            raise OperationNotImplementedError("oam", "PutSinkPolicy", f"with {error}") from error
        sink.policy = params["Policy"]
        return _policy(sink)

    @operation("GetSinkPolicy")
    def get_sink_policy(self, call: Call, params: Params) -> Result:
        sink = self._sink(call, params["SinkIdentifier"])
        if sink.policy is None:
            raise AwsError("ResourceNotFoundException", f"The sink {sink.arn} has no policy")
        return _policy(sink)

    @operation("ListAttachedLinks")
    def list_attached_links(self, call: Call, params: Params) -> Result:
        links, more = page(
            self._attached(self._sink(call, params["SinkIdentifier"])),
            params.get("MaxResults", 1000),
            params.get("NextToken"),
            code="InvalidParameterException",
        )
        items = [
            {"Label": link.label, "LinkArn": link.arn, "ResourceTypes": link.resource_types}
            for link in links
        ]
        return {"Items": items, **more}

    def _sink(self, call: Call, text: str) -> Sink:
        arn = identifier(text, "sink").arn
        sink = self.stores.of(call).sinks.get(arn)
        if sink is None:
            raise AwsError("ResourceNotFoundException", f"The sink {arn} does not exist")
        return sink

    def _attached(self, sink: Sink) -> list[Link]:
        return [
            link
            for _, _, store in self.stores
            for link in store.links.values()
            if link.sink_arn == sink.arn
        ]


def _summary(sink: Sink) -> dict[str, Any]:
    return {"Arn": sink.arn, "Id": sink.id, "Name": sink.name}


def _policy(sink: Sink) -> dict[str, Any]:
    return {"SinkArn": sink.arn, "SinkId": sink.id, "Policy": sink.policy}
