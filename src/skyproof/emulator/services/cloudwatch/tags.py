"""Tags on alarms, streams, dashboards and insight rules, by ARN."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import refusals
from skyproof.emulator.services.cloudwatch.store import Store, Tags
from skyproof.emulator.services.cloudwatch.validation import operation
from skyproof.emulator.tags import MAX_TAGS, as_dict, as_pairs, reserved

#: Where the stores keep dashboards: they belong to an account and to no Region.
GLOBAL = "global"


class Tagging:
    """TagResource and its kin, over the stores of a CloudWatch service."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        tags = self._tags(call, params["ResourceARN"])
        new = tags | as_dict(params["Tags"])
        check_tags(params["Tags"], len(new))
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
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or parts[2] != "cloudwatch":
            raise refusals.invalid(f"Invalid ARN: {arn}")
        store = self.stores.at(call.account, parts[3] or GLOBAL)
        if parts[3] not in ("", call.region) or arn not in store.tags:
            raise AwsError("ResourceNotFoundException", f"Unknown resource: {arn}")
        return store.tags[arn]


def check_tags(tags: list[dict[str, str]] | None, count: int | None = None) -> None:
    """Refuse more than 50 tags, repeated keys and keys that AWS keeps for itself.

    Raises:
        AwsError: InvalidParameterValue.
    """
    keys = [tag["Key"] for tag in tags or []]
    if len(set(keys)) != len(keys):
        raise refusals.invalid("Tag keys must be unique")
    key = reserved(keys)
    if key is not None:
        raise refusals.invalid(f"Tag keys starting with 'aws:' are reserved: {key}")
    if (len(keys) if count is None else count) > MAX_TAGS:
        raise refusals.invalid(f"A resource can have at most {MAX_TAGS} tags")
