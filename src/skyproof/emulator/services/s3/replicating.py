"""Copying new versions and delete markers to other buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from skyproof.emulator.clock import stamp
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.due import ARCHIVES
from skyproof.emulator.services.s3.filters import Filter
from skyproof.emulator.services.s3.notifying import Notifying
from skyproof.emulator.services.s3.permissions import DEFAULT_KEY, ReplicationError, Role
from skyproof.emulator.services.s3.records import S3, ObjectEvent
from skyproof.emulator.services.s3.store import Store

if TYPE_CHECKING:
    from skyproof.emulator.world import World

Status = Literal["PENDING", "COMPLETED", "FAILED", "REPLICA"]
Rule = Mapping[str, Any]
Changed = Callable[[objects.Bucket, list[str]], None]


class Replicating:
    """Replicates what was written after its rules were, once, and keeps how it went."""

    def __init__(self, world: World, store: Store, notifying: Notifying, changed: Changed) -> None:
        self._world = world
        self._store = store
        self._notifying = notifying
        self._changed = changed
        self._statuses: WeakKeyDictionary[objects.Version, Status] = WeakKeyDictionary()

    def status(self, version: objects.Version) -> Status | None:
        """As HeadObject shows it; ``None`` for what no rule is about."""
        return self._statuses.get(version)

    def written(self, bucket: objects.Bucket, version: objects.Version) -> None:
        """A client has made a version or a delete marker."""
        configuration = self._store.replication.get(bucket.name)
        rules = [] if configuration is None else _rules_for(configuration["Rules"], version)
        if configuration is not None and rules:
            self._statuses[version] = "PENDING"
            replicate = partial(self._replicate, bucket, version, configuration["Role"], rules)
            self._world.clock.soon(f"s3: replicate {bucket.name}/{version.name}", replicate)

    def tagged(self, bucket: objects.Bucket, version: objects.Version) -> None:
        """A client has changed a version's tags; they follow it to where it went."""
        if self.status(version) == "COMPLETED":
            self.written(bucket, version)

    def _replicate(
        self, bucket: objects.Bucket, version: objects.Version, role: str, rules: list[Rule]
    ) -> None:
        with self._world.lock:
            if version not in objects.versions(bucket, version.name):
                return  # it was deleted in the meantime
            done = [self._replicate_to(bucket, version, role, rule) for rule in rules]
            self._statuses[version] = "COMPLETED" if all(done) else "FAILED"
            self._changed(bucket, [version.name])

    def _replicate_to(
        self, bucket: objects.Bucket, version: objects.Version, role: str, rule: Rule
    ) -> bool:
        """Copy to one destination; whether that went well."""
        source, target = objects.arn(bucket), rule["Destination"]["Bucket"]
        what = f"replicate {version.name}"
        try:
            self._copy(bucket, version, Role(self._world, self._store, bucket, role), rule)
        except ReplicationError as error:
            self._world.tell(source, what, target, "refused", str(error))
            self._tell_failure(bucket, version, rule, error)
            return False
        self._world.tell(source, what, target)
        return True

    def _copy(
        self, bucket: objects.Bucket, version: objects.Version, role: Role, rule: Rule
    ) -> None:
        role.require("InitiateReplicationNotPermitted", "s3:GetReplicationConfiguration", bucket)
        role.require("InitiateReplicationNotPermitted", "s3:ListBucket", bucket)
        destination = _destination(rule)
        if isinstance(version, objects.Marker):
            role.require("DstDelObjNotPermitted", "s3:ReplicateDelete", destination, version.name)
            self._arrived(
                destination,
                objects.write_marker(version, destination),
                "ObjectRemoved:DeleteMarkerCreated",
            )
        else:
            self._copy_object(bucket, version, role, rule, destination)

    def _copy_object(
        self,
        bucket: objects.Bucket,
        version: objects.Object,
        role: Role,
        rule: Rule,
        destination: objects.Bucket,
    ) -> None:
        encryption, key = self._encryption(version, rule, destination)
        _require_for_object(role, bucket, version, rule, destination)
        if _is_kms(version.encryption):
            source_key = version.kms_key_id or DEFAULT_KEY
            role.require_key(
                "SrcGetObjectNotPermitted", "kms:Decrypt", source_key, bucket, version.name
            )
        if _is_kms(encryption):
            role.require_key(
                "DstPutObjectNotPermitted",
                "kms:Encrypt",
                key or DEFAULT_KEY,
                destination,
                version.name,
            )
        tags = objects.tags(version)
        there = objects.version(destination, version.name, version.version_id)
        if isinstance(there, objects.Object):
            objects.write_tags(there, tags)
            return
        storage_class = rule["Destination"].get("StorageClass") or version.storage_class
        replica = objects.write_replica(version, destination, storage_class, encryption, key)
        objects.write_tags(replica, tags)
        self._arrived(destination, replica, "ObjectCreated:Put")

    def _encryption(
        self, version: objects.Object, rule: Rule, destination: objects.Bucket
    ) -> tuple[str | None, str | None]:
        """Algorithm and key of the copy: the source's algorithm, or the destination's default."""
        if _is_kms(version.encryption):
            wanted = rule["Destination"].get("EncryptionConfiguration", {})
            return version.encryption, wanted.get("ReplicaKmsKeyID")
        if version.encryption is not None or destination.encryption is None:
            return version.encryption, None
        default = destination.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        return default["SSEAlgorithm"], default.get("KMSMasterKeyID")

    def _arrived(self, bucket: objects.Bucket, replica: objects.Version, event: str) -> None:
        self._statuses[replica] = "REPLICA"
        self._changed(bucket, [replica.name])
        now = self._world.clock.now()
        self._notifying.tell(ObjectEvent(event, bucket, replica, now, S3))

    def _tell_failure(
        self, bucket: objects.Bucket, version: objects.Version, rule: Rule, error: ReplicationError
    ) -> None:
        """Only rules with metrics tell.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
        """
        if rule["Destination"].get("Metrics", {}).get("Status") != "Enabled":
            return
        is_marker = isinstance(version, objects.Marker)
        data = {
            "replicationRuleId": rule.get("ID", ""),
            "destinationBucket": rule["Destination"]["Bucket"],
            "s3Operation": "OBJECT_DELETE" if is_marker else "OBJECT_PUT",
            "requestTime": stamp(objects.created(version)),
            "failureReason": error.code,
        }
        name = "Replication:OperationFailedReplication"
        now = self._world.clock.now()
        more = {"replicationEventData": data}
        self._notifying.tell(ObjectEvent(name, bucket, version, now, S3, more))


