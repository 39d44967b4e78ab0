"""What clients do to objects, seen on its way to the base and back.

The base keeps the objects. Bodies, checksums and headers pass through untouched; what changed is
read off the bucket, before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from werkzeug.wrappers import Response

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, within
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.lifecycle import Lifecycle
from skyproof.emulator.services.s3.notifying import Notifying
from skyproof.emulator.services.s3.records import ObjectEvent
from skyproof.emulator.services.s3.replicating import Replicating

if TYPE_CHECKING:
    from skyproof.emulator.world import World

T = TypeVar("T")
_CREATES = {
    "PutObject": "ObjectCreated:Put",
    "CopyObject": "ObjectCreated:Copy",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
}
_DELETES = frozenset(("DeleteObject", "DeleteObjects"))
_TOUCHES = {
    "PutObjectTagging": "ObjectTagging:Put",
    "DeleteObjectTagging": "ObjectTagging:Delete",
    "PutObjectAcl": "ObjectAcl:Put",
}
_READS = frozenset(("GetObject", "HeadObject"))
_UNSEALS = frozenset(("CreateBucket", "DeleteBucketEncryption"))


class Observing:
    """Sees to replication, lifecycle and notifications after each change by a client."""

    world: World
    replicating: Replicating
    lifecycle: Lifecycle
    notifying: Notifying
    observes: ClassVar[frozenset[str]] = frozenset(
        (*_CREATES, *_DELETES, *_TOUCHES, *_READS, *_UNSEALS, "CreateMultipartUpload")
    )

    def observe(self, call: Call, params: Params, answer: Callable[[], Response]) -> Response:
        """The base's answer, its effects seen to."""
        bucket = objects.find(params["Bucket"])
        if call.operation in _UNSEALS:
            return self._sealed(bucket, params, answer())
        if bucket is None:
            return answer()
        if call.operation in _READS:
            return self._with_status(bucket, params, answer())
        # Two writes to one key must not each take the other's version for its own.
        with self.world.lock:
            if call.operation in _CREATES or call.operation in _DELETES:
                response = self._changing(call, bucket, params, answer)
                if call.operation == "PutObject":
                    _tell_checksum_type(response)
                return response
            response = answer()
            if response.status_code < 400:
                self._touched(call, bucket, params)
            return response

    def _sealed(
        self, before: objects.Bucket | None, params: Params, response: Response
    ) -> Response:
        """A bucket that is new, or whose encryption was deleted, has S3's own."""
        bucket = objects.find(params["Bucket"])
        if bucket is not None and (before is None or bucket.encryption is None):
            objects.seal(bucket)
        return response

    @within("PutObject", "Bucket", "Key", "Body", "ServerSideEncryption", "SSEKMSKeyId")
    def put_object(self, call: Call, params: Params) -> Result:
        """What services put: artifacts, deliveries, exports.

        The wire around it takes 1.0 ms of the 1.1 that a call over it takes.
        """
        bucket = objects.find(params["Bucket"])
        if bucket is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)
        encryption, kms_key = params.get("ServerSideEncryption"), params.get("SSEKMSKeyId")
        body = params.get("Body", b"")
        made = self._changing(
            call,
            bucket,
            params,
            lambda: objects.put(call.account, bucket, params["Key"], body, encryption, kms_key),
        )
        return objects.answer_to_put(made)

    def _changing(
        self, call: Call, bucket: objects.Bucket, params: Params, answer: Callable[[], T]
    ) -> T:
        keys = _keys(params)
        before = {key: objects.versions(bucket, key) for key in keys}
        # An object that goes loses its content, and with it what computes its tag.
        for version in (version for found in before.values() for version in found):
            if isinstance(version, objects.Object):
                _ = version.etag
        response = answer()
        for key in keys:
            after = objects.versions(bucket, key)
            for version in after:
                if version not in before[key]:
                    self._made(call, bucket, version)
            if call.operation in _DELETES:
                for version in before[key]:
                    if version not in after:
                        self._tell(call, "ObjectRemoved:Delete", bucket, version)
        self.lifecycle.changed(bucket, keys)
        return response

    def _made(self, call: Call, bucket: objects.Bucket, version: objects.Version) -> None:
        objects.put_after_others(bucket, version)
        name = _CREATES.get(call.operation, "ObjectRemoved:DeleteMarkerCreated")
        self._tell(call, name, bucket, version)
        self.replicating.written(bucket, version)

    def _touched(self, call: Call, bucket: objects.Bucket, params: Params) -> None:
        if call.operation == "CreateMultipartUpload":
            self.lifecycle.initiated(bucket)
            return
        version = objects.version(bucket, params["Key"], params.get("VersionId"))
        if version is not None:
            self._tell(call, _TOUCHES[call.operation], bucket, version)
            self.lifecycle.changed(bucket, [version.name])
            if call.operation != "PutObjectAcl":
                self.replicating.tagged(bucket, version)

    def _tell(
        self, call: Call, name: str, bucket: objects.Bucket, version: objects.Version
    ) -> None:
        requester = call.principal.name if call.principal else call.account
        now = self.world.clock.now()
        self.notifying.tell(ObjectEvent(name, bucket, version, now, requester))

    def _with_status(self, bucket: objects.Bucket, params: Params, response: Response) -> Response:
        version = objects.version(bucket, params["Key"], params.get("VersionId"))
        status = None if version is None else self.replicating.status(version)
        if status is not None and response.status_code < 400:
            response.headers["x-amz-replication-status"] = status
        return response


def _tell_checksum_type(response: Response) -> None:
    """Always of the whole object, for what is put in one piece.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """
    if any(name.lower().startswith("x-amz-checksum-") for name, _ in response.headers):
        response.headers["x-amz-checksum-type"] = "FULL_OBJECT"


def _keys(params: Params) -> list[str]:
    if "Key" in params:
        return [params["Key"]]
    return list(dict.fromkeys(one["Key"] for one in params["Delete"].get("Objects", [])))
