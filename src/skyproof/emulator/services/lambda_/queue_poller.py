"""Polling a queue: batches to the function, and what it has done out of the queue.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator.acting import acting_as
from skyproof.emulator.clock import NEVER
from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.lambda_ import event_filters, source_records
from skyproof.emulator.services.lambda_.batch_responses import failed_items
from skyproof.emulator.services.lambda_.polling import EventSourceMapping, Invoking, Poller
from skyproof.emulator.services.lambda_.source_records import Shown
from skyproof.emulator.services.sqs.service import Sqs

if TYPE_CHECKING:
    from skyproof.emulator.services.lambda_.definitions import Runnable

#: The most that ReceiveMessage and DeleteMessageBatch take at once.
MOST_AT_ONCE = 10


class QueuePoller(Poller):
    """Receives messages when there are some to receive.

    What the function fails on stays in the queue: "After your queue's visibility timeout runs out,
    the message will again reappear in the queue", and its redrive policy has the last word.
    """

    def __init__(self, functions: Invoking, mapping: EventSourceMapping) -> None:
        super().__init__(functions, mapping)
        self._sqs = Sqs.of(self.world)
        self._next = self.never()
        self._closing = self.never()
        self._is_resting = False
        # By message id: one that reappears before its window is over stays one.
        self._held: dict[str, Shown] = {}

    def start(self) -> None:
        self.is_on = True
        self._sqs.watchers.add(self.mapping.source, self.mapping.config["UUID"], self._changed)
        self._changed()

    def stop(self) -> None:
        self.is_on = False
        self._sqs.watchers.remove(self.mapping.source, self.mapping.config["UUID"])
        self._next.cancel()
        self._closing.cancel()
        self._closing = self.never()
        self._is_resting = False
        # They are still in the queue, and reappear there.
        self._held.clear()

    def _changed(self) -> None:
        """The queue has other messages, or shows them at another time."""
        with self.world.lock:
            if self._is_resting or not self.is_on:
                return
            self._next.cancel()
            what, clock = f"lambda: poll {self.mapping.source}", self.world.clock
            self._next = clock.at(self._due(clock.now()), what, self._poll, self._due)

    def _due(self, now: datetime) -> datetime:
        when = self._sqs.receivable(self.mapping.source)
        return NEVER if when is None else max(now, when)

    def _poll(self) -> None:
        config = self.mapping.config
        size, window = config["BatchSize"], config["MaximumBatchingWindowInSeconds"]
        try:
            found = self.runnable()
            with acting_as(self.principal(found)):
                self._receive(size)
        except (AwsError, ClientError) as error:
            self.tell("poll", "refused", str(error))
            self._rest()
            return
        self.patience.renew()
        if not self.is_on:
            return  # what was received reappears
        if len(self._held) >= size or not window:
            self._hand_over()
        elif self._held and self._closing.due == NEVER:
            what = f"lambda: batch of {self.mapping.source}"
            self._closing = self.world.clock.after(window, what, self._hand_over)

    def _rest(self) -> None:
        def again() -> None:
            self._is_resting = False
            self._changed()

        with self.world.lock:
            self._next.cancel()
            pause = self.patience.pause()
            if pause is not None and self.is_on:
                self._is_resting = True
                what = f"lambda: poll {self.mapping.source} again"
                self._next = self.world.clock.after(pause, what, again)

    def _receive(self, size: int) -> None:
        """Take messages until the batch is full or the queue empty."""
        client, url = self._queue()
        while len(self._held) < size:
            answer = client.receive_message(
                QueueUrl=url,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                MaxNumberOfMessages=min(MOST_AT_ONCE, size - len(self._held)),
                WaitTimeSeconds=0,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            shown = [source_records.of_message(one, self.mapping.source) for one in messages]
            self._held |= {one["messageId"]: one for one in shown if self._admits(one)}
            # "If a message doesn't match your filter criteria, Lambda removes it from the queue."
            self._delete([one for one in shown if one["messageId"] not in self._held])

    def _admits(self, shown: Shown) -> bool:
        return event_filters.admits(self.mapping.filters, shown, "body", shown["body"])

    def _hand_over(self) -> None:
        self._closing.cancel()
        self._closing = self.never()
        batch, self._held = list(self._held.values()), {}
        for part in source_records.fitting(batch):
            self._invoke(part)

    def _invoke(self, batch: Sequence[Shown]) -> None:
        try:
            found = self.runnable()
            payload = source_records.payload(batch)
            _, outcome = self.functions.hand_over(self.mapping.call, found, payload, None)
        except (AwsError, ClientError) as error:
            self.tell("hand over", "refused", str(error))
            return
        ids = [one["messageId"] for one in batch]
        failed = failed_items(outcome, ids, reports=self.mapping.reports_items)
        self._told(failed, ids)
        self._finish(found, [one for one in batch if one["messageId"] not in failed])

    def _told(self, failed: list[str], ids: list[str]) -> None:
        if failed:
            said = f"{len(failed)} of {len(ids)} messages, which stay in the queue"
            self.tell("hand over", "failed", said)
        else:
            self.tell("hand over")

    def _finish(self, found: Runnable, done: list[Shown]) -> None:
        try:
            with acting_as(self.principal(found)):
                self._delete(done)
        except ClientError as error:
            self.tell("delete", "refused", str(error))

    def _delete(self, messages: list[Shown]) -> None:
        client, url = self._queue()
        for start in range(0, len(messages), MOST_AT_ONCE):
            entries = [
                {"Id": str(number), "ReceiptHandle": one["receiptHandle"]}
                for number, one in enumerate(messages[start : start + MOST_AT_ONCE])
            ]
            client.delete_message_batch(QueueUrl=url, Entries=entries)

    def _queue(self) -> tuple[Any, str]:
        _, _, _, region, account, name = self.mapping.source.split(":")
        # As the base makes them; the host does not matter.
        url = f"http://127.0.0.1/{account}/{name}"
        return self.world.client("sqs", region, account), url
