"""Tags on canaries and groups."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.synthetics.store import Group, Store, Tags
from skyproof.emulator.services.synthetics.validation import operation
from skyproof.emulator.tags import MAX_TAGS


class Tagging:
    """TagResource and its kin."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceArn"])
        check_tags(tags | params["Tags"], "BadRequestException")
        tags.update(params["Tags"])
        return {}

    @operation("UntagResource")
    def untag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceArn"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    @operation("ListTagsForResource")
    def list_tags_for_resource(self, call: Call, params: Params) -> Result:
        return {"Tags": self._tags(call, params["ResourceArn"])}

    def groups(self, call: Call) -> dict[str, Group]:
        """The account's groups, by id."""
        raise NotImplementedError

    def _tags(self, call: Call, arn: str) -> Tags:
        tagged = {one.arn: one.tags for one in self.groups(call).values()}
        tagged |= {one.arn: one.tags for one in self.stores.of(call).canaries.values()}
        if arn not in tagged:
            raise AwsError("NotFoundException", f"Resource {arn} not found.")
        return tagged[arn]


def check_tags(tags: Tags, code: str) -> None:
    """Refuse more than 50 tags.

    Raises:
        AwsError: with ``code``.
    """
    if len(tags) > MAX_TAGS:
        raise AwsError(code, f"A resource can have at most {MAX_TAGS} tags.")
