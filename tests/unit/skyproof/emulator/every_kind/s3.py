"""The replication of a bucket."""

from __future__ import annotations

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind


class Replication(Kind):
    service = "s3"
    gone = "ReplicationConfigurationNotFoundError"

    @property
    def buckets(self) -> tuple[str, str]:
        return f"from-{self.aws.account}", f"to-{self.aws.account}"

    def prepare(self) -> None:
        versioned = {"Status": "Enabled"}
        for name in self.buckets:
            self.client.create_bucket(Bucket=name)
            self.client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioned)

    def first(self) -> Fields:
        return self.configuration("first", self.whole_rule(), self.tagged_rule())

    def change(self) -> Fields:
        return self.configuration("second", self.whole_rule() | {"Status": "Disabled"})

    def configuration(self, role: str, *rules: Fields) -> Fields:
        return {"Role": self.aws.arn("iam", f"role/{role}", region=""), "Rules": list(rules)}

    def whole_rule(self) -> Fields:
        on = {"Status": "Enabled"}
        return {
            "ID": "all",
            "Priority": 0,
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "SourceSelectionCriteria": {"SseKmsEncryptedObjects": on, "ReplicaModifications": on},
            "DeleteMarkerReplication": on,
            "ExistingObjectReplication": {"Status": "Disabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{self.buckets[1]}",
                "Account": self.aws.account,
                "AccessControlTranslation": {"Owner": "Destination"},
                "StorageClass": "GLACIER_IR",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": self.aws.arn("kms", "key/k")},
                "ReplicationTime": on | {"Time": {"Minutes": 15}},
                "Metrics": on | {"EventThreshold": {"Minutes": 15}},
            },
        }

    def tagged_rule(self) -> Fields:
        tags = [{"Key": "keep", "Value": "yes"}, {"Key": "class", "Value": "gold"}]
        return {
            "ID": "tagged",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "data/", "Tags": tags}},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{self.buckets[1]}"},
        }

    def create(self, fields: Fields) -> None:
        self.client.put_bucket_replication(Bucket=self.buckets[0], ReplicationConfiguration=fields)

    def read(self) -> Fields | None:
        answer = self.client.get_bucket_replication(Bucket=self.buckets[0])
        told: Fields = answer["ReplicationConfiguration"]
        return told

    def delete(self) -> None:
        self.client.delete_bucket_replication(Bucket=self.buckets[0])


KINDS: tuple[type[Kind], ...] = (Replication,)
