"""Telling queues, topics, functions and EventBridge what happened to objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from skyproof.emulator import authorization, sending
from skyproof.emulator.acting import Principal, acting_as
from skyproof.emulator.clock import stamp
from skyproof.emulator.service import Call
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.destinations import notifications
from skyproof.emulator.services.s3.records import S3, ObjectEvent, request_id
from skyproof.emulator.services.s3.store import Store
from skyproof.emulator.target import Target

if TYPE_CHECKING:
    from skyproof.emulator.world import World


class Notifying:
    """Sends what a bucket's configuration asks for, as S3 in the bucket owner's name."""

    def __init__(self, world: World, store: Store) -> None:
        self._world = world
        self._store = store
        self._numbers = itertools.count(1)

    def tell(self, event: ObjectEvent) -> None:
        """Have an event delivered to whom the bucket's configuration names."""
        configuration = self._store.notifications.get(event.bucket.name)
        if configuration is None:
            return
        number = next(self._numbers)
        for one in notifications(configuration):
            if one.wants(event.name, event.key):
                message = json.dumps({"Records": [event.record(one.id, number)]})
                deliver = partial(self._deliver, event.bucket, one.arn, message)
                self._world.clock.soon(f"s3: notify {one.arn}", deliver)
        if "EventBridgeConfiguration" in configuration and event.detail_type is not None:
            emit = partial(self._emit, event, number)
            self._world.clock.soon(f"s3: notify EventBridge of {event.bucket.name}", emit)

    def test(self, bucket: objects.Bucket, arn: str) -> None:
        """Ask whether S3 may deliver; queues and topics get a message, functions are not run.

        Raises:
            AwsError, ClientError: it may not, or there is no such destination.
        """
        number = next(self._numbers)
        message = {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": stamp(self._world.clock.now()),
            "Bucket": bucket.name,
            "RequestId": request_id(number),
            "HostId": request_id(number),
        }
        _, _, service, region, account, *_ = arn.split(":")
        if service == "lambda":
            call = Call(self._world, Target(account, region, service), "Invoke")
            call.client("lambda").get_function_configuration(FunctionName=arn)
            authorization.check(call, _principal(bucket), {"FunctionName": arn})
        else:
            self._send(bucket, arn, json.dumps(message))

    def _deliver(self, bucket: objects.Bucket, arn: str, message: str) -> None:
        source = objects.arn(bucket)
        try:
            self._send(bucket, arn, message)
        except ClientError as error:
            self._world.tell(source, "notify", arn, "refused", str(error))
            return
        self._world.tell(source, "notify", arn)

    def _send(self, bucket: objects.Bucket, arn: str, message: str) -> None:
        with acting_as(_principal(bucket)):
            match arn.split(":")[2]:
                case "sqs":
                    sending.to_queue(self._world, arn, message)
                case "sns":
                    subject = "Amazon S3 Notification"
                    sending.to_topic(self._world, arn, message, Subject=subject)
                case _:
                    sending.to_function(self._world, arn, message)

    def _emit(self, event: ObjectEvent, number: int) -> None:
        bucket, events = event.bucket, self._events()
        events.emit(
            bucket.account_id,
            bucket.region_name,
            source="aws.s3",
            detail_type=event.detail_type,
            resources=[objects.arn(bucket)],
            detail=event.detail(number),
        )

    def _events(self) -> Any:
        return self._world.service("events")


def _principal(bucket: objects.Bucket) -> Principal:
    return Principal(S3, bucket.account_id, objects.arn(bucket))
