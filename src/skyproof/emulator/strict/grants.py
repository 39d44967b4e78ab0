"""What a user or role of the world is granted: its policies, those of its groups, its boundary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from skyproof.emulator.strict.callers import Caller
from skyproof.emulator.target import DEFAULT_REGION
from skyproof.emulator.world import World


@dataclass(frozen=True)
class Grants:
    """Policies as JSON; the boundary is ``None`` without one."""

    policies: tuple[str, ...] = ()
    boundary: str | None = None


def of(world: World, caller: Caller) -> Grants:
    """What a caller is granted: nothing once its user or role is gone."""

    def read() -> Grants:
        client = world.client("iam", DEFAULT_REGION, caller.account)
        name = caller.identity.rpartition("/")[2]
        try:
            return _of_role(client, name) if ":role/" in caller.identity else _of_user(client, name)
        except client.exceptions.NoSuchEntityException:
            return Grants()

    return world.memo.get("iam", ("grants", caller.identity), read)


def trust(world: World, role: str) -> str | None:
    """A role's trust policy as JSON; ``None`` where there is no such role."""

    def read() -> str | None:
        client = world.client("iam", DEFAULT_REGION, role.split(":")[4])
        try:
            found = client.get_role(RoleName=role.rpartition("/")[2])["Role"]
        except ClientError:
            return None
        return _text(found["AssumeRolePolicyDocument"]) if found["Arn"] == role else None

    return world.memo.get("iam", ("strict trust", role), read)


def _of_role(client: Any, name: str) -> Grants:
    role = client.get_role(RoleName=name)["Role"]
    inline = client.list_role_policies(RoleName=name)["PolicyNames"]
    attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    own = (client.get_role_policy(RoleName=name, PolicyName=one) for one in inline)
    return Grants((*_inline(own), *_managed(client, attached)), _boundary(client, role))


def _of_user(client: Any, name: str) -> Grants:
    user = client.get_user(UserName=name)["User"]
    inline = client.list_user_policies(UserName=name)["PolicyNames"]
    attached = client.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    own = (client.get_user_policy(UserName=name, PolicyName=one) for one in inline)
    of_groups = _of_groups(client, name)
    policies = (*_inline(own), *_managed(client, attached), *of_groups)
    return Grants(policies, _boundary(client, user))


def _of_groups(client: Any, user: str) -> Iterator[str]:
    for group in client.list_groups_for_user(UserName=user)["Groups"]:
        name = group["GroupName"]
        inline = client.list_group_policies(GroupName=name)["PolicyNames"]
        yield from _inline(client.get_group_policy(GroupName=name, PolicyName=p) for p in inline)
        attached = client.list_attached_group_policies(GroupName=name)["AttachedPolicies"]
        yield from _managed(client, attached)


def _inline(answers: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield from (_text(answer["PolicyDocument"]) for answer in answers)


def _managed(client: Any, attached: list[dict[str, str]]) -> Iterator[str]:
    yield from (_document(client, one["PolicyArn"]) for one in attached)


def _boundary(client: Any, identity: dict[str, Any]) -> str | None:
    arn = identity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return _document(client, arn) if arn else None


def _document(client: Any, arn: str) -> str:
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
    return _text(answer["PolicyVersion"]["Document"])


def _text(document: Any) -> str:
    return unquote(document) if isinstance(document, str) else json.dumps(document)
