"""What is there before the first request: users and roles with their policies, and an alias."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.strict.settings import Identity, Settings
from skyproof.emulator.target import DEFAULT_REGION
from skyproof.emulator.world import World
from skyproof.errors import SkyproofError


def prepare(world: World, settings: Settings) -> None:
    """Make what the settings want to be there.

    Raises:
        SkyproofError: IAM does not take it.
    """
    for identity in settings.policies:
        client = world.client("iam", DEFAULT_REGION, identity.arn.split(":")[4])
        try:
            _make(client, identity)
        except ClientError as error:
            raise SkyproofError(f"{identity.arn} cannot be made: {error}") from error
    if settings.account_alias:
        client = world.client("iam", DEFAULT_REGION, settings.callers[0].account)
        client.create_account_alias(AccountAlias=settings.account_alias)


def _make(client: Any, identity: Identity) -> None:
    resource = identity.arn.rpartition(":")[2]
    kind, _, rest = resource.partition("/")
    path, _, name = f"/{rest}".rpartition("/")
    if kind == "role":
        client.create_role(RoleName=name, Path=f"{path}/", AssumeRolePolicyDocument=identity.trust)
        for one, document in identity.policies.items():
            client.put_role_policy(RoleName=name, PolicyName=one, PolicyDocument=document)
        return
    client.create_user(UserName=name, Path=f"{path}/")
    for one, document in identity.policies.items():
        client.put_user_policy(UserName=name, PolicyName=one, PolicyDocument=document)
