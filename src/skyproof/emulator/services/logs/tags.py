"""Tags by ARN: of a log group with or without ``:*``, of destinations and of anomaly detectors."""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs.lookup import group_identified, group_named
from skyproof.emulator.services.logs.store import Store, Tags
from skyproof.emulator.services.logs.validation import not_found, operation

MAX_TAGS = 50


class Tagging:
    """TagResource, TagLogGroup and their kin. The base keeps the tags that it can have."""

    stores: Regional[Store]

    @operation("TagResource")
    def tag_resource(self, call: Call, params: Params) -> Result:
        self._tag(call, self._arn(call, params["resourceArn"]), params["tags"])
        return {}

    @operation("UntagResource")
    def untag_resource(self, call: Call, params: Params) -> Result:
        self._untag(call, self._arn(call, params["resourceArn"]), params["tagKeys"])
        return {}

    @operation("ListTagsForResource")
    def list_tags_for_resource(self, call: Call, params: Params) -> Result:
        return {"tags": self._tags(call, self._arn(call, params["resourceArn"]))}

    @operation("TagLogGroup")
    def tag_log_group(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        self._tag(call, group.arn, params["tags"])
        return {}

    @operation("UntagLogGroup")
    def untag_log_group(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        self._untag(call, group.arn, params["tags"])
        return {}

    @operation("ListTagsLogGroup")
    def list_tags_log_group(self, call: Call, params: Params) -> Result:
        group = group_named(self.stores, call, params["logGroupName"])
        return {"tags": self._tags(call, group.arn)}

    def _arn(self, call: Call, arn: str) -> str:
        """The ARN in the form under which tags are kept.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        if arn in self.stores.of(call).detectors:
            return arn
        if ":log-group:" in arn:
            return group_identified(self.stores, call, arn).arn
        base = call.base()
        known = {one["arn"] for one in base.describe_destinations()["destinations"]}
        known |= {one["arn"] for one in base.describe_deliveries()["deliveries"]}
        known |= {one["arn"] for one in base.describe_delivery_sources()["deliverySources"]}
        known |= {
            one["arn"] for one in base.describe_delivery_destinations()["deliveryDestinations"]
        }
        if arn not in known:
            raise not_found("The specified resource does not exist.")
        return arn

    def _tags(self, call: Call, arn: str) -> Tags:
        detector = self.stores.of(call).detectors.get(arn)
        if detector is not None:
            return detector.tags
        tags: Tags = call.base().list_tags_for_resource(resourceArn=arn)["tags"]
        return tags

    def _tag(self, call: Call, arn: str, tags: Tags) -> None:
        if len(self._tags(call, arn) | tags) > MAX_TAGS:
            raise AwsError(
                "TooManyTagsException",
                f"A resource can have at most {MAX_TAGS} tags.",
                resourceName=arn,
            )
        detector = self.stores.of(call).detectors.get(arn)
        if detector is not None:
            detector.tags.update(tags)
        else:
            call.base().tag_resource(resourceArn=arn, tags=tags)

    def _untag(self, call: Call, arn: str, keys: list[str]) -> None:
        detector = self.stores.of(call).detectors.get(arn)
        if detector is None:
            call.base().untag_resource(resourceArn=arn, tagKeys=keys)
            return
        for key in keys:
            detector.tags.pop(key, None)
