"""Tags, which groups have and schedules have not."""

from __future__ import annotations

from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.scheduler.groups import group_of
from skyproof.emulator.services.scheduler.store import Store
from skyproof.emulator.services.scheduler.validation import operation, tags_of
from skyproof.emulator.tags import Tags, as_pairs


class Tagging:
    """TagResource and its kin; the ARN is a group's, or the model's pattern refuses it."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params)
        tags.update(tags_of(params["Tags"]))
        return {}

    @operation("UntagResource")
    def untag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params)
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    @operation("ListTagsForResource")
    def list_tags_for_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params)
        return {"Tags": as_pairs(tags)}

    def _tags(self, call: Call, params: Params) -> Tags:
        return group_of(self.stores, call, params["ResourceArn"].rpartition("/")[2]).tags
