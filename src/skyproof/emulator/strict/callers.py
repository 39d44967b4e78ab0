"""Who calls from outside: known by access key, secret and token, for as long as a session lasts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from moto.core.request import Request

from skyproof.emulator.services.lambda_.packages import SERVICE_ACCOUNT
from skyproof.emulator.strict import signature
from skyproof.emulator.strict.settings import Settings

_LETTERS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Caller:
    """Whose credentials were used.

    Attributes:
        arn: of the user, the account's root, or the session of a role.
        identity: the ARN whose policies count: a session's role, otherwise ``arn``.
        expires: ``None`` for credentials that last.
        session_policy: what the session is confined to, as JSON; empty if to nothing.
    """

    access_key: str
    secret: str = field(repr=False)
    account: str
    arn: str
    identity: str
    token: str = field(default="", repr=False)
    expires: datetime | None = None
    session_policy: str = ""

    @property
    def is_root(self) -> bool:
        return self.arn.endswith(":root")

    @property
    def is_session(self) -> bool:
        return bool(self.token)

    @property
    def is_service(self) -> bool:
        """Whether a service of the emulator's signed this itself, as links to a function's code."""
        return self.account == SERVICE_ACCOUNT


class UnauthenticatedError(Exception):
    """Nobody is known to have made this request."""

    def __init__(self, why: Literal["missing", "unknown", "signature", "expired"]) -> None:
        super().__init__(why)
        self.why = why


class Callers:
    """All credentials that count, and who they are."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._now = now
        own = Caller(SERVICE_ACCOUNT, "", SERVICE_ACCOUNT, "", "")
        self._callers = {own.access_key: own}
        roles = {_without_path(one.arn): one.arn for one in settings.policies}
        for one in settings.callers:
            identity = roles.get(role_of(one.arn) or "", one.arn)
            self._callers[one.access_key] = Caller(
                one.access_key, one.secret, one.account, one.arn, identity
            )

    def of(self, request: Request) -> Caller:
        """Who made a request.

        Raises:
            UnauthenticatedError: it is not signed, or by nobody who is known here, or too late.
        """
        signed = signature.read(request)
        if signed is None:
            raise UnauthenticatedError("missing")
        caller = self._callers.get(signed.key)
        if caller is None or caller.token != signed.token:
            raise UnauthenticatedError("unknown")
        if caller.is_service:
            # A link's host is put into it after it was signed, so that its signature tells nothing.
            if signed.is_presigned:
                return caller
            raise UnauthenticatedError("unknown")
        if not signed.is_of(caller.secret, request):
            raise UnauthenticatedError("signature")
        if caller.expires is not None and caller.expires <= self._now():
            raise UnauthenticatedError("expired")
        return caller

    def admit(
        self, arn: str, identity: str, *, seconds: float | None = None, session_policy: str = ""
    ) -> Caller:
        """New credentials of a session, that last so long."""
        caller = Caller(
            access_key="ASIA" + "".join(secrets.choice(_LETTERS) for _ in range(16)),
            secret=secrets.token_urlsafe(30),
            account=arn.split(":")[4],
            arn=arn,
            identity=identity,
            token=secrets.token_urlsafe(120),
            expires=None if seconds is None else self._now() + timedelta(seconds=seconds),
            session_policy=session_policy,
        )
        self._callers[caller.access_key] = caller
        return caller


def role_of(arn: str) -> str | None:
    """The role that a session's ARN speaks of, whose path it does not tell; ``None`` of others.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    head, _, resource = arn.rpartition(":")
    kind, _, rest = resource.partition("/")
    if kind != "assumed-role":
        return None
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"


def _without_path(arn: str) -> str:
    return f"{arn.partition('/')[0]}/{arn.rpartition('/')[2]}"


def session_of(role: str, name: str) -> str:
    """The ARN of a role's session."""
    head, _, resource = role.rpartition(":")
    return f"{head.replace(':iam:', ':sts:')}:assumed-role/{resource.rpartition('/')[2]}/{name}"
