"""What a lifecycle configuration does to objects, on the day it is due and on no other.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.s3.conftest import DAY, MONDAY

LARGE = b"x" * 128 * 1024
RULE: dict[str, Any] = {
    "ID": "all",
    "Status": "Enabled",
    "Filter": {
        "And": {
            "Prefix": "a/",
            "ObjectSizeGreaterThan": 1,
            "ObjectSizeLessThan": 9,
            "Tags": [{"Key": "k", "Value": "v"}],
        }
    },
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
    "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2},
}


@pytest.fixture
def s3(stopped: World, client: Any) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="bkt")
    return made


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    return s3


def configure(s3: Any, *rules: dict[str, Any], **params: Any) -> None:
    defaults = {"Status": "Enabled", "Filter": {"Prefix": ""}}
    numbered = [{"ID": f"r{n}", **defaults, **rule} for n, rule in enumerate(rules)]
    s3.put_bucket_lifecycle_configuration(
        Bucket="bkt", LifecycleConfiguration={"Rules": numbered}, **params
    )


def keys(s3: Any) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket="bkt").get("Contents", [])]


def storage_class(s3: Any, id: str | None = None) -> str:
    """Of a version of the one key, or of the current one."""
    (found,) = [
        one["StorageClass"]
        for one in s3.list_object_versions(Bucket="bkt")["Versions"]
        if (one["IsLatest"] if id is None else one["VersionId"] == id)
    ]
    return str(found)


def versions(s3: Any) -> tuple[list[str], int]:
    """The ids of the versions, the newest first, and the number of delete markers."""
    found = s3.list_object_versions(Bucket="bkt")
    return (
        [one["VersionId"] for one in found.get("Versions", [])],
        len(found.get("DeleteMarkers", [])),
    )


def lifecycle_events(world: World) -> list[datetime]:
    return [one.due for one in world.clock.pending if one.what.startswith("s3: lifecycle")]


def test_the_age_is_rounded_up_to_the_next_midnight(s3: Any, stopped: World) -> None:
    """Created on 15 January at 10:30 with three days to live: gone on the 19th at 00:00.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    stopped.clock.set(datetime(2014, 1, 15, 10, 30, tzinfo=UTC))
    configure(s3, {"Expiration": {"Days": 3}})
    s3.put_object(Bucket="bkt", Key="k")
    stopped.clock.advance(3 * DAY + 13.5 * 3600 - 1)
    assert keys(s3) == ["k"]
    stopped.clock.advance(1)
    assert stopped.clock.now() == datetime(2014, 1, 19, tzinfo=UTC)
    assert keys(s3) == []


def test_a_date_holds_for_what_is_made_later_too(s3: Any, stopped: World) -> None:
    configure(s3, {"Expiration": {"Date": datetime(2026, 1, 8, tzinfo=UTC)}})
    s3.put_object(Bucket="bkt", Key="before")
    stopped.clock.advance(3 * DAY - 1)
    assert keys(s3) == ["before"]
    stopped.clock.advance(2 * DAY)
    assert keys(s3) == []
    s3.put_object(Bucket="bkt", Key="after")
    stopped.clock.advance(DAY)
    assert keys(s3) == []


def test_objects_move_down_from_class_to_class(s3: Any, stopped: World) -> None:
    moves = [
        {"Days": 30, "StorageClass": "STANDARD_IA"},
        {"Days": 90, "StorageClass": "GLACIER"},
    ]
    configure(s3, {"Transitions": moves, "Expiration": {"Days": 365}})
    s3.put_object(Bucket="bkt", Key="k", Body=LARGE)
    seen = []
    for days in (29, 1, 59, 1, 274):
        stopped.clock.advance(days * DAY)
        seen.append(storage_class(s3))
    assert seen == ["STANDARD", "STANDARD_IA", "STANDARD_IA", "GLACIER", "GLACIER"]
    stopped.clock.advance(DAY)
    assert keys(s3) == []


def test_heads_and_lists_show_the_new_class(s3: Any, stopped: World) -> None:
    moves = [{"Days": 1, "StorageClass": "GLACIER"}]
    configure(s3, {"Filter": {"ObjectSizeLessThan": 9}, "Transitions": moves})
    s3.put_object(Bucket="bkt", Key="k")
    stopped.clock.advance(DAY)
    assert s3.head_object(Bucket="bkt", Key="k")["StorageClass"] == "GLACIER"
    assert s3.list_objects_v2(Bucket="bkt")["Contents"][0]["StorageClass"] == "GLACIER"


