"""Credentials of a role, for boto3 and for Terraform, that renew themselves in the middle of work.

A provider holds its credentials for as long as an apply takes, and those of a role may end sooner.
So Terraform is not given credentials but a profile whose ``credential_process`` is :func:`main`:
the AWS SDKs run it again when what they hold expires.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.session import Session as CoreSession

PROFILE = "skyproof"
SESSION_NAME = "skyproof"

# Where the SDKs look for credentials.
# https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
CHAIN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
# AWS throttles accounts, not callers: adaptive retries slow down before they are refused again.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
RETRIES = {"mode": "adaptive", "total_max_attempts": 10}
# Keys in the environment go before any profile, so the process finds the chain under other names.
SOURCE = "SKYPROOF_SOURCE_"


def of_chain(region: str) -> CoreSession:
    """A session of the normal chain."""
    core = CoreSession()
    core.set_config_variable("region", region)
    # Also for the calls by which a role is assumed.
    core.set_default_client_config(Config(retries=RETRIES))
    return core


def of_role(region: str, role: str, source: CoreSession) -> CoreSession:
    """A session of a role that another session may assume."""
    core = of_chain(region)
    core._credentials = DeferredRefreshableCredentials(
        lambda: _fetcher(role, source).fetch_credentials(), "assume-role"
    )
    return core


def _fetcher(role: str, source: CoreSession) -> AssumeRoleCredentialFetcher:
    found = source.get_credentials()
    if found is None:
        raise NoCredentialsError
    session_name = {"RoleSessionName": SESSION_NAME}
    return AssumeRoleCredentialFetcher(source.create_client, found, role, session_name)


def terraform_environment(role: str, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What makes a provider assume a role, and again when that expires.

    Args:
        folder: where the profile is written; it holds no secret.
        environ: the environment that holds the chain which may assume the role.
    """
    config = folder / "aws-config"
    command = shlex.join([sys.executable, "-m", "skyproof.backends", role])
    config.write_text(f"[profile {PROFILE}]\ncredential_process = {command}\n")
    return {
        **dict.fromkeys(CHAIN, ""),
        **{SOURCE + name: environ[name] for name in CHAIN if environ.get(name)},
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PROFILE": PROFILE,
    }


def restore_chain(environ: MutableMapping[str, str]) -> None:
    """Put the chain back to where :func:`terraform_environment` took it from."""
    for name in CHAIN:
        environ.pop(name, None)
        if SOURCE + name in environ:
            environ[name] = environ.pop(SOURCE + name)


def for_process(role: str, region: str) -> dict[str, Any]:
    """Credentials of a role as a ``credential_process`` writes them."""
    got = _fetcher(role, of_chain(region)).fetch_credentials()
    return {
        "Version": 1,
        "AccessKeyId": got["access_key"],
        "SecretAccessKey": got["secret_key"],
        "SessionToken": got["token"],
        "Expiration": got["expiry_time"],
    }


def main(role: str) -> int:
    """Write the credentials of a role to standard output; what SDKs call."""
    restore_chain(os.environ)
    try:
        answer = for_process(role, os.environ["AWS_REGION"])
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{role} cannot be assumed: {error}\n")
        return 1
    sys.stdout.write(json.dumps(answer))
    return 0
