"""moto's buckets and versions: the one place that reaches into its models.

The S3 API cannot do what replication and lifecycle do: it writes no version under a given id, at a
given time, nor changes the storage class of a version that stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import (
    FakeBucket,
    FakeDeleteMarker,
    FakeKey,
    FakeMultipart,
    S3Backend,
    s3_backends,
)

from skyproof.emulator.turns import turn

Bucket = FakeBucket
LockedError = AccessDeniedByLock
Marker = FakeDeleteMarker
Object = FakeKey
Upload = FakeMultipart
Version = FakeKey | FakeDeleteMarker
SECOND = timedelta(seconds=1)


def find(name: str) -> Bucket | None:
    """The bucket of that name in any account; ``None`` when there is none."""
    where = s3_backends.bucket_accounts.get(name)
    if where is None:
        return None
    partition, account = where
    return s3_backends[account][partition].buckets.get(name)


def arn(bucket: Bucket, key: str = "") -> str:
    """The ARN of a bucket, or of an object in it."""
    of_bucket = f"arn:{bucket.partition}:s3:::{bucket.name}"
    return f"{of_bucket}/{key}" if key else of_bucket


def seal(bucket: Bucket) -> None:
    """Encrypt what comes into a bucket as S3 does where nobody ordered anything.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    """
    own = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    bucket.encryption = {"Rule": {**own, "BucketKeyEnabled": "false"}}


def _dispose(_marker: FakeDeleteMarker) -> None:
    """There is nothing to dispose of."""


# moto disposes of all versions of a key in a bucket whose versioning is suspended, and fails on
# delete markers, which lack the method (docs/upstream.md).
FakeDeleteMarker.dispose = _dispose  # type: ignore[attr-defined]


def keys(bucket: Bucket) -> list[str]:
    """Of the objects and delete markers, in order."""
    return sorted(dict.keys(bucket.keys))


def versions(bucket: Bucket, key: str) -> list[Version]:
    """All of a key, the oldest first and the current one last."""
    return list(bucket.keys.getlist(key, []))


def version(bucket: Bucket, key: str, id: str | None = None) -> Version | None:
    """One version of a key: the current one without an id."""
    for found in reversed(versions(bucket, key)):
        if id is None or found.version_id == id:
            return found
    return None


def uploads(bucket: Bucket) -> Iterator[Upload]:
    """Multipart uploads that were neither completed nor aborted."""
    yield from list(bucket.multiparts.values())


def created(version: Version) -> datetime:
    """When it was made, in UTC, to the second as S3 tells it."""
    return version.last_modified.replace(tzinfo=UTC, microsecond=0)


def put_after_others(bucket: Bucket, new: Version) -> None:
    """Let moto list a key's newest version first, which it tells by the time alone.

    Under a clock that stands, versions are made at one time: a microsecond apart will do.
    """
    older = [one for one in versions(bucket, new.name) if one is not new]
    if older and timedelta(0) <= older[-1].last_modified - new.last_modified < SECOND:
        new.last_modified = older[-1].last_modified + timedelta(microseconds=1)


def tags(version: Version) -> dict[str, str]:
    """A version's tags; a delete marker has none."""
    if isinstance(version, FakeDeleteMarker):
        return {}
    found: dict[str, str] = _backend_of(version).tagger.get_tag_dict_for_resource(version.arn)
    return found


def put(
    account: str, bucket: Bucket, key: str, body: bytes, encryption: str | None, kms_key: str | None
) -> Object:
    """Add a version as moto's PutObject does, without the request that it is read off."""
    backend = s3_backends[account][bucket.partition]
    is_locked = bucket.object_lock_enabled and bucket.has_default_lock
    made = backend.put_object(
        bucket.name,
        key,
        body,
        storage="STANDARD",
        encryption=encryption,
        kms_key_id=kms_key,
        lock_mode=bucket.default_lock_mode if is_locked else None,
        lock_until=bucket.default_retention() if is_locked else None,
    )
    made.set_acl(bucket.acl)
    backend.put_object_tagging(made, {})
    return made


def delete(bucket: Bucket, key: str, id: str | None = None) -> None:
    """Delete a version, or the current one without an id, as moto's DeleteObject does.

    Raises:
        LockedError: a lock holds the version.
    """
    # moto lists a copy of the names, and fails at one that is gone when its turn comes.
    with turn("s3"):
        _backend_of(bucket).delete_object(bucket.name, key, version_id=id)


def abort(bucket: Bucket, upload: Upload) -> None:
    """Abort a multipart upload, as moto's AbortMultipartUpload does."""
    with turn("s3"):
        _backend_of(bucket).abort_multipart_upload(bucket.name, upload.id)


def answer_to_put(made: Object) -> dict[str, Any]:
    """What PutObject tells of the version that it made."""
    told: dict[str, Any] = {"ETag": made.etag}
    if made._is_versioned:
        told["VersionId"] = made.version_id
    if made.encryption is not None:
        told["ServerSideEncryption"] = made.encryption
    if made.encryption == "aws:kms" and made.kms_key_id is not None:
        told["SSEKMSKeyId"] = made.kms_key_id
    if made.encryption == "aws:kms" and made.bucket_key_enabled is not None:
        told["BucketKeyEnabled"] = str(made.bucket_key_enabled).lower() == "true"
    return told


def write_replica(
    source: Object,
    bucket: Bucket,
    storage_class: str | None,
    encryption: str | None,
    kms_key: str | None,
) -> Object:
    """Add a copy of a version to a bucket: same id, time, content and metadata, without tags."""
    replica = FakeKey(
        name=source.name,
        value=source.value,
        account_id=bucket.account_id,
        region_name=bucket.region_name,
        storage=storage_class,
        etag=source.etag.strip('"'),
        is_versioned=True,
        version_id=source.version_id,
        bucket_name=bucket.name,
        encryption=encryption,
        kms_key_id=kms_key,
        bucket_key_enabled=source.bucket_key_enabled,
        lock_mode=source.lock_mode,
        lock_legal_status=source.lock_legal_status,
        lock_until=source.lock_until,
        checksum_value=source.checksum_value,
        checksum_type=source.checksum_type,
        checksum_parts=source.checksum_parts,
    )
    replica.last_modified = source.last_modified
    replica.checksum_algorithm = source.checksum_algorithm
    replica.website_redirect_location = source.website_redirect_location
    replica.set_metadata(dict(source.metadata))
    replica.set_acl(bucket.acl)
    _append(bucket, replica)
    return replica


def write_tags(version: Object, new: dict[str, str]) -> None:
    """Replace the tags of a version."""
    tagger = _backend_of(version).tagger
    tagger.delete_all_tags_for_resource(version.arn)
    tagger.tag_resource(version.arn, tagger.convert_dict_to_tags_input(new))


def write_marker(source: Marker, bucket: Bucket) -> Marker:
    """Add a copy of a delete marker to a bucket, under the same id and time."""
    marker = FakeDeleteMarker(key=source.key)
    marker._version_id = source.version_id
    marker.last_modified = source.last_modified
    _append(bucket, marker)
    return marker


def _append(bucket: Bucket, new: Version) -> None:
    bucket.keys.setlist(new.name, [*versions(bucket, new.name), new])


def _backend_of(kept: Bucket | Object) -> S3Backend:
    return s3_backends[kept.account_id][kept.partition]