def test_objects_never_move_up(s3: Any, stopped: World) -> None:
    configure(s3, {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]})
    s3.put_object(Bucket="bkt", Key="k", Body=LARGE, StorageClass="GLACIER_IR")
    stopped.clock.advance(5 * DAY)
    assert storage_class(s3) == "GLACIER_IR"


def test_an_object_that_may_move_and_expire_on_one_day_expires(s3: Any, stopped: World) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html"""
    configure(
        s3,
        {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
        {"Expiration": {"Days": 1}},
    )
    s3.put_object(Bucket="bkt", Key="k", Body=LARGE)
    stopped.clock.advance(DAY)
    assert keys(s3) == []


@pytest.mark.parametrize(
    ("filter", "params", "moved"),
    [
        ({"Prefix": ""}, {}, False),
        ({"ObjectSizeGreaterThan": 1}, {}, True),
        ({"Prefix": ""}, {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}, True),
    ],
)
def test_small_objects_stay_unless_the_rule_speaks_of_sizes(
    s3: Any, stopped: World, filter: dict[str, Any], params: dict[str, Any], moved: bool
) -> None:
    """API_PutBucketLifecycleConfiguration.html: 128 KB, by default."""
    moves = [{"Days": 1, "StorageClass": "GLACIER"}]
    configure(s3, {"Filter": filter, "Transitions": moves}, **params)
    s3.put_object(Bucket="bkt", Key="k", Body=b"small")
    stopped.clock.advance(DAY)
    assert storage_class(s3) == ("GLACIER" if moved else "STANDARD")


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        ({"Prefix": "logs/"}, ["keep", "large"]),
        ({"Tag": {"Key": "temporary", "Value": "yes"}}, ["large", "logs/1"]),
        ({"ObjectSizeGreaterThan": 3}, ["keep", "logs/1"]),
        ({"ObjectSizeLessThan": 3}, ["large"]),
        ({"And": {"Prefix": "l", "ObjectSizeLessThan": 3}}, ["keep", "large"]),
        (
            {
                "And": {
                    "Prefix": "k",
                    "Tags": [
                        {"Key": "temporary", "Value": "yes"},
                        {"Key": "more", "Value": "1"},
                    ],
                }
            },
            ["large", "logs/1"],
        ),
        ({}, []),
    ],
)
def test_a_filter_chooses_by_prefix_tags_and_size(
    s3: Any, stopped: World, filter: dict[str, Any], left: list[str]
) -> None:
    configure(s3, {"Filter": filter, "Expiration": {"Days": 1}})
    s3.put_object(Bucket="bkt", Key="logs/1", Body=b"1")
    s3.put_object(Bucket="bkt", Key="keep", Body=b"1", Tagging="temporary=yes&more=1")
    s3.put_object(Bucket="bkt", Key="large", Body=b"12345")
    stopped.clock.advance(DAY)
    assert keys(s3) == left


def test_a_tag_that_is_put_later_counts(s3: Any, stopped: World) -> None:
    configure(s3, {"Filter": {"Tag": {"Key": "old", "Value": "yes"}}, "Expiration": {"Days": 1}})
    s3.put_object(Bucket="bkt", Key="k")
    assert lifecycle_events(stopped) == []
    tags = [{"Key": "old", "Value": "yes"}]
    s3.put_object_tagging(Bucket="bkt", Key="k", Tagging={"TagSet": tags})
    stopped.clock.advance(DAY)
    assert keys(s3) == []


def test_a_disabled_rule_does_nothing(s3: Any, stopped: World) -> None:
    configure(s3, {"Status": "Disabled", "Expiration": {"Days": 1}})
    s3.put_object(Bucket="bkt", Key="k")
    stopped.clock.advance(10 * DAY)
    assert keys(s3) == ["k"]


class TestVersions:
    def test_expiry_puts_a_delete_marker(self, versioned: Any, stopped: World) -> None:
        configure(versioned, {"Expiration": {"Days": 1}})
        only = versioned.put_object(Bucket="bkt", Key="k")["VersionId"]
        stopped.clock.advance(DAY)
        assert versions(versioned) == ([only], 1)

    def test_noncurrent_versions_go_so_many_days_after_they_were_replaced(
        self, versioned: Any, stopped: World
    ) -> None:
        configure(versioned, {"NoncurrentVersionExpiration": {"NoncurrentDays": 2}})
        old = versioned.put_object(Bucket="bkt", Key="k")["VersionId"]
        stopped.clock.advance(10 * DAY)
        new = versioned.put_object(Bucket="bkt", Key="k")["VersionId"]
        stopped.clock.advance(2 * DAY - 1)
        assert versions(versioned) == ([new, old], 0)
        stopped.clock.advance(1)
        assert versions(versioned) == ([new], 0)

    def test_what_was_put_before_versioning_goes_too(self, s3: Any, stopped: World) -> None:
        s3.put_object(Bucket="bkt", Key="k")
        s3.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
        configure(s3, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
        new = s3.put_object(Bucket="bkt", Key="k")["VersionId"]
        assert versions(s3) == ([new, "null"], 0)
        stopped.clock.advance(2 * DAY)
        assert versions(s3) == ([new], 0)

    def test_the_newest_noncurrent_versions_may_stay(self, versioned: Any, stopped: World) -> None:
        expiration = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}
        configure(versioned, {"NoncurrentVersionExpiration": expiration})
        ids = [versioned.put_object(Bucket="bkt", Key="k")["VersionId"] for _ in range(5)]
        stopped.clock.advance(30 * DAY)
        assert versions(versioned)[0] == [ids[4], ids[3], ids[2]]

    def test_noncurrent_versions_move(self, versioned: Any, stopped: World) -> None:
        moves = [{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]
        configure(versioned, {"NoncurrentVersionTransitions": moves})
        old = versioned.put_object(Bucket="bkt", Key="k", Body=LARGE)["VersionId"]
        versioned.put_object(Bucket="bkt", Key="k", Body=LARGE)
        stopped.clock.advance(DAY)
        assert storage_class(versioned) == "STANDARD"
        assert storage_class(versioned, old) == "GLACIER"

    def test_a_delete_marker_above_nothing_goes(self, versioned: Any, stopped: World) -> None:
        configure(
            versioned,
            {
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
            },
        )
        versioned.put_object(Bucket="bkt", Key="k")
        versioned.delete_object(Bucket="bkt", Key="k")
        stopped.clock.advance(3 * DAY)
        assert versions(versioned) == ([], 1)
        stopped.clock.advance(DAY)
        assert versions(versioned) == ([], 0)
        assert lifecycle_events(stopped) == []

    def test_a_day_on_which_a_version_moves_sees_no_delete_marker(
        self, versioned: Any, stopped: World
    ) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html"""
        configure(
            versioned,
            {
                "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}],
                "Expiration": {"Days": 1},
            },
        )
        versioned.put_object(Bucket="bkt", Key="k", Body=LARGE)
        stopped.clock.advance(DAY)
        assert storage_class(versioned) == "GLACIER"
        stopped.clock.advance(DAY)
        assert versions(versioned)[1] == 1


