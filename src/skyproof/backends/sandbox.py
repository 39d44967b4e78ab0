"""The sandbox backend: a real AWS account that was set apart for tests."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session as CoreSession

from skyproof.backends import credentials, guard
from skyproof.errors import ExitCode, SkyproofError
from skyproof.expect.clock import RealClock
from skyproof.run import Run
from skyproof.settings import Settings

# Where the AWS SDKs are told of another endpoint than AWS's.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
ENDPOINT = "AWS_ENDPOINT_URL"
# The provider tags everything with TF_AWS_DEFAULT_TAGS_<key>, beside its default_tags block.
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
DEFAULT_TAG = "TF_AWS_DEFAULT_TAGS_"
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Sandbox:
    """A real account, entered with the credentials of the normal AWS chain or with a role.

    :meth:`start` refuses every account that is not on the list, or that reads as production.
    """

    name = "sandbox"
    version = "AWS"
    is_local = False

    def __init__(self, settings: Settings, run: Run) -> None:
        self.account = settings.account
        self.region = settings.region
        self.capabilities = frozenset(
            {"multi-region", "multi-account"} if settings.sandbox_roles else {"multi-region"}
        )
        self._settings = settings
        self._run = run
        self._sessions: dict[str, boto3.session.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def endpoint(self) -> str | None:
        return os.environ.get(ENDPOINT) or None

    def start(self) -> None:
        """Find out which accounts the credentials lead into, and refuse those that are not meant.

        Raises:
            SkyproofError: no credentials, or an account that must not be entered.
        """
        if self._sessions:
            return
        try:
            self._enter_all()
        except BaseException:
            self.stop()  # what was refused once is not half started
            raise
        self._folder = tempfile.TemporaryDirectory(prefix="skyproof-sandbox-")

    def _enter_all(self) -> None:
        chain, role = credentials.of_chain(self.region), self._settings.role
        own = credentials.of_role(self.region, role, chain) if role else chain
        account = self._enter(own, role)
        guard.require_expected(account, self._settings)
        for other in self._settings.sandbox_roles:
            self._enter(credentials.of_role(self.region, other, own), other)
        self.account = account

    def _enter(self, core: CoreSession, role: str | None) -> str:
        session = boto3.session.Session(botocore_session=core)
        who = f"role {role}" if role else "the credentials of the AWS chain"
        try:
            account = str(self._new(session, "sts", self.region).get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise SkyproofError(
                f"The sandbox cannot be entered with {who}: {error}",
                "Sign in (aws sso login, AWS_PROFILE, a CI role), or name a role that may be "
                "assumed: --skyproof-role.",
                ExitCode.ENVIRONMENT,
            ) from error
        guard.require_allowed(account, self._settings)
        guard.require_no_production(account, self._new(session, "iam", self.region))
        self._sessions.setdefault(account, session)
        return account

    def stop(self) -> None:
        """Forget the credentials; harmless when it is not started."""
        self._sessions.clear()
        self._clients.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def failure(self) -> SkyproofError | None:
        """AWS does not end."""
        return None

    def environment(self) -> dict[str, str]:
        """Region, the run's tags, and the role if there is one; the chain is inherited."""
        assert self._folder is not None, "the backend is not started"
        role, folder = self._settings.role, Path(self._folder.name)
        return {
            **(credentials.terraform_environment(role, folder, os.environ) if role else {}),
            **{DEFAULT_TAG + key: value for key, value in self._run.tags.items()},
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def reference(self) -> dict[str, str]:
        """Where the chain, the endpoint and the roles are found; keys are not told."""
        names = {*credentials.CHAIN, ENDPOINT} - {*SECRETS, "AWS_CONTAINER_AUTHORIZATION_TOKEN"}
        told = {name: os.environ[name] for name in sorted(names) if os.environ.get(name)}
        told["AWS_REGION"] = self.region
        if self._settings.role:
            told["SKYPROOF_ROLE"] = self._settings.role
        if self._settings.sandbox_roles:
            told["SKYPROOF_SANDBOX_ROLES"] = ",".join(self._settings.sandbox_roles)
        return told

    def reaches(self, account: str) -> bool:
        """Whether the credentials or a role lead into an account."""
        return account in self._sessions

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client in the sandbox or in one of the accounts that ``sandbox_roles`` enter."""
        key = (service, region or self.region, account or self.account)
        with self._making:  # making one from a shared session is not thread-safe
            if key not in self._clients:
                self._clients[key] = self._new(self._session(key[2]), service, key[1])
            return self._clients[key]

    def _session(self, account: str) -> boto3.session.Session:
        assert self._sessions, "the backend is not started"
        try:
            return self._sessions[account]
        except KeyError:
            raise SkyproofError(
                f"No credentials lead into account {account}; those that there are lead into "
                f"{', '.join(self._sessions)}.",
                "Name a role of that account: --skyproof-sandbox-roles="
                f"arn:aws:iam::{account}:role/NAME.",
            ) from None

    def _new(self, session: boto3.session.Session, service: str, region: str) -> Any:
        # Names of buckets do not resolve before an endpoint that stands in for AWS.
        style = {"s3": {"addressing_style": "path"}} if self.endpoint else {}
        return session.client(
            service, region_name=region, config=Config(retries=credentials.RETRIES, **style)
        )

    def clock(self) -> RealClock:
        """AWS's own time."""
        return RealClock()

    def describe(self) -> str:
        """The account, and the endpoint if it is not AWS's own."""
        at = f" at {self.endpoint}" if self.endpoint else ""
        return f"sandbox, account {self.account} in {self.region}{at}"
