"""Which objects a rule is about.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyproof.emulator.services.s3 import objects


@dataclass(frozen=True)
class Filter:
    """Of a lifecycle or replication rule; all of it must hold.

    Attributes:
        above: the object has more bytes than these.
        below: the object has fewer bytes than these.
    """

    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    above: int | None = None
    below: int | None = None

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Filter:
        """The filter of a rule, in the present form or as the Prefix of the first version."""
        outer = rule.get("Filter", {})
        inner = outer.get("And", outer)
        tags = [*inner.get("Tags", []), *([outer["Tag"]] if "Tag" in outer else [])]
        return cls(
            rule.get("Prefix") or inner.get("Prefix") or "",
            {tag["Key"]: tag.get("Value", "") for tag in tags},
            inner.get("ObjectSizeGreaterThan"),
            inner.get("ObjectSizeLessThan"),
        )

    @property
    def is_about_sizes(self) -> bool:
        return self.above is not None or self.below is not None

    def matches(self, version: objects.Version) -> bool:
        """Whether a version is meant; a delete marker has neither tags nor a size."""
        if not version.name.startswith(self.prefix):
            return False
        if isinstance(version, objects.Marker):
            return not self.tags and not self.is_about_sizes
        if not self._fits(version.size):
            return False
        return not self.tags or self.tags.items() <= objects.tags(version).items()

    def _fits(self, size: int) -> bool:
        if self.above is not None and size <= self.above:
            return False
        return self.below is None or size < self.below


@dataclass(frozen=True)
class KeyFilter:
    """Of a notification: how keys begin and end."""

    prefix: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> KeyFilter:
        rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        return cls(**{rule["Name"].lower(): rule.get("Value", "") for rule in rules})

    def matches(self, key: str) -> bool:
        return key.startswith(self.prefix) and key.endswith(self.suffix)

    def overlaps(self, other: KeyFilter) -> bool:
        """Whether S3 takes both for the same event: some key may be meant by either."""
        one, two = self.prefix, other.prefix
        if not (one.startswith(two) or two.startswith(one)):
            return False
        one, two = self.suffix, other.suffix
        return one.endswith(two) or two.endswith(one)
