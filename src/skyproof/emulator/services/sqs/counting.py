"""What SQS reports on its queues every minute, for as long as they are in use.

"Metrics are … pushed to CloudWatch at one-minute intervals … for queues that are active. … A queue
is active for up to six hours" from its last message or action.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator.service import Call
from skyproof.emulator.service_metrics import publish

if TYPE_CHECKING:
    from skyproof.emulator.world import World

ACTIVE = timedelta(hours=6)
_GAUGES = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
#: Messages in flight and delayed ones become visible when their time is over.
_RETURNING = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

Key = tuple[str, str, str]


@dataclass
class Counting:
    """Counts the messages of active queues, each at every full minute."""

    world: World

    def __post_init__(self) -> None:
        self._active: dict[Key, datetime] = {}
        self._counts: dict[Key, dict[str, float]] = {}

    def used(self, call: Call, url: str) -> None:
        """A queue was sent to or received from."""
        key = (call.account, call.region, url.rpartition("/")[2])
        self._counts.pop(key, None)
        is_new = key not in self._active
        self._active[key] = self.world.clock.now()
        if is_new:
            self._wait(key)

    def _wait(self, key: Key) -> None:
        def following(now: datetime) -> datetime:
            return now.replace(second=0, microsecond=0) + timedelta(minutes=1)

        due = following(self.world.clock.now())
        self.world.clock.at(due, f"sqs: count {key[2]}", lambda: self._count(key), following)

    def _count(self, key: Key) -> None:
        account, region, name = key
        counts = self._counts.get(key) or self._read(key)
        if counts is None:
            del self._active[key]  # the queue is gone
            return
        for metric, value in counts.items():
            publish(
                self.world, account, region, "AWS/SQS", metric, {"QueueName": name}, value, "Count"
            )
        now = self.world.clock.now()
        # After the clock was set back, a queue is as good as just used.
        if now - self._active[key] < ACTIVE:
            self._wait(key)
        else:
            del self._active[key]

    def _read(self, key: Key) -> dict[str, float] | None:
        """The counts of now; where nothing comes back by itself they hold until the next use."""
        account, region, name = key
        client = self.world.base_client("sqs", region, account)
        try:
            url = client.get_queue_url(QueueName=name)["QueueUrl"]
            found = client.get_queue_attributes(
                QueueUrl=url, AttributeNames=list(_GAUGES.values())
            )["Attributes"]
        except ClientError:
            return None
        counts = {metric: float(found[attribute]) for metric, attribute in _GAUGES.items()}
        if not any(counts[metric] for metric in _RETURNING):
            self._counts[key] = counts
        return counts
