"""What a stream tells of its own work: metrics, error logs and happenings.

https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import milliseconds
from skyproof.emulator.happenings import Outcome
from skyproof.emulator.service_metrics import publish
from skyproof.emulator.services.firehose.buffer import Stream
from skyproof.emulator.services.firehose.settings import Destination, Settings

if TYPE_CHECKING:
    from skyproof.emulator.world import World


def count(world: World, stream: Stream, name: str, value: float, unit: str = "Count") -> None:
    """Add a value to a metric of the stream."""
    dimensions = {"DeliveryStreamName": stream.name}
    publish(world, stream.account, stream.region, "AWS/Firehose", name, dimensions, value, unit)


def acting_under(role: str) -> Principal:
    """Firehose under a role that it was given."""
    return Principal(role, role.split(":")[4])


@dataclass(frozen=True)
class Reporter:
    """Tells of the work for one destination of one stream."""

    world: World
    stream: Stream
    settings: Settings
    destination: Destination

    def count(self, name: str, value: float, unit: str = "Count") -> None:
        """Add a value to a metric of the stream."""
        count(self.world, self.stream, name, value, unit)

    def tell(self, what: str, target: str, outcome: Outcome = "done", reason: str = "") -> None:
        """Remember what the stream did."""
        self.world.tell(self.settings.arn, what, target, outcome, reason)

    def log(self, code: str, message: str, **more: str) -> None:
        """Write an error to the configured log stream, which must exist, as on AWS."""
        if self.destination.log is None:
            return
        line = {
            "deliveryStreamARN": self.settings.arn,
            "destination": self.destination.bucket_arn,
            "deliveryStreamVersionId": int(self.settings.version),
            "message": message,
            "errorCode": code,
            **more,
        }
        group, log_stream = self.destination.log
        client = self.world.client("logs", self.stream.region, self.stream.account)
        event = {
            "timestamp": milliseconds(self.world.clock.now()),
            "message": json.dumps(line),
        }
        try:
            with acting_as(acting_under(self.destination.role)):
                client.put_log_events(
                    logGroupName=group, logStreamName=log_stream, logEvents=[event]
                )
        except ClientError as error:
            self.tell("log", f"{group}/{log_stream}", "refused", str(error))
