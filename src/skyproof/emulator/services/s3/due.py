"""What a lifecycle configuration will do to a key, and on which day.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.filters import Filter

DAY = timedelta(days=1)
#: Objects move down this list and never up.
WATERFALL = (
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
ARCHIVES = frozenset(("GLACIER", "DEEP_ARCHIVE"))
#: Bytes below which an object stays where it is, unless its rule speaks of sizes.
SMALL = 128 * 1024

Kind = Literal["mark", "transition", "remove"]
#: When several fall due on a day, the last of these is done.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html
_PRECEDENCE: tuple[Kind, ...] = ("mark", "transition", "remove")


@dataclass(frozen=True)
class Action:
    """One thing to be done to one version.

    Attributes:
        kind: ``mark`` puts a delete marker above it, ``remove`` takes it away for good.
        storage_class: where a transition leads.
        rule: the rule's id.
    """

    due: datetime
    kind: Kind
    version: objects.Version
    rule: str
    storage_class: str = "STANDARD"

    @property
    def precedence(self) -> tuple[int, int]:
        return _PRECEDENCE.index(self.kind), WATERFALL.index(self.storage_class)


@dataclass(frozen=True)
class Rule:
    """An enabled rule.

    Attributes:
        spec: as it was put.
        smallest: the configuration's ``TransitionDefaultMinimumObjectSize``.
    """

    spec: Mapping[str, Any]
    smallest: str

    @cached_property
    def filter(self) -> Filter:
        return Filter.of(self.spec)

    def for_current(
        self, version: objects.Version, *, is_alone: bool, versioned: bool
    ) -> Iterator[Action]:
        """What is to come for the newest version of a key."""
        made = objects.created(version)
        if isinstance(version, objects.Object):
            yield from self._expiration(version, "mark" if versioned else "remove")
            for move in self.spec.get("Transitions", []):
                yield from self._transition(version, _due(made, move), move["StorageClass"])
        elif is_alone:
            # A marker with nothing below goes by itself, or at the age at which objects expire.
            if self.spec.get("Expiration", {}).get("ExpiredObjectDeleteMarker"):
                yield Action(midnight(made), "remove", version, self._id)
            else:
                yield from self._expiration(version, "remove")

    def for_noncurrent(
        self, version: objects.Version, since: datetime, newer: int
    ) -> Iterator[Action]:
        """What is to come for a version replaced at a time, below so many noncurrent ones."""
        expiration = self.spec.get("NoncurrentVersionExpiration")
        if expiration and newer >= expiration.get("NewerNoncurrentVersions", 0):
            due = _after(since, expiration["NoncurrentDays"])
            yield Action(due, "remove", version, self._id)
        if isinstance(version, objects.Object):
            for move in self.spec.get("NoncurrentVersionTransitions", []):
                if newer >= move.get("NewerNoncurrentVersions", 0):
                    due = _after(since, move["NoncurrentDays"])
                    yield from self._transition(version, due, move["StorageClass"])

    def abort(self, key: str, initiated: datetime) -> datetime | None:
        """When it aborts a multipart upload; ``None`` for never."""
        abort = self.spec.get("AbortIncompleteMultipartUpload")
        if abort is None or not key.startswith(self.filter.prefix):
            return None
        return _after(initiated, abort["DaysAfterInitiation"])

    @property
    def _id(self) -> str:
        return str(self.spec.get("ID", ""))

    def _expiration(self, version: objects.Version, kind: Kind) -> Iterator[Action]:
        expiration = self.spec.get("Expiration", {})
        if "Days" in expiration or "Date" in expiration:
            yield Action(_due(objects.created(version), expiration), kind, version, self._id)

    def _transition(self, version: objects.Object, due: datetime, to: str) -> Iterator[Action]:
        now = version.storage_class or "STANDARD"
        is_down = now in WATERFALL and WATERFALL.index(to) > WATERFALL.index(now)
        if is_down and self._is_large_enough(version, to):
            yield Action(due, "transition", version, self._id, to)

    def _is_large_enough(self, version: objects.Object, to: str) -> bool:
        if version.size >= SMALL or self.filter.is_about_sizes:
            return True
        return self.smallest == "varies_by_storage_class" and to in ARCHIVES


@dataclass(frozen=True)
class Rules:
    """The enabled rules of a bucket."""

    rules: Sequence[Rule]

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> Rules:
        smallest = configuration["TransitionDefaultMinimumObjectSize"]
        return cls(
            [Rule(spec, smallest) for spec in configuration["Rules"] if spec["Status"] == "Enabled"]
        )

    def actions(self, versions: Sequence[objects.Version], *, versioned: bool) -> Iterator[Action]:
        """All that is to come for the versions of one key, the oldest first."""
        *older, current = versions
        for rule in self.rules:
            if rule.filter.matches(current):
                yield from rule.for_current(current, is_alone=not older, versioned=versioned)
            for index, version in enumerate(older):
                if rule.filter.matches(version):
                    since = objects.created(versions[index + 1])
                    yield from rule.for_noncurrent(version, since, len(older) - 1 - index)

    def abort(self, key: str, initiated: datetime) -> datetime | None:
        """When a multipart upload is aborted; ``None`` for never."""
        due = [rule.abort(key, initiated) for rule in self.rules]
        return min((when for when in due if when is not None), default=None)


def _due(since: datetime, when: Mapping[str, Any]) -> datetime:
    """A date goes on holding for what is made after it."""
    if "Date" in when:
        return max(_aware(when["Date"]), midnight(since))
    return _after(since, when["Days"])


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _after(since: datetime, days: int) -> datetime:
    return midnight(since + timedelta(days=days))


def midnight(moment: datetime) -> datetime:
    """The moment, rounded up to the next midnight in UTC."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == moment else day + DAY