def test_an_unfinished_upload_is_aborted(s3: Any, stopped: World) -> None:
    configure(s3, {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}})
    upload = s3.create_multipart_upload(Bucket="bkt", Key="k")["UploadId"]
    stopped.clock.advance(7 * DAY - 1)
    s3.list_parts(Bucket="bkt", Key="k", UploadId=upload)  # is still there
    stopped.clock.advance(1)
    with pytest.raises(ClientError) as caught:
        s3.list_parts(Bucket="bkt", Key="k", UploadId=upload)
    assert caught.value.response["Error"]["Code"] == "NoSuchUpload"


class TestSchedule:
    def test_an_empty_bucket_sleeps(self, s3: Any, stopped: World) -> None:
        configure(s3, {"Expiration": {"Days": 1}})
        assert lifecycle_events(stopped) == []

    def test_days_on_which_nothing_is_due_are_passed_over(self, s3: Any, stopped: World) -> None:
        moves = [{"Days": 90, "StorageClass": "GLACIER"}]
        configure(s3, {"Transitions": moves, "Expiration": {"Days": 450}})
        for number in range(20):
            s3.put_object(Bucket="bkt", Key=f"k{number}", Body=LARGE)
        assert lifecycle_events(stopped) == [MONDAY + timedelta(days=90)]
        assert stopped.clock.advance(450 * DAY) == 2
        assert keys(s3) == []

    def test_a_new_object_may_bring_the_next_day_forward(self, s3: Any, stopped: World) -> None:
        configure(
            s3,
            {"Filter": {"Prefix": "slow/"}, "Expiration": {"Days": 100}},
            {"Filter": {"Prefix": "fast/"}, "Expiration": {"Days": 2}},
        )
        s3.put_object(Bucket="bkt", Key="slow/1")
        s3.put_object(Bucket="bkt", Key="fast/1")
        assert lifecycle_events(stopped) == [MONDAY + timedelta(days=2)]

    def test_what_became_due_while_there_were_no_rules_is_done_the_next_night(
        self, s3: Any, stopped: World
    ) -> None:
        s3.put_object(Bucket="bkt", Key="k")
        stopped.clock.advance(100 * DAY + 60)
        configure(s3, {"Expiration": {"Days": 1}})
        stopped.clock.advance(0)
        assert keys(s3) == ["k"]
        stopped.clock.advance(DAY)
        assert keys(s3) == []

    def test_rules_that_were_deleted_do_nothing(self, s3: Any, stopped: World) -> None:
        configure(s3, {"Expiration": {"Days": 1}})
        s3.put_object(Bucket="bkt", Key="k")
        s3.delete_bucket_lifecycle(Bucket="bkt")
        assert lifecycle_events(stopped) == []
        stopped.clock.advance(5 * DAY)
        assert keys(s3) == ["k"]

    def test_a_clock_that_is_set_does_not_move_what_is_due(self, s3: Any, stopped: World) -> None:
        configure(s3, {"Expiration": {"Days": 30}})
        s3.put_object(Bucket="bkt", Key="k")
        stopped.clock.set(MONDAY + timedelta(days=29))
        stopped.clock.advance(0)
        assert keys(s3) == ["k"]
        stopped.clock.set(MONDAY + timedelta(days=31))
        stopped.clock.advance(0)
        assert keys(s3) == []


