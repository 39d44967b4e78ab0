"""What is replicated, how the copy looks, and what the role needs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.s3.conftest import ALLOWED

Settle = Callable[[], int]
OTHER = "210987654321"


def rule(id: str = "all", destination: str = "copy", **changes: Any) -> dict[str, Any]:
    return {
        "ID": id,
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
        **changes,
    }


def configure(s3: Any, role: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_replication(
        Bucket="source", ReplicationConfiguration={"Role": role, "Rules": [*rules]}
    )


@pytest.fixture
def s3(stopped: World, make_bucket: Any) -> Any:
    make_bucket("copy", "eu-west-1")
    return make_bucket("source")


def status(s3: Any, key: str = "k", bucket: str = "source", **params: Any) -> str | None:
    found: str | None = s3.get_object(Bucket=bucket, Key=key, **params).get("ReplicationStatus")
    return found


def keys(s3: Any, bucket: str = "copy") -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def reasons(world: World) -> list[str]:
    return [one.reason for one in world.happenings if one.outcome == "refused"]


def test_an_object_is_pending_then_completed_and_its_copy_a_replica(
    s3: Any, make_role: Any, settle: Settle
) -> None:
    configure(s3, make_role(), rule())
    s3.put_object(Bucket="source", Key="k")
    assert status(s3) == "PENDING"
    settle()
    assert status(s3) == "COMPLETED"
    assert status(s3, bucket="copy") == "REPLICA"
    assert s3.head_object(Bucket="copy", Key="k")["ReplicationStatus"] == "REPLICA"


def test_the_copy_has_the_version_id_the_content_and_all_that_belongs_to_it(
    s3: Any, make_role: Any, settle: Settle, stopped: World
) -> None:
    configure(s3, make_role(), rule())
    s3.put_object(
        Bucket="source",
        Key="a b/ü+c",
        Body=b"content",
        Metadata={"colour": "blue"},
        ContentType="text/plain",
        ContentEncoding="br",
        Tagging="team=a",
        StorageClass="STANDARD_IA",
        ChecksumAlgorithm="SHA256",
    )
    stopped.clock.advance(5)
    members = (
        "VersionId ETag LastModified ContentType ContentEncoding Metadata StorageClass "
        "ContentLength TagCount"
    )
    source = s3.get_object(Bucket="source", Key="a b/ü+c")
    copy = s3.get_object(Bucket="copy", Key="a b/ü+c")
    assert {m: copy[m] for m in members.split()} == {m: source[m] for m in members.split()}
    assert copy["Body"].read() == b"content"
    tags = s3.get_object_tagging(Bucket="copy", Key="a b/ü+c")["TagSet"]
    assert tags == [{"Key": "team", "Value": "a"}]


def test_a_rule_may_name_another_storage_class(s3: Any, make_role: Any, settle: Settle) -> None:
    destination = {"Bucket": "arn:aws:s3:::copy", "StorageClass": "GLACIER_IR"}
    configure(s3, make_role(), rule(Destination=destination))
    s3.put_object(Bucket="source", Key="k", Body=b"x")
    settle()
    assert s3.get_object(Bucket="copy", Key="k")["StorageClass"] == "GLACIER_IR"


def test_what_was_there_before_the_rule_is_not_replicated(
    s3: Any, make_role: Any, settle: Settle
) -> None:
    s3.put_object(Bucket="source", Key="k", Body=b"x")
    configure(s3, make_role(), rule())
    settle()
    assert status(s3) is None
    assert keys(s3) == []


def test_copies_and_multipart_uploads_are_replicated_too(
    s3: Any, make_role: Any, settle: Settle
) -> None:
    s3.put_object(Bucket="source", Key="old", Body=b"x")
    configure(s3, make_role(), rule())
    s3.copy_object(Bucket="source", Key="new", CopySource="source/old")
    upload = s3.create_multipart_upload(Bucket="source", Key="parts")["UploadId"]
    where = {"Bucket": "source", "Key": "parts", "UploadId": upload}
    part = s3.upload_part(PartNumber=1, Body=b"part", **where)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **where)
    settle()
    assert keys(s3) == ["new", "parts"]
    etags = {s3.get_object(Bucket=b, Key="parts")["ETag"] for b in ("source", "copy")}
    assert len(etags) == 1


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"Prefix": "logs/"}, ["logs/1"]),
        ({"Tag": {"Key": "keep", "Value": "yes"}}, ["logs/1", "other"]),
        ({"And": {"Prefix": "o", "Tags": [{"Key": "keep", "Value": "yes"}]}}, ["other"]),
        ({"Tag": {"Key": "keep", "Value": "Yes"}}, []),
        ({}, ["logs/1", "other", "plain"]),
    ],
)
def test_a_filter_chooses_by_prefix_and_tags(
    s3: Any, make_role: Any, settle: Settle, filter: dict[str, Any], expected: list[str]
) -> None:
    markers = {"Status": "Disabled"}
    configure(s3, make_role(), rule(Filter=filter, DeleteMarkerReplication=markers))
    s3.put_object(Bucket="source", Key="logs/1", Tagging="keep=yes")
    s3.put_object(Bucket="source", Key="other", Tagging="keep=yes&more=1")
    s3.put_object(Bucket="source", Key="plain")
    settle()
    assert keys(s3) == expected


def test_the_highest_priority_wins_at_each_destination(
    s3: Any, make_role: Any, make_bucket: Any, settle: Settle
) -> None:
    make_bucket("third")
    low = {"Bucket": "arn:aws:s3:::copy", "StorageClass": "STANDARD_IA"}
    high = {"Bucket": "arn:aws:s3:::copy", "StorageClass": "ONEZONE_IA"}
    configure(
        s3,
        make_role(),
        rule("high", Priority=9, Destination=high),
        rule("low", Priority=2, Destination=low),
        rule("third", destination="third", Priority=1),
        rule("off", Status="Disabled", Priority=20),
    )
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert s3.head_object(Bucket="copy", Key="k")["StorageClass"] == "ONEZONE_IA"
    assert keys(s3, "third") == ["k"]


def test_one_failed_destination_fails_the_object(
    s3: Any, make_role: Any, make_bucket: Any, settle: Settle
) -> None:
    make_bucket("third")
    configure(s3, make_role(), rule(), rule("third", destination="third", Priority=2))
    s3.delete_bucket(Bucket="third")
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert status(s3) == "FAILED"
    assert keys(s3) == ["k"]


@pytest.mark.parametrize(
    ("changes", "replicated"),
    [
        ({}, True),
        ({"DeleteMarkerReplication": {"Status": "Disabled"}}, False),
    ],
)
def test_delete_markers_follow_where_the_rule_says_so(
    s3: Any, make_role: Any, settle: Settle, changes: dict[str, Any], replicated: bool
) -> None:
    configure(s3, make_role(), rule(**changes))
    s3.put_object(Bucket="source", Key="k")
    settle()
    marker = s3.delete_object(Bucket="source", Key="k")["VersionId"]
    settle()
    markers = s3.list_object_versions(Bucket="copy").get("DeleteMarkers", [])
    assert [one["VersionId"] for one in markers] == ([marker] if replicated else [])


def test_a_rule_of_the_first_version_replicates_delete_markers(
    s3: Any, make_role: Any, settle: Settle
) -> None:
    destination = {"Bucket": "arn:aws:s3:::copy"}
    first = {"ID": "v1", "Prefix": "", "Status": "Enabled", "Destination": destination}
    configure(s3, make_role(), first)
    s3.put_object(Bucket="source", Key="k")
    s3.delete_objects(Bucket="source", Delete={"Objects": [{"Key": "k"}]})
    settle()
    assert len(s3.list_object_versions(Bucket="copy")["DeleteMarkers"]) == 1


def test_the_deletion_of_a_version_stays_where_it_is(
    s3: Any, make_role: Any, settle: Settle
) -> None:
    configure(s3, make_role(), rule())
    version = s3.put_object(Bucket="source", Key="k")["VersionId"]
    settle()
    s3.delete_object(Bucket="source", Key="k", VersionId=version)
    settle()
    assert keys(s3) == ["k"]


def test_replicas_are_not_replicated_again(
    s3: Any, make_role: Any, make_bucket: Any, settle: Settle
) -> None:
    make_bucket("third")
    role = make_role()
    configure(s3, role, rule())
    s3.put_bucket_replication(
        Bucket="copy",
        ReplicationConfiguration={"Role": role, "Rules": [rule(destination="third")]},
    )
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert keys(s3, "copy") == ["k"]
    assert keys(s3, "third") == []


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_objects_are_not_replicated(
    s3: Any, make_role: Any, settle: Settle, storage_class: str
) -> None:
    configure(s3, make_role(), rule())
    s3.put_object(Bucket="source", Key="k", StorageClass=storage_class)
    settle()
    assert keys(s3) == []
    assert "ReplicationStatus" not in s3.head_object(Bucket="source", Key="k")


def test_tags_that_change_later_follow(s3: Any, make_role: Any, settle: Settle) -> None:
    configure(s3, make_role(), rule())
    s3.put_object(Bucket="source", Key="k")
    settle()
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(Bucket="source", Key="k", Tagging={"TagSet": tags})
    settle()
    assert s3.get_object_tagging(Bucket="copy", Key="k")["TagSet"] == tags
    assert len(s3.list_object_versions(Bucket="copy")["Versions"]) == 1


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("s3:GetReplicationConfiguration", "InitiateReplicationNotPermitted"),
        ("s3:ListBucket", "InitiateReplicationNotPermitted"),
        ("s3:GetObjectVersionForReplication", "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", "SrcGetAclNotPermitted"),
        ("s3:GetObjectVersionTagging", "SrcGetTaggingNotPermitted"),
        ("s3:ReplicateObject", "DstPutObjectNotPermitted"),
        ("s3:ReplicateTags", "DstPutTaggingNotPermitted"),
    ],
)
def test_the_role_needs_each_permission(
    s3: Any, make_role: Any, settle: Settle, stopped: World, action: str, code: str
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html"""
    configure(s3, make_role(tuple(one for one in ALLOWED if one != action)), rule())
    s3.put_object(Bucket="source", Key="k", Tagging="a=b")
    settle()
    assert status(s3) == "FAILED"
    assert keys(s3) == []
    (reason,) = reasons(stopped)
    assert reason.startswith(code)


