"""Who a run is: its id, what makes its names unique, and the tags that say whose things are."""

from __future__ import annotations

import getpass
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

RUN_TAG = "skyproof:run"
OWNER_TAG = "skyproof:owner"
EXPIRES_TAG = "skyproof:expires"

SUFFIX_PLACEHOLDER = "{skyproof_suffix}"
SUFFIX_LENGTH = 6
# Letters and digits that every AWS name takes, without those that are read for one another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Run:
    """One run of skyproof, known by its id on every machine.

    Attributes:
        id: ``20260105T000000-k3x9qd``, the moment of its begin and its suffix.
        owner: who began it, as ``user@machine`` unless the settings name another.
        begun: when, aware, in UTC.
        expires: when what it made may be swept by anybody.
    """

    id: str
    owner: str
    begun: datetime
    expires: datetime

    @property
    def suffix(self) -> str:
        """What makes the names of this run unique, such as ``k3x9qd``."""
        return self.id.rpartition("-")[2]

    @property
    def tags(self) -> dict[str, str]:
        """What everything that the run makes is tagged with."""
        return {
            RUN_TAG: self.id,
            OWNER_TAG: self.owner,
            EXPIRES_TAG: self.expires.isoformat(timespec="seconds"),
        }

    def to_json(self) -> dict[str, str]:
        """As plain data."""
        return {
            "id": self.id,
            "owner": self.owner,
            "begun": self.begun.isoformat(),
            "expires": self.expires.isoformat(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, str]) -> Run:
        """What :meth:`to_json` told of."""
        begun, expires = (datetime.fromisoformat(raw[when]) for when in ("begun", "expires"))
        return cls(raw["id"], raw["owner"], begun, expires)

    def filled(self, value: Any) -> Any:
        """A value in which every string, at any depth, has the suffix for its placeholder."""
        if isinstance(value, str):
            return value.replace(SUFFIX_PLACEHOLDER, self.suffix)
        if isinstance(value, Mapping):
            return {self.filled(key): self.filled(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.filled(inner) for inner in value]
        return value


def begin(time_to_live: timedelta, owner: str | None = None) -> Run:
    """A run that begins now, of ``user@machine`` unless another owner is named."""
    now = datetime.now(UTC).replace(microsecond=0)
    suffix = "".join(secrets.choice(ALPHABET) for _ in range(SUFFIX_LENGTH))
    owner = owner or f"{_user()}@{socket.gethostname()}"
    return Run(f"{now:%Y%m%dT%H%M%S}-{suffix}", owner, now, now + time_to_live)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
