"""Log groups by name, ARN or either: the base knows which there are."""

from __future__ import annotations

import re
from typing import Any

from skyproof.emulator.service import Call, Regional
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, not_found

NO_GROUP = "The specified log group does not exist."

_ARN = re.compile(r"arn:[\w-]+:logs:([\w-]+):(\d{12}):log-group:([^:]+)(?::\*)?")


def group_named(stores: Regional[Store], call: Call, name: str) -> Group:
    """What is kept of a log group.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    # The base sorts by name, so a group comes before the others that begin with its name.
    found = call.base().describe_log_groups(logGroupNamePrefix=name, limit=1)["logGroups"]
    if not found or found[0]["logGroupName"] != name:
        raise not_found(NO_GROUP)
    return kept(stores, call, found[0])


def group_identified(stores: Regional[Store], call: Call, identifier: str) -> Group:
    """What is kept of a log group that is identified by its name or its ARN.

    Raises:
        AwsError: ResourceNotFoundException; InvalidParameterException for an ARN of something else.
    """
    if not identifier.startswith("arn:"):
        return group_named(stores, call, identifier)
    parts = _ARN.fullmatch(identifier)
    if parts is None:
        raise invalid(f"{identifier} is not the ARN of a log group")
    region, account, name = parts.groups()
    if (region, account) != (call.region, call.account):
        raise not_found(NO_GROUP)
    return group_named(stores, call, name)


def kept(stores: Regional[Store], call: Call, described: dict[str, Any]) -> Group:
    """What is kept of a log group that the base describes."""
    name = described["logGroupName"]
    arn = described["arn"].removesuffix(":*")
    return stores.of(call).groups.setdefault(name, Group(name, arn))
