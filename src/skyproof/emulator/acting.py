"""On whose behalf one service calls another.

A service acts as itself (``sns.amazonaws.com`` for a topic) or under a role that it was given. Who
acts travels beside the request, never in it, so that nobody from outside can claim to be a service.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

ENVIRON_KEY = "skyproof.principal"


@dataclass(frozen=True)
class Principal:
    """Who calls.

    Attributes:
        name: a service principal (``events.amazonaws.com``) or the ARN of a role.
        account: for a role its account, for a service the account of what it acts for.
        source_arn: the resource that it acts for (``aws:SourceArn``), e.g. an alarm; may be empty.
    """

    name: str
    account: str
    source_arn: str = ""

    @property
    def is_service(self) -> bool:
        return not self.name.startswith("arn:")


_current: ContextVar[Principal | None] = ContextVar("principal", default=None)


def current() -> Principal | None:
    """Who acts in this thread; ``None`` stands for a caller from outside."""
    return _current.get()


@contextmanager
def acting_as(principal: Principal | None) -> Iterator[None]:
    """Let calls of in-process clients inside the block be this principal's."""
    token = _current.set(principal)
    try:
        yield
    finally:
        _current.reset(token)
