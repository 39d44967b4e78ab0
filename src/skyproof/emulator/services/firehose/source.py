"""A delivery stream that reads a Kinesis stream, from the moment that it was made.

"Firehose starts reading data from the LATEST position of your Kinesis stream."
https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator.acting import acting_as
from skyproof.emulator.clock import Event
from skyproof.emulator.services.firehose.reporting import acting_under
from skyproof.emulator.services.kinesis.reading import Reading, Record
from skyproof.emulator.services.kinesis.service import Kinesis
from skyproof.emulator.watching import Patience

if TYPE_CHECKING:
    from skyproof.emulator.services.firehose.buffer import Stream
    from skyproof.emulator.world import World

Take = Callable[[Sequence[Record]], None]


class KinesisSource:
    """Reads when something was put; sleeps until then.

    Args:
        arn: of the Kinesis stream.
        role: under which it is read.
        take: is handed what was read.

    Raises:
        ClientError: there is no such stream.
    """

    def __init__(self, world: World, stream: Stream, arn: str, role: str, take: Take) -> None:
        self._world = world
        self._stream = stream
        self._role = role
        self._take = take
        self._reading = Reading(world, arn)
        self._reading.begin("LATEST")
        self._next: Event | None = None
        self._patience = Patience()
        Kinesis.of(world).watchers.add(arn, stream.arn, self._wake)

    def close(self) -> None:
        """Read no more."""
        Kinesis.of(self._world).watchers.remove(self._reading.arn, self._stream.arn)
        if self._next is not None:
            self._next.cancel()

    def _wake(self) -> None:
        with self._world.lock:
            if self._next is None:
                self._wait(0)

    def _wait(self, seconds: float) -> None:
        what = f"firehose: {self._stream.name} reads {self._reading.arn}"
        self._next = self._world.clock.after(seconds, what, self._read)

    def _read(self) -> None:
        self._next = None
        try:
            with acting_as(acting_under(self._role)):
                for shard in self._reading.shards():
                    while records := self._reading.read(shard):
                        self._take(records)
        except ClientError as error:
            self._world.tell(self._stream.arn, "read", self._reading.arn, "refused", str(error))
            pause = self._patience.pause()
            with self._world.lock:
                if pause is not None and self._next is None:
                    self._wait(pause)
            return
        self._patience.renew()
        self._world.tell(self._stream.arn, "read", self._reading.arn)
