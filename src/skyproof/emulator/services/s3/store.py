"""What is kept of each bucket beside the base's objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from skyproof.emulator.service import Call

Configuration = dict[str, Any]


@dataclass
class Store:
    """Configurations as they were put, by bucket: names are unique over accounts and regions."""

    policies: dict[str, str] = field(default_factory=dict)
    replication: dict[str, Configuration] = field(default_factory=dict)
    lifecycles: dict[str, Configuration] = field(default_factory=dict)
    notifications: dict[str, Configuration] = field(default_factory=dict)

    def forget(self, bucket: str) -> None:
        """The bucket was deleted, and another of its name begins without any."""
        for kept in (self.policies, self.replication, self.lifecycles, self.notifications):
            kept.pop(bucket, None)


def require_bucket(call: Call, bucket: str) -> None:
    """Raise NoSuchBucket, as S3 words it, for a bucket that does not exist."""
    call.base().get_bucket_versioning(Bucket=bucket)
