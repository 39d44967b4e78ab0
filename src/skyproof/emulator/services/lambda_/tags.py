"""Tags of what is kept here; those of functions are the base's."""

from __future__ import annotations

from collections.abc import Callable

from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.lambda_.polling import EventSourceMapping
from skyproof.emulator.services.lambda_.store import Store
from skyproof.emulator.services.lambda_.validation import operation

_MAPPING = ":event-source-mapping:"


class Tags:
    stores: Regional[Store]
    mapping: Callable[[Call, str], EventSourceMapping]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        if not _is_ours(params):
            call.base().tag_resource(**params)
            return None
        self._of(call, params).update(params["Tags"])
        return None

    @operation("UntagResource")
    def untag_resource(self, call: Call, params: Params) -> Result:
        if not _is_ours(params):
            call.base().untag_resource(**params)
            return None
        tags = self._of(call, params)
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return None

    @operation("ListTags")
    def list_tags(self, call: Call, params: Params) -> Result:
        if not _is_ours(params):
            return {"Tags": call.base().list_tags(**params)["Tags"]}
        return {"Tags": self._of(call, params)}

    def _of(self, call: Call, params: Params) -> dict[str, str]:
        arn = params["Resource"]
        if _MAPPING in arn:
            return self.mapping(call, arn).tags
        return self.stores.of(call).signing_config(arn).tags


def _is_ours(params: Params) -> bool:
    return any(kind in params["Resource"] for kind in (":code-signing-config:", _MAPPING))
