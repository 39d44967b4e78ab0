"""Notification configurations exactly as they were put, and whether S3 would take them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

import json
import uuid
from itertools import combinations
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import Call, Params, Result, operation
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.destinations import (
    DESTINATIONS,
    Notification,
    notifications,
)
from skyproof.emulator.services.s3.notifying import Notifying
from skyproof.emulator.services.s3.store import Store, require_bucket

#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
EVENTS = frozenset(
    (
        "s3:ReducedRedundancyLostObject",  # never: nothing is lost here
        "s3:ObjectCreated:*",
        "s3:ObjectCreated:Put",
        "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy",
        "s3:ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectRemoved:*",
        "s3:ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated",
        "s3:Replication:*",
        "s3:Replication:OperationFailedReplication",
        "s3:Replication:OperationNotTracked",
        "s3:Replication:OperationMissedThreshold",
        "s3:Replication:OperationReplicatedAfterThreshold",
        "s3:LifecycleTransition",
        "s3:LifecycleExpiration:*",
        "s3:LifecycleExpiration:Delete",
        "s3:LifecycleExpiration:DeleteMarkerCreated",
        "s3:ObjectTagging:*",
        "s3:ObjectTagging:Put",
        "s3:ObjectTagging:Delete",
        "s3:ObjectAcl:Put",
    )
)
#: Events that S3 has and nothing here causes.
ABSENT = frozenset(
    (
        "s3:ObjectRestore:*",
        "s3:ObjectRestore:Post",
        "s3:ObjectRestore:Completed",
        "s3:ObjectRestore:Delete",
        "s3:IntelligentTiering",
    )
)


class NotificationRules:
    """The operations on notification configurations.

    moto is not told: it would send by itself, past policies and clock.
    """

    store: Store
    notifying: Notifying

    @operation("PutBucketNotificationConfiguration")
    def put_bucket_notification_configuration(self, call: Call, params: Params) -> Result:
        bucket = params["Bucket"]
        require_bucket(call, bucket)
        configuration = _identified(params.get("NotificationConfiguration") or {})
        found = list(notifications(configuration))
        _check_events(found)
        _check_overlaps(found)
        if not params.get("SkipDestinationValidation"):
            self._check_destinations(bucket, found)
        self.store.notifications[bucket] = configuration
        return None

    @operation("GetBucketNotificationConfiguration")
    def get_bucket_notification_configuration(self, call: Call, params: Params) -> Result:
        require_bucket(call, params["Bucket"])
        return self.store.notifications.get(params["Bucket"], {})

    def _check_destinations(self, name: str, found: list[Notification]) -> None:
        """Queues and topics get a test message, as when a configuration is put to S3."""
        bucket = objects.find(name)
        assert bucket is not None, "require_bucket has found it"
        for one in found:
            if one.arn.split(":")[3] != bucket.region_name:
                raise _invalid(
                    "The notification destination service region is not valid for the bucket "
                    "location constraint"
                )
            try:
                self.notifying.test(bucket, one.arn)
            except (AwsError, ClientError) as error:
                raise _invalid(
                    "Unable to validate the following destination configurations: "
                    f"{one.arn}: {error}"
                ) from error


def _identified(configuration: dict[str, Any]) -> dict[str, Any]:
    """With an id for each destination that was put without one: the same for the same words."""
    known = {name: value for name, value in configuration.items() if value is not None}
    for member in DESTINATIONS:
        if member in known:
            known[member] = [{"Id": _id(one), **one} for one in known[member]]
    return known


def _id(one: dict[str, Any]) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(one, sort_keys=True)))


def _check_events(found: list[Notification]) -> None:
    for event in (event for one in found for event in one.events):
        if event in ABSENT:
            raise OperationNotImplementedError(
                "s3", "PutBucketNotificationConfiguration", f"nothing here causes {event}"
            )
        if event not in EVENTS:
            raise _invalid(f"The event {event} is not supported for notifications")


def _check_overlaps(found: list[Notification]) -> None:
    for one, other in combinations(found, 2):
        if _share_events(one, other) and one.filter.overlaps(other.filter):
            raise _invalid(
                "Configurations overlap. Configurations on the same bucket cannot share a common "
                "event type."
            )


def _share_events(one: Notification, other: Notification) -> bool:
    return any(_is_same(a, b) for a in one.events for b in other.events)


def _is_same(one: str, other: str) -> bool:
    if one == other:
        return True
    is_wide = one.endswith(":*") or other.endswith(":*")
    return is_wide and one.split(":")[1] == other.split(":")[1]


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgument", message)
