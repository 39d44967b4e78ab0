"""What a function has to do of one shard: batch after batch, none before the one before it.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator.clock import NEVER
from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.kinesis.reading import Record
from skyproof.emulator.services.lambda_ import source_records
from skyproof.emulator.services.lambda_.batch_responses import failed_items

if TYPE_CHECKING:
    from skyproof.emulator.functions import Outcome
    from skyproof.emulator.services.lambda_.stream_poller import StreamPoller

#: AWS documents no pace of retries; this is the emulator's: doubling.
FIRST_PAUSE, LONGEST_PAUSE = 1, 300


@dataclass(frozen=True)
class Batch:
    """Records that are handed over together.

    Attributes:
        failures: how often the function has failed on it.
        request_id, outcome: of the last invocation, once there was one.
    """

    records: Sequence[Record]
    failures: int = 0
    request_id: str = ""
    outcome: Outcome | None = None


class ShardWork:
    """Hands over what was read of a shard.

    Attributes:
        held: what was read and waits for its batch to be full or its window to be over.
    """

    def __init__(self, poller: StreamPoller, shard: str) -> None:
        self.shard = shard
        self.held: list[Record] = []
        self._poller = poller
        self._batches: deque[Batch] = deque()
        self._closing = poller.never()
        self._retry = poller.never()
        self._pauses = 0

    @property
    def is_busy(self) -> bool:
        """Whether a batch is to be handed over again."""
        return bool(self._batches)

    def go_on(self) -> None:
        """Hand the batch over if it is full or need not wait."""
        config = self._poller.mapping.config
        window = config["MaximumBatchingWindowInSeconds"]
        if not self.held or self.is_busy:
            return
        if len(self.held) >= config["BatchSize"] or not window:
            self._close()
        elif self._closing.due == NEVER:
            what = f"lambda: batch of {self.shard}"
            self._closing = self._poller.world.clock.after(window, what, self._close)

    def rest(self) -> None:
        """Hand nothing over until resumed."""
        self._closing.cancel()
        self._retry.cancel()
        self._closing = self._poller.never()

    def resume(self) -> None:
        """Go on with what was not done; with what was only read, the next look goes on."""
        if self.is_busy:
            self._try_again(0)

    def _close(self) -> None:
        """The batch is complete."""
        self._closing.cancel()
        self._closing = self._poller.never()
        records, self.held = self.held, []
        source = self._poller.mapping.source
        shown = [source_records.of_record(one, source, "") for one in records]
        for part in source_records.fitting(shown):
            self._batches.append(Batch(records[: len(part)]))
            records = records[len(part) :]
        self._work()

    def _work(self) -> None:
        while self._batches and self._poller.is_on:
            if not self._attempt():
                self._pauses += 1
                self._try_again(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._pauses - 1)))
                return
            self._pauses = 0
        # Of what came meanwhile nobody was told.
        self._poller.wake()

    def _try_again(self, pause: float) -> None:
        if self._poller.is_on:
            clock = self._poller.world.clock
            self._retry = clock.after(pause, f"lambda: {self.shard} again", self._work)

    def _attempt(self) -> bool:
        """Hand the first batch over; whether there is no more to do for it."""
        batch = self._without_old(self._without_expired(self._batches.popleft()))
        if not batch.records:
            return True
        try:
            batch = self._invoked(batch)
        except (AwsError, ClientError) as error:
            # "If a mapping is unable to invoke the function …, it retries until the records expire
            # or exceed the maximum age": that is no failure of the function.
            self._poller.tell("hand over", "refused", str(error))
            self._batches.appendleft(batch)
            return False
        failed = self._failed(batch)
        said = "PROBLEM: Function call failed" if failed else "OK"
        self._poller.mapping.config["LastProcessingResult"] = said
        if not failed:
            self._poller.tell("hand over")
            return True
        told = f"{len(failed)} of {len(batch.records)} records"
        self._poller.tell("hand over", "failed", told)
        return self._has_failed(batch, failed)

    def _invoked(self, batch: Batch) -> Batch:
        poller = self._poller
        found = poller.runnable()
        source = poller.mapping.source
        shown = [source_records.of_record(one, source, found.role) for one in batch.records]
        age = (poller.world.clock.now() - batch.records[-1].arrived).total_seconds() * 1000
        payload = source_records.payload(shown)
        request_id, outcome = poller.functions.hand_over(poller.mapping.call, found, payload, age)
        return replace(batch, request_id=request_id, outcome=outcome)

    def _failed(self, batch: Batch) -> Sequence[Record]:
        """From the first record that failed on: "Lambda uses the lowest sequence number"."""
        assert batch.outcome is not None
        numbers = [one.sequence_number for one in batch.records]
        reports = self._poller.mapping.reports_items
        failed = failed_items(batch.outcome, numbers, reports=reports)
        return batch.records[numbers.index(failed[0]) :] if failed else []

    def _has_failed(self, batch: Batch, failed: Sequence[Record]) -> bool:
        """Put back what is to be tried again, or give it up; whether that was so."""
        config = self._poller.mapping.config
        if config["BisectBatchOnFunctionError"] and len(failed) == len(batch.records) > 1:
            # "Splitting a batch does not count towards the retry quota."
            half = len(failed) // 2
            halves = [replace(batch, records=part) for part in (failed[:half], failed[half:])]
            self._batches.extendleft(reversed(halves))
            return False
        again = replace(batch, records=failed, failures=batch.failures + 1)
        if 0 <= config["MaximumRetryAttempts"] < again.failures:
            self._poller.discard(again, "RetryAttemptsExhausted")
            return True
        self._batches.appendleft(again)
        return False

    def _without_expired(self, batch: Batch) -> Batch:
        """The batch without what the stream retains no more: its retries end without a word."""
        try:
            since = self._poller.retained_since()
        except ClientError as error:  # gone with the stream
            self._poller.tell("give up", "failed", str(error))
            return replace(batch, records=[])
        kept = [one for one in batch.records if one.arrived > since]
        expired = len(batch.records) - len(kept)
        if expired:
            self._poller.tell("give up", "failed", f"{expired} records have expired")
        return replace(batch, records=kept)

    def _without_old(self, batch: Batch) -> Batch:
        """The batch without records that are older than the mapping allows."""
        age = self._poller.mapping.config["MaximumRecordAgeInSeconds"]
        if age < 0:
            return batch
        oldest = self._poller.world.clock.now() - timedelta(seconds=age)
        old = [one for one in batch.records if one.arrived < oldest]
        if old:
            self._poller.discard(replace(batch, records=old), "RecordAgeExceeded")
        return replace(batch, records=[one for one in batch.records if one.arrived >= oldest])
