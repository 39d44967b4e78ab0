"""Something that happened to an object, and how notifications tell it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from skyproof.emulator.clock import stamp
from skyproof.emulator.services.s3 import objects

S3 = "s3.amazonaws.com"
#: Every kind of event but replication's goes to EventBridge, under these names.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "LifecycleExpiration": "Object Deleted",
    "LifecycleTransition": "Object Storage Class Changed",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl:Put": "Object ACL Updated",
}
_REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
    "LifecycleExpiration:Delete": "Lifecycle Expiration",
    "LifecycleExpiration:DeleteMarkerCreated": "Lifecycle Expiration",
}


@dataclass(frozen=True)
class ObjectEvent:
    """One event of one version of an object.

    Attributes:
        name: without ``s3:``, e.g. ``ObjectCreated:Put``.
        requester: the account, role or service that caused it.
        more: members of the record that only events of this kind have.
        storage_class: where a transition led.
    """

    name: str
    bucket: objects.Bucket
    version: objects.Version
    at: datetime
    requester: str
    more: Mapping[str, Any] = field(default_factory=dict)
    storage_class: str = ""

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]

    @property
    def key(self) -> str:
        return self.version.name

    @property
    def version_id(self) -> str | None:
        """``None`` in a bucket that never was versioned."""
        return None if self.version.version_id == "null" else self.version.version_id

    @property
    def etag(self) -> str | None:
        """Objects have one, delete markers do not."""
        if isinstance(self.version, objects.Marker):
            return None
        return self.version.etag.strip('"')

    @property
    def size(self) -> int | None:
        """In bytes, of what is still there."""
        is_gone = self.kind in ("ObjectRemoved", "LifecycleExpiration")
        if is_gone or isinstance(self.version, objects.Marker):
            return None
        return self.version.size

    def record(self, configuration_id: str, number: int) -> dict[str, Any]:
        """As queues, topics and functions get it; ``number`` grows from event to event."""
        about = {
            "key": quote_plus(self.key, safe="/"),
            "size": self.size,
            "eTag": self.etag,
            "versionId": self.version_id,
            "sequencer": f"{number:016X}",
        }
        moved = {"destinationStorageClass": self.storage_class}
        lifecycle = {"lifecycleEventData": {"transitionEventData": moved}}
        return {
            "eventVersion": _version(self.kind),
            "eventSource": "aws:s3",
            "awsRegion": self.bucket.region_name,
            "eventTime": stamp(self.at),
            "eventName": self.name,
            "userIdentity": {"principalId": self.requester},
            "requestParameters": {"sourceIPAddress": self._source},
            "responseElements": {
                "x-amz-request-id": request_id(number),
                "x-amz-id-2": request_id(number),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {
                    "name": self.bucket.name,
                    "ownerIdentity": {"principalId": self.bucket.account_id},
                    "arn": objects.arn(self.bucket),
                },
                "object": {name: value for name, value in about.items() if value is not None},
            },
            **(lifecycle if self.storage_class else {}),
            **self.more,
        }

    @property
    def detail_type(self) -> str | None:
        """EventBridge's name of the event; ``None`` for what EventBridge is not told."""
        return _DETAIL_TYPES.get(self.name) or _DETAIL_TYPES.get(self.kind)

    def detail(self, number: int) -> dict[str, Any]:
        """The detail of the event that EventBridge gets."""
        about = {
            "key": self.key,
            "size": self.size,
            "etag": self.etag,
            "version-id": self.version_id,
            "sequencer": f"{number:016X}",
        }
        shown: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": self.bucket.name},
            "object": {name: value for name, value in about.items() if value is not None},
            "request-id": request_id(number),
            "requester": self.requester,
        }
        if self.requester != S3:
            shown["source-ip-address"] = self._source
        if self.name in _REASONS:
            shown["reason"] = _REASONS[self.name]
        if self.detail_type == "Object Deleted":
            marked = self.name.endswith(":DeleteMarkerCreated")
            shown["deletion-type"] = "Delete Marker Created" if marked else "Permanently Deleted"
        if self.storage_class:
            shown["destination-storage-class"] = self.storage_class
        return shown

    @property
    def _source(self) -> str:
        return S3 if self.requester == S3 else "127.0.0.1"


def request_id(number: int) -> str:
    """Sixteen characters, the same in every run."""
    return f"{number:016X}"


def _version(kind: str) -> str:
    if kind == "Replication":
        return "2.2"
    return "2.1" if kind in ("ObjectCreated", "ObjectRemoved") else "2.3"
