"""Tags on groups and sampling rules."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.xray.store import Store, Tags
from skyproof.emulator.services.xray.validation import operation, refusal
from skyproof.emulator.tags import MAX_TAGS, as_dict, as_pairs, reserved


class Tagging:
    """TagResource and its kin."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceARN"])
        new = tag_dict(params["Tags"])
        if len(tags | new) > MAX_TAGS:
            raise AwsError("TooManyTagsException", f"A resource can have at most {MAX_TAGS} tags")
        tags.update(new)
        return {}

    @operation("UntagResource")
    def untag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceARN"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    @operation("ListTagsForResource")
    def list_tags_for_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceARN"])
        return {"Tags": as_pairs(tags)}

    def _tags(self, call: Call, arn: str) -> Tags:
        tags = self.stores.of(call).tags.get(arn)
        if tags is None:
            raise AwsError(
                "ResourceNotFoundException",
                f"The resource {arn} does not exist",
                ResourceName=arn,
            )
        return tags


def tag_dict(tags: list[dict[str, str]]) -> Tags:
    """``[{"Key": k, "Value": v}]`` as a dict.

    Raises:
        AwsError: InvalidRequestException, for a key that is there twice or that AWS reserves.
    """
    found = as_dict(tags)
    if len(found) != len(tags):
        raise refusal("Tag keys must be unique")
    key = reserved(found)
    if key is not None:
        raise refusal(f"Tag keys beginning with aws: are reserved: {key}")
    if len(found) > MAX_TAGS:
        raise refusal(f"A resource can have at most {MAX_TAGS} tags")
    return found
