"""What is put into a stream: counted, and told to those who read it.

https://docs.aws.amazon.com/streams/latest/dev/introduction.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.service import (
    Call,
    Params,
    Result,
    Service,
    operation,
    without_metadata,
)
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.watching import Watchers

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from skyproof.emulator.world import World


class Kinesis(Service):
    """moto's streams; functions and delivery streams read them when something arrives."""

    name: ClassVar[str] = "kinesis"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's; records put are counted in CloudWatch and wake the functions and delivery streams "
        "that read the stream, under their roles. Sequence numbers count from 1 in each shard. "
        "Resharding is moto's: closed shards go on taking records, and a merge copies records, "
        "which are then read twice. Consumers with enhanced fan-out receive nothing."
    )

    observes: ClassVar[frozenset[str]] = frozenset(("PutRecords",))

    def __init__(self, world: World) -> None:
        super().__init__(world)
        #: Who is told when a stream has new records.
        self.watchers = Watchers()

    @operation("PutRecord")
    def put_record(self, call: Call, params: Params) -> Result:
        answer = call.base().put_record(**params)
        self._has_come(call, params, [params])
        return without_metadata(answer)

    def observe(self, call: Call, params: Params, answer: Callable[[], Response]) -> Response:
        """PutRecords, whose answer passes as it is: its model forbids that no record failed."""
        with self.world.lock:
            answered = answer()
            if answered.status_code < 400:
                self._has_come(call, params, params["Records"])
        return answered

    def _has_come(self, call: Call, params: Params, records: list[Params]) -> None:
        arn = params.get("StreamARN") or call.arn("kinesis", f"stream/{params['StreamName']}")
        self._count(arn, records)
        self.watchers.tell(arn)

    def _count(self, arn: str, records: list[Params]) -> None:
        """https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html"""
        _, _, _, region, account, stream = arn.split(":")
        dimensions = {"StreamName": stream.partition("/")[2]}
        counts = {
            "IncomingRecords": (float(len(records)), "Count"),
            "IncomingBytes": (float(sum(len(one["Data"]) for one in records)), "Bytes"),
        }
        for name, (value, unit) in counts.items():
            publish(self.world, account, region, "AWS/Kinesis", name, dimensions, value, unit)
