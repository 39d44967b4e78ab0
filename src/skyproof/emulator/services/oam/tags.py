"""Tags on sinks and links."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.oam.store import Store, Tags
from skyproof.emulator.services.oam.validation import operation
from skyproof.emulator.tags import MAX_TAGS, reserved


class Tagging:
    """TagResource and its kin."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceArn"])
        check_tags(params["Tags"])
        if len(tags | params["Tags"]) > MAX_TAGS:
            raise AwsError("TooManyTagsException", f"A resource can have at most {MAX_TAGS} tags")
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

    def _tags(self, call: Call, arn: str) -> Tags:
        store = self.stores.of(call)
        resource = store.sinks.get(arn) or store.links.get(arn)
        if resource is None:
            raise AwsError("ResourceNotFoundException", f"The resource {arn} does not exist")
        return resource.tags


def check_tags(tags: Tags) -> None:
    """Refuse keys that AWS keeps for itself.

    Raises:
        AwsError: ValidationException.
    """
    key = reserved(tags)
    if key is not None:
        raise AwsError("ValidationException", f"Tag keys beginning with aws: are reserved: {key}")