def test_delete_markers_need_a_permission_of_their_own(
    s3: Any, make_role: Any, settle: Settle, stopped: World
) -> None:
    configure(s3, make_role(tuple(a for a in ALLOWED if a != "s3:ReplicateDelete")), rule())
    s3.put_object(Bucket="source", Key="k")
    s3.delete_object(Bucket="source", Key="k")
    settle()
    assert keys(s3) == ["k"]
    (reason,) = reasons(stopped)
    assert reason.startswith("DstDelObjNotPermitted")


def test_s3_must_be_trusted_by_the_role(
    s3: Any, make_role: Any, settle: Settle, stopped: World
) -> None:
    configure(s3, make_role(service="lambda.amazonaws.com"), rule())
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert status(s3) == "FAILED"
    assert reasons(stopped)[0].startswith("AssumeRoleNotPermitted")


def test_a_destination_without_versioning_fails(
    s3: Any, make_role: Any, settle: Settle, stopped: World
) -> None:
    configure(s3, make_role(), rule())
    s3.put_bucket_versioning(Bucket="copy", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert status(s3) == "FAILED"
    assert reasons(stopped)[0].startswith("DstBucketUnversioned")


@pytest.mark.parametrize("is_allowed", [False, True])
def test_the_owner_of_a_bucket_in_another_account_must_allow_it(
    s3: Any, make_role: Any, make_bucket: Any, settle: Settle, is_allowed: bool
) -> None:
    theirs = make_bucket("theirs", "eu-west-1", OTHER)
    role = make_role()
    if is_allowed:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": role},
            "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
            "Resource": "arn:aws:s3:::theirs/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        theirs.put_bucket_policy(Bucket="theirs", Policy=json.dumps(policy))
    configure(s3, role, rule(destination="theirs"))
    s3.put_object(Bucket="source", Key="k")
    settle()
    assert status(s3) == ("COMPLETED" if is_allowed else "FAILED")
    assert keys(theirs, "theirs") == (["k"] if is_allowed else [])


class TestKms:
    @pytest.fixture
    def key(self, client: Any) -> str:
        return str(client("kms").create_key()["KeyMetadata"]["Arn"])

    @pytest.fixture
    def replica_key(self, client: Any) -> str:
        return str(client("kms", region="eu-west-1").create_key()["KeyMetadata"]["Arn"])

    def put(self, s3: Any, key: str) -> None:
        s3.put_object(Bucket="source", Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    def selecting(self, replica_key: str) -> dict[str, Any]:
        return rule(
            SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            Destination={
                "Bucket": "arn:aws:s3:::copy",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": replica_key},
            },
        )

    def test_an_encrypted_object_is_left_alone_unless_it_is_selected(
        self, s3: Any, make_role: Any, settle: Settle, key: str
    ) -> None:
        configure(s3, make_role(), rule())
        self.put(s3, key)
        settle()
        assert status(s3) is None
        assert keys(s3) == []

    def test_the_copy_is_encrypted_with_the_key_of_the_rule(
        self, s3: Any, make_role: Any, settle: Settle, key: str, replica_key: str
    ) -> None:
        configure(s3, make_role(), self.selecting(replica_key))
        self.put(s3, key)
        settle()
        copy = s3.head_object(Bucket="copy", Key="k")
        assert copy["ServerSideEncryption"] == "aws:kms"
        assert copy["SSEKMSKeyId"] == replica_key

    @pytest.mark.parametrize("action", ["kms:Decrypt", "kms:Encrypt"])
    def test_the_role_must_be_allowed_to_use_both_keys(
        self,
        s3: Any,
        make_role: Any,
        client: Any,
        settle: Settle,
        stopped: World,
        key: str,
        replica_key: str,
        action: str,
    ) -> None:
        configure(
            s3, make_role(tuple(a for a in ALLOWED if a != action)), self.selecting(replica_key)
        )
        # The usual key policy leaves it to IAM: one for somebody else does not.
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/somebody"},
            "Action": "kms:*",
            "Resource": "*",
        }
        for region, one in (("us-east-1", key), ("eu-west-1", replica_key)):
            client("kms", region=region).put_key_policy(
                KeyId=one,
                PolicyName="default",
                Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            )
        self.put(s3, key)
        settle()
        assert status(s3) == "FAILED"
        assert action in reasons(stopped)[0]


def test_the_status_of_what_is_not_there_is_the_refusal_of_the_base(s3: Any) -> None:
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="source", Key="none")
    assert caught.value.response["Error"]["Code"] == "NoSuchKey"
