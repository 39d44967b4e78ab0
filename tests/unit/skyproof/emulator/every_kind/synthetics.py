"""Canaries and groups of canaries."""

from __future__ import annotations

from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged
from tests.unit.skyproof.emulator.every_kind.packages import network, package, role


class Canary(Tagged):
    service = "synthetics"
    gone = "ResourceNotFoundException"

    @property
    def arn(self) -> str:
        return self.aws.arn("synthetics", "canary:probe")

    @property
    def bucket(self) -> str:
        return f"artifacts-{self.aws.account}"

    def prepare(self) -> None:
        self.made = role(self.aws)
        self.aws("s3").create_bucket(Bucket=self.bucket)
        self.subnets, self.groups = network(self.aws)

    def first(self) -> Fields:
        return {
            "ArtifactS3Location": f"{self.bucket}/probe",
            "ArtifactConfig": {"S3Encryption": {"EncryptionMode": "SSE_S3"}},
            "ExecutionRoleArn": self.made,
            "Schedule": {"Expression": "rate(5 minutes)", "DurationInSeconds": 3600},
            "RunConfig": {"TimeoutInSeconds": 60, "MemoryInMB": 960, "ActiveTracing": True},
            "SuccessRetentionPeriodInDays": 7,
            "FailureRetentionPeriodInDays": 90,
            "RuntimeVersion": "syn-python-selenium-14.0",
            "ProvisionedResourceCleanup": "OFF",
            "VpcConfig": {"SubnetIds": self.subnets, "SecurityGroupIds": self.groups},
        }

    def change(self) -> Fields:
        key = self.aws.arn("kms", "key/0b6d6c2c-1111-4222-8333-444455556666")
        encryption = {"EncryptionMode": "SSE_KMS", "KmsKeyArn": key}
        return {
            "ArtifactConfig": {"S3Encryption": encryption},
            "Schedule": {"Expression": "cron(0 12 ? * MON *)", "DurationInSeconds": 0},
            "RunConfig": {"TimeoutInSeconds": 120, "MemoryInMB": 1024, "ActiveTracing": False},
            "SuccessRetentionPeriodInDays": 1,
            "ProvisionedResourceCleanup": "AUTOMATIC",
        }

    def create(self, fields: Fields) -> None:
        location = f"s3://{fields['ArtifactS3Location']}"
        code = {"ZipFile": package("python/probe.py"), "Handler": "probe.handler"}
        self.client.create_canary(
            Name="probe", Code=code, **fields | {"ArtifactS3Location": location}
        )

    def update(self, change: Fields) -> None:
        self.client.update_canary(Name="probe", **change)

    def read(self) -> Fields | None:
        told: Fields = self.client.get_canary(Name="probe")["Canary"]
        return told

    def delete(self) -> None:
        self.client.delete_canary(Name="probe", DeleteLambda=True)


class Group(Tagged):
    """Changed by what is put into it."""

    service = "synthetics"
    gone = "ResourceNotFoundException"

    def prepare(self) -> None:
        canary = Canary(self.aws)
        canary.prepare()
        canary.create(canary.first())

    def first(self) -> Fields:
        return {"Name": "shop"}

    def change(self) -> Fields:
        return {"Resources": [Canary(self.aws).arn]}

    def create(self, fields: Fields) -> None:
        self.made = self.client.create_group(**fields)["Group"]["Arn"]

    def update(self, change: Fields) -> None:
        [canary] = change["Resources"]
        self.client.associate_resource(GroupIdentifier="shop", ResourceArn=canary)
        [group] = self.client.list_associated_groups(ResourceArn=canary)["Groups"]
        assert group["Arn"] == self.made

    def read(self) -> Fields | None:
        group: Fields = self.client.get_group(GroupIdentifier="shop")["Group"]
        listed = self.client.list_group_resources(GroupIdentifier="shop")
        return group | {"Resources": listed["Resources"]}

    def delete(self) -> None:
        self.client.delete_group(GroupIdentifier="shop")


KINDS: tuple[type[Kind], ...] = (Canary, Group)
