"""Log groups by name, ARN or either, and their streams."""

from __future__ import annotations

import re
from typing import Any

from skyproof.emulator.service import Call, Params, Regional
from skyproof.emulator.services.logs.events import LogStream
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, not_found

NO_GROUP = "The specified log group does not exist."

_ARN = re.compile(r"arn:[\w-]+:logs:([\w-]+):(\d{12}):log-group:([^:]+)(?::\*)?")


def group_named(stores: Regional[Store], call: Call, name: str) -> Group:
    """A log group of the caller's account.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    return _group(stores, call, call.account, name)


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


def group_readable(stores: Regional[Store], call: Call, identifier: str) -> Group:
    """A log group by its name or ARN: one of the caller's, or one that is shared with it.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    parts = _ARN.fullmatch(identifier)
    if parts is None:
        return group_named(stores, call, identifier)
    region, account, name = parts.groups()
    if region != call.region or (account != call.account and not _shares(call, account, name)):
        raise not_found(NO_GROUP)
    return _group(stores, call, account, name)


def group_asked_for(stores: Regional[Store], call: Call, params: Params) -> Group:
    """The log group that an operation on events or streams names in one of two ways.

    Raises:
        AwsError: ResourceNotFoundException; InvalidParameterException for both ways, or neither.
    """
    if ("logGroupName" in params) == ("logGroupIdentifier" in params):
        raise invalid("Specify either logGroupName or logGroupIdentifier.")
    if "logGroupName" in params:
        return group_named(stores, call, params["logGroupName"])
    return group_readable(stores, call, params["logGroupIdentifier"])


def stream_named(group: Group, name: str) -> LogStream:
    """A log stream of a group.

    Raises:
        AwsError: ResourceNotFoundException, in recorded words.
    """
    stream = group.streams.get(name)
    if stream is None:
        raise not_found("The specified log stream does not exist.")
    return stream


def kept(stores: Regional[Store], account: str, region: str, described: dict[str, Any]) -> Group:
    """What is kept of a log group that the base describes."""
    name = described["logGroupName"]
    arn = described["arn"].removesuffix(":*")
    return stores.at(account, region).groups.setdefault(name, Group(name, arn))


def _group(stores: Regional[Store], call: Call, account: str, name: str) -> Group:
    found = stores.at(account, call.region).groups.get(name)
    return found or _group_of_base(stores, call, account, name)


def _group_of_base(stores: Regional[Store], call: Call, account: str, name: str) -> Group:
    """A log group that another service of the base's made, past ours."""
    base = call.world.base_client("logs", call.region, account)
    # The base sorts by name, so a group comes before the others that begin with its name.
    groups = base.describe_log_groups(logGroupNamePrefix=name, limit=1)["logGroups"]
    if not groups or groups[0]["logGroupName"] != name:
        raise not_found(NO_GROUP)
    return kept(stores, account, call.region, groups[0])


def _shares(call: Call, account: str, name: str) -> bool:
    from skyproof.emulator.services.oam import Oam

    oam = Oam.of(call.world)
    passes = oam.shared_with(call.account, call.region, "AWS::Logs::LogGroup").get(account)
    return passes is not None and passes(name)