def _destination(rule: Rule) -> objects.Bucket:
    arn = rule["Destination"]["Bucket"]
    bucket = objects.find(arn.rpartition(":")[2])
    if bucket is None:
        raise ReplicationError("DstBucketNotFound", f"{arn} does not exist")
    if not bucket.is_versioned:
        raise ReplicationError("DstBucketUnversioned", f"{arn} has no versioning enabled")
    return bucket


def _require_for_object(
    role: Role,
    bucket: objects.Bucket,
    version: objects.Object,
    rule: Rule,
    destination: objects.Bucket,
) -> None:
    key = version.name
    role.require("SrcGetObjectNotPermitted", "s3:GetObjectVersionForReplication", bucket, key)
    role.require("SrcGetAclNotPermitted", "s3:GetObjectVersionAcl", bucket, key)
    role.require("DstPutObjectNotPermitted", "s3:ReplicateObject", destination, key)
    if objects.tags(version):
        role.require("SrcGetTaggingNotPermitted", "s3:GetObjectVersionTagging", bucket, key)
        role.require("DstPutTaggingNotPermitted", "s3:ReplicateTags", destination, key)
    if "AccessControlTranslation" in rule["Destination"]:
        action = "s3:ObjectOwnerOverrideToBucketOwner"
        role.require("DstPutAclNotPermitted", action, destination, key)


def _rules_for(rules: list[Rule], version: objects.Version) -> list[Rule]:
    """The rule of the highest priority for each destination, of those that mean a version."""
    chosen: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda rule: int(rule.get("Priority", 0))):
        if rule["Status"] == "Enabled" and Filter.of(rule).matches(version):
            chosen[rule["Destination"]["Bucket"]] = rule
    return [rule for rule in chosen.values() if _takes(rule, version)]


def _takes(rule: Rule, version: objects.Version) -> bool:
    if isinstance(version, objects.Marker):
        return _takes_markers(rule)
    if version.storage_class in ARCHIVES:
        return False
    if _is_kms(version.encryption):
        selected = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {})
        return bool(selected.get("Status") == "Enabled")
    return True


def _takes_markers(rule: Rule) -> bool:
    """Rules of the first version, which have no Filter, always do.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations
    """
    if "Filter" not in rule:
        return True
    return bool(rule["DeleteMarkerReplication"].get("Status") == "Enabled")


def _is_kms(encryption: str | None) -> bool:
    return encryption is not None and encryption.startswith("aws:kms")
