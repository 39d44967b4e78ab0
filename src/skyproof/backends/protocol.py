"""What skyproof needs of an AWS: an endpoint or none, credentials, and what it can do."""

from __future__ import annotations

from typing import Any, Protocol

from skyproof.errors import SkyproofError
from skyproof.expect.clock import Clock


class Backend(Protocol):
    """An AWS that stacks are applied to: an emulator, LocalStack, or a real account.

    Attributes:
        name: as in ``--skyproof-backend``.
        version: of what is behind it, once it is started.
        endpoint: the URL that serves every service, or ``None`` for AWS's own endpoints.
        account: the default account id.
        region: the default region.
        is_local: whether it answers on this machine, and no real account is behind it.
        capabilities: what tests may rely on beyond the control plane; a test that needs one that
            is absent is skipped by name.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def endpoint(self) -> str | None: ...
    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def is_local(self) -> bool: ...
    @property
    def capabilities(self) -> frozenset[str]: ...

    def start(self) -> None:
        """Make it ready for calls. Raises SkyproofError with the way out."""

    def stop(self) -> None:
        """Release what :meth:`start` took; calling it twice is harmless."""

    def failure(self) -> SkyproofError | None:
        """Why it does not answer any more, if it does not; an EndedError when all in it is gone."""

    def environment(self) -> dict[str, str]:
        """What a Terraform provider reads its endpoint, region and credentials from.

        An empty value means that the variable must not be set.
        """

    def reference(self) -> dict[str, str]:
        """The environment in which another process reaches the same AWS again, without secrets.

        Empty where that AWS ends with this process.
        """

    def reaches(self, account: str) -> bool:
        """Whether :meth:`client` has a way into an account."""

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client for one service, region and account."""

    def clock(self) -> Clock:
        """The time of this AWS, and how a test waits there."""

    def describe(self) -> str:
        """One line for the header of a run."""
