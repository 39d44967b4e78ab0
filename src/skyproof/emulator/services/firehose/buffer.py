"""Records that wait to be delivered, by stream and by where they go.

https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from skyproof.emulator.clock import Event
from skyproof.emulator.services.kinesis import reading as kinesis

#: Where a stream's records go: to its destination, and as they came to its backup.
Kind = Literal["delivery", "backup"]

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "firehose.amazonaws.com")


@dataclass(frozen=True)
class Record:
    """What was put.

    Attributes:
        id: as PutRecord answered it, and as the transforming function sees it.
        read: where it was read, if it was not put.
    """

    id: str
    data: bytes
    arrived: datetime
    read: kinesis.Record | None = None


@dataclass
class Buffer:
    """What waits for one destination.

    Attributes:
        size: in bytes.
        due: when it is delivered at the latest; ``None`` while it is empty.
    """

    records: list[Record] = field(default_factory=list)
    size: int = 0
    due: Event | None = None

    def add(self, record: Record) -> None:
        self.records.append(record)
        self.size += len(record.data)

    def take(self) -> list[Record]:
        """All that waits; the buffer is empty then."""
        if self.due is not None:
            self.due.cancel()
        taken = self.records
        self.records, self.size, self.due = [], 0, None
        return taken


@dataclass
class Stream:
    """What a delivery stream holds; its configuration is the base's.

    Attributes:
        life: how often a stream of this name was deleted. What one life left over, the next does
            not deliver.
    """

    account: str
    region: str
    name: str
    arn: str
    life: int = 0
    buffers: dict[Kind, Buffer] = field(
        default_factory=lambda: {"delivery": Buffer(), "backup": Buffer()}
    )
    _drawn: int = 0

    def draw(self) -> uuid.UUID:
        """An identifier that is new for the stream and the same in every run."""
        self._drawn += 1
        return uuid.uuid5(_NAMESPACE, f"{self.arn}/{self._drawn}")

    def forget(self) -> None:
        """The stream was deleted, and with it what it held."""
        self.life += 1
        for buffer in self.buffers.values():
            buffer.take()


@dataclass(frozen=True)
class Batch:
    """Records that are delivered together."""

    stream: Stream
    life: int
    kind: Kind
    records: Sequence[Record]

    @property
    def is_orphaned(self) -> bool:
        """Whether the stream was deleted meanwhile."""
        return self.stream.life != self.life


def in_chunks(
    records: Sequence[Record], sizes: Sequence[int], limit: int
) -> Iterator[Sequence[Record]]:
    """Records in as few groups as stay within a limit; one that exceeds it alone goes alone."""
    start = total = 0
    for index, size in enumerate(sizes):
        if index > start and total + size > limit:
            yield records[start:index]
            start, total = index, 0
        total += size
    if records:
        yield records[start:]