@pytest.mark.parametrize("is_allowed", [False, True])
def test_objects_wait_until_they_are_replicated(
    stopped: World, make_bucket: Any, make_role: Any, is_allowed: bool
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html"""
    make_bucket("copy")
    s3 = make_bucket("bkt")
    role = make_role() if is_allowed else make_role(("s3:ListBucket",))
    rule = {"ID": "r", "Prefix": "", "Status": "Enabled"}
    destination = {"Bucket": "arn:aws:s3:::copy"}
    s3.put_bucket_replication(
        Bucket="bkt",
        ReplicationConfiguration={"Role": role, "Rules": [{**rule, "Destination": destination}]},
    )
    configure(s3, {"Expiration": {"Days": 1}})
    s3.put_object(Bucket="bkt", Key="k")
    stopped.clock.advance(3 * DAY)
    assert versions(s3)[1] == (1 if is_allowed else 0)
    # What lifecycle does is not replicated.
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket="copy")


class TestConfiguration:
    def test_it_comes_back_exactly_as_it_was_put(self, s3: Any) -> None:
        configure(s3, RULE)
        got = s3.get_bucket_lifecycle_configuration(Bucket="bkt")
        assert got["Rules"] == [RULE]
        assert got["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"

    def test_it_goes_when_it_is_deleted(self, s3: Any) -> None:
        configure(s3, RULE)
        s3.delete_bucket_lifecycle(Bucket="bkt")
        with pytest.raises(ClientError) as caught:
            s3.get_bucket_lifecycle_configuration(Bucket="bkt")
        assert caught.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"

    def test_what_is_malformed_is_refused(self, s3: Any) -> None:
        with pytest.raises(ClientError) as caught:
            configure(s3, {"NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]})
        assert caught.value.response["Error"]["Code"] == "MalformedXML"


def test_a_locked_version_stays_and_is_asked_for_again_each_night(
    client: Any, stopped: World
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bkt", ObjectLockEnabledForBucket=True)
    configure(s3, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    locked = s3.put_object(
        Bucket="bkt",
        Key="k",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=MONDAY + timedelta(days=3),
        ChecksumAlgorithm="SHA256",
    )["VersionId"]
    s3.put_object(Bucket="bkt", Key="k")
    stopped.clock.advance(2 * DAY)
    assert locked in versions(s3)[0]
    refused = [one for one in stopped.happenings.about("bkt") if one.outcome == "refused"]
    assert len(refused) == 2
    stopped.clock.advance(2 * DAY)
    assert locked not in versions(s3)[0]


def test_versions_made_at_one_time_are_listed_the_newest_first(versioned: Any) -> None:
    ids = [versioned.put_object(Bucket="bkt", Key="k")["VersionId"] for _ in range(3)]
    assert versions(versioned)[0] == ids[::-1]


@pytest.mark.usefixtures("hurry")
def test_who_lists_does_not_meet_what_goes(s3: Any, stopped: World) -> None:
    configure(s3, {"Expiration": {"Days": 1}})
    for number in range(1000):
        s3.put_object(Bucket="bkt", Key=f"{number}")
    with ThreadPoolExecutor(1) as thread:
        going = thread.submit(stopped.clock.advance, 2 * DAY)
        while not going.done():
            s3.list_objects_v2(Bucket="bkt", MaxKeys=1)
    assert keys(s3) == []
