"""Reading a stream for a function: shard by shard, in order, again while it fails.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

from datetime import datetime

from botocore.exceptions import ClientError

from skyproof.emulator.acting import acting_as
from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.kinesis.reading import Reading, Record
from skyproof.emulator.services.kinesis.service import Kinesis
from skyproof.emulator.services.lambda_ import destinations, event_filters, source_records
from skyproof.emulator.services.lambda_.definitions import Runnable
from skyproof.emulator.services.lambda_.polling import EventSourceMapping, Invoking, Poller
from skyproof.emulator.services.lambda_.shard_work import Batch, ShardWork


class StreamPoller(Poller):
    """Reads a stream when something is put into it.

    The failure of a batch holds up its shard, and no other.
    """

    def __init__(self, functions: Invoking, mapping: EventSourceMapping) -> None:
        super().__init__(functions, mapping)
        self._kinesis = Kinesis.of(self.world)
        self._reading = Reading(self.world, mapping.source)
        config = mapping.config
        self._reading.begin(config["StartingPosition"], config.get("StartingPositionTimestamp"))
        self._shards: dict[str, ShardWork] = {}
        self._next = self.never()
        self._is_awake = False

    def start(self) -> None:
        self.is_on = True
        self._kinesis.watchers.add(self.mapping.source, self.mapping.config["UUID"], self.wake)
        for work in self._shards.values():
            work.resume()
        self.wake()

    def stop(self) -> None:
        """Where it stands it remembers, and what it has not done."""
        self.is_on = False
        self._kinesis.watchers.remove(self.mapping.source, self.mapping.config["UUID"])
        self._next.cancel()
        self._is_awake = False
        for work in self._shards.values():
            work.rest()

    def wake(self) -> None:
        """Look into the stream, next."""
        with self.world.lock:
            if self.is_on and not self._is_awake:
                self._is_awake = True
                what = f"lambda: read {self.mapping.source}"
                self._next = self.world.clock.soon(what, self._read)

    def _read(self) -> None:
        self._is_awake = False
        try:
            found = self.runnable()
            with acting_as(self.principal(found)):
                for shard in self._reading.shards():
                    self._read_shard(self._work_of(shard), found)
        except (AwsError, ClientError) as error:
            self.tell("poll", "refused", str(error))
            self._look_again()
            return
        self.patience.renew()
        if self.is_on:
            for work in self._shards.values():
                work.go_on()

    def _look_again(self) -> None:
        with self.world.lock:
            pause = self.patience.pause()
            if pause is not None and self.is_on:
                self._is_awake = True
                what = f"lambda: read {self.mapping.source} again"
                self._next = self.world.clock.after(pause, what, self._read)

    def retained_since(self) -> datetime:
        """What arrived before has expired. Raises ClientError: the stream is gone."""
        return self._reading.oldest()

    def _work_of(self, shard: str) -> ShardWork:
        return self._shards.setdefault(shard, ShardWork(self, shard))

    def _read_shard(self, work: ShardWork, found: Runnable) -> None:
        """Fill the shard's batch, unless an earlier one is still at work."""
        size = self.mapping.config["BatchSize"]
        while not work.is_busy and len(work.held) < size:
            records = self._reading.read(work.shard, size - len(work.held))
            if not records:
                return
            work.held += [one for one in records if self._admits(one, found)]

    def _admits(self, record: Record, found: Runnable) -> bool:
        """Patterns ask for ``data``, and for its neighbours beside it."""
        shown = source_records.of_record(record, self.mapping.source, found.role)["kinesis"]
        content = record.data.decode(errors="replace")
        return event_filters.admits(self.mapping.filters, shown, "data", content)

    def discard(self, batch: Batch, condition: str) -> None:
        """Give records up, and tell the mapping's destination of them."""
        self.tell("give up", "failed", f"{condition}: {len(batch.records)} records")
        target = self.mapping.config["DestinationConfig"]["OnFailure"].get("Destination")
        if not target:
            return
        call, source = self.mapping.call, self.mapping.source
        try:
            found = self.runnable()
            message = destinations.stream_record(call, found, source, batch, condition)
            with acting_as(self.principal(found)):
                destinations.send(call, target, message, succeeded=False)
        except (AwsError, ClientError) as error:
            self.world.tell(source, "deliver", target, "refused", str(error))
            return
        self.world.tell(source, "deliver", target)
