"""Groups of canaries.

A group belongs to an account and to no Region: all of them see it and may add canaries to it.
https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateGroup.html
"""

from __future__ import annotations

import random
import string
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.synthetics.store import Group, Store
from skyproof.emulator.services.synthetics.tags import check_tags
from skyproof.emulator.services.synthetics.validation import invalid, operation

#: Where the stores keep what belongs to an account as a whole.
GLOBAL = "global"
MAX_GROUPS = 20
MAX_CANARIES = 10
MAX_GROUPS_OF_A_CANARY = 10
PAGE = 20


class Groups:
    """The operations on groups and on what is in them."""

    stores: Regional[Store]

    @operation("CreateGroup")
    def create_group(self, call: Call, params: Params) -> Result:
        groups = self.groups(call)
        name = params["Name"]
        if any(group.name == name for group in groups.values()):
            raise AwsError("ConflictException", f"Group {name} already exists.")
        if len(groups) >= MAX_GROUPS:
            raise AwsError(
                "ServiceQuotaExceededException", f"An account can have at most {MAX_GROUPS} groups."
            )
        tags = dict(params.get("Tags", {}))
        check_tags(tags, "ValidationException")
        now = call.world.clock.now()
        id_ = "".join(random.choices(string.ascii_lowercase + string.digits, k=10))  # noqa: S311
        group = Group(id_, name, call.arn("synthetics", f"group:{id_}"), tags, now, now)
        groups[id_] = group
        return {"Group": _described(group)}

    @operation("GetGroup")
    def get_group(self, call: Call, params: Params) -> Result:
        return {"Group": _described(self._group(call, params))}

    @operation("ListGroups")
    def list_groups(self, call: Call, params: Params) -> Result:
        groups, more = _page(list(self.groups(call).values()), params)
        return {"Groups": [_summary(group) for group in groups], **more}

    @operation("DeleteGroup")
    def delete_group(self, call: Call, params: Params) -> Result:
        del self.groups(call)[self._group(call, params).id]
        return {}

    @operation("AssociateResource")
    def associate_resource(self, call: Call, params: Params) -> Result:
        group = self._group(call, params)
        arn = params["ResourceArn"]
        self._check_canary(call, arn)
        if arn in group.canaries:
            raise AwsError("ConflictException", f"{arn} is already in group {group.name}.")
        if len(group.canaries) >= MAX_CANARIES:
            raise AwsError(
                "ServiceQuotaExceededException",
                f"A group can have at most {MAX_CANARIES} canaries.",
            )
        if len(self._groups_of(call, arn)) >= MAX_GROUPS_OF_A_CANARY:
            raise AwsError(
                "ServiceQuotaExceededException",
                f"A canary can be in at most {MAX_GROUPS_OF_A_CANARY} groups.",
            )
        group.canaries.append(arn)
        group.modified = call.world.clock.now()
        return {}

    @operation("DisassociateResource")
    def disassociate_resource(self, call: Call, params: Params) -> Result:
        group = self._group(call, params)
        arn = params["ResourceArn"]
        if arn not in group.canaries:
            raise invalid(f"{arn} does not exist in group {group.name}.")
        group.canaries.remove(arn)
        group.modified = call.world.clock.now()
        return {}

    @operation("ListGroupResources")
    def list_group_resources(self, call: Call, params: Params) -> Result:
        arns, more = _page(self._group(call, params).canaries, params)
        return {"Resources": arns, **more}

    @operation("ListAssociatedGroups")
    def list_associated_groups(self, call: Call, params: Params) -> Result:
        arn = params["ResourceArn"]
        self._check_canary(call, arn)
        groups, more = _page(self._groups_of(call, arn), params)
        return {"Groups": [_summary(group) for group in groups], **more}

    def groups(self, call: Call) -> dict[str, Group]:
        """The account's groups, by id."""
        return self.stores.at(call.account, GLOBAL).groups

    def _group(self, call: Call, params: Params) -> Group:
        wanted = params["GroupIdentifier"]
        for group in self.groups(call).values():
            if wanted in (group.name, group.id, group.arn):
                return group
        raise AwsError("ResourceNotFoundException", f"Group {wanted} not found.")

    def _groups_of(self, call: Call, arn: str) -> list[Group]:
        return [group for group in self.groups(call).values() if arn in group.canaries]

    def _check_canary(self, call: Call, arn: str) -> None:
        _, _, _, region, account, _, name = arn.split(":")
        if account != call.account or name not in self.stores.at(account, region).canaries:
            raise AwsError("ResourceNotFoundException", f"Canary {arn} not found.")


def _page(items: list[Any], params: Params) -> tuple[list[Any], dict[str, str]]:
    size = params.get("MaxResults", PAGE)
    return page(items, size, params.get("NextToken"), code="ValidationException")


def _summary(group: Group) -> dict[str, Any]:
    return {"Id": group.id, "Name": group.name, "Arn": group.arn}


def _described(group: Group) -> dict[str, Any]:
    return _summary(group) | {
        "Tags": group.tags,
        "CreatedTime": group.created,
        "LastModifiedTime": group.modified,
    }
