"""The kinds of resources that skyproof finds and removes, in the order in which they go."""

from __future__ import annotations

import re

from skyproof.lifecycle.kinds import (
    computing,
    identity,
    logs,
    makers,
    messaging,
    network,
    storing,
    watching,
)
from skyproof.lifecycle.kinds.kind import Kind, as_tags

__all__ = ["KINDS", "Kind", "as_tags", "is_covered", "kind_of_arn", "kind_of_item"]

KINDS: tuple[Kind, ...] = (
    *makers.KINDS,
    *watching.KINDS,
    *computing.KINDS,
    *messaging.KINDS,
    *storing.KINDS,
    *network.KINDS,
    *identity.KINDS,
    *logs.KINDS,
)
# What carries tags of its own and goes with what it is part of.
_PARTS = re.compile(
    r"arn:[^:]*:(?:ec2:[^:]*:[^:]*:security-group-rule|ecs:[^:]*:[^:]*:(?:task|container-instance))/.+"
)
_BY_NAME = {(kind.service, kind.what): kind for kind in KINDS}


def kind_of_item(service: str, what: str) -> Kind | None:
    """The kind of that service and name."""
    return _BY_NAME.get((service, what))


def kind_of_arn(arn: str) -> Kind | None:
    """The kind that an ARN is of, if skyproof knows it."""
    return next((kind for kind in KINDS if kind.owns(arn)), None)


def is_covered(arn: str) -> bool:
    """Whether list calls tell of what has that ARN, or of what it is part of."""
    return _PARTS.fullmatch(arn) is not None or kind_of_arn(arn) is not None
