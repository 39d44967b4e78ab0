"""Reading a stream from where one stands, as functions and delivery streams do.

https://docs.aws.amazon.com/streams/latest/dev/developing-consumers-with-sdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: "GetRecords can return up to 10,000 records."
#: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
MOST_AT_ONCE = 10_000


@dataclass(frozen=True)
class Record:
    """One record of a stream."""

    shard: str
    sequence_number: str
    partition_key: str
    data: bytes
    arrived: datetime


class Reading:
    """Where a reader stands in each shard of a stream.

    A shard that appears later is read from its beginning. The reader acts as who reads.
    """

    def __init__(self, world: World, arn: str) -> None:
        _, _, _, region, account, resource = arn.split(":")
        self.arn = arn
        self._world = world
        self._where = (region, account)
        self._name = resource.partition("/")[2]
        # The base's iterators do not expire, unlike AWS's, which are good for five minutes.
        self._iterators: dict[str, str] = {}

    def begin(self, kind: str, at: datetime | None = None) -> None:
        """Stand at TRIM_HORIZON, LATEST or AT_TIMESTAMP in the shards of now.

        Raises:
            ClientError: there is no such stream.
        """
        client = self._world.base_client("kinesis", *self._where)
        shards = client.list_shards(StreamName=self._name)["Shards"]
        self._iterators = {
            one["ShardId"]: self._iterator(client, one["ShardId"], kind, at) for one in shards
        }

    def shards(self) -> list[str]:
        """The shards that are there. Raises ClientError."""
        client = self._world.client("kinesis", *self._where)
        found = [one["ShardId"] for one in client.list_shards(StreamARN=self.arn)["Shards"]]
        for shard in found:
            if shard not in self._iterators:
                self._iterators[shard] = self._iterator(client, shard, "TRIM_HORIZON")
        return found

    def read(self, shard: str, limit: int = MOST_AT_ONCE) -> list[Record]:
        """The next records of a shard that are still retained; empty at its end.

        Raises:
            ClientError: the stream is gone, or the reader may not read it.
        """
        client = self._world.client("kinesis", *self._where)
        oldest = self.oldest()
        while True:
            answer = client.get_records(
                StreamARN=self.arn, ShardIterator=self._iterators[shard], Limit=limit
            )
            self._iterators[shard] = answer["NextShardIterator"]
            records = [_record(shard, one) for one in answer["Records"]]
            kept = [one for one in records if one.arrived > oldest]
            if kept or not records:
                return kept

    def oldest(self) -> datetime:
        """What arrived before is gone on AWS; the base keeps it. Raises ClientError."""
        client = self._world.base_client("kinesis", *self._where)
        summary = client.describe_stream_summary(StreamName=self._name)
        hours = summary["StreamDescriptionSummary"]["RetentionPeriodHours"]
        return self._world.clock.now() - timedelta(hours=hours)

    def _iterator(self, client: Any, shard: str, kind: str, at: datetime | None = None) -> str:
        when = {"Timestamp": at} if kind == "AT_TIMESTAMP" else {}
        answer = client.get_shard_iterator(
            StreamName=self._name, ShardId=shard, ShardIteratorType=kind, **when
        )
        return str(answer["ShardIterator"])


def _record(shard: str, described: dict[str, Any]) -> Record:
    return Record(
        shard,
        described["SequenceNumber"],
        described["PartitionKey"],
        described["Data"],
        described["ApproximateArrivalTimestamp"],
    )
