"""A versioned bucket can be emptied, also when its versioning was suspended first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("suspended", [False, True])
def test_versions_and_delete_markers_can_be_deleted(
    client: Callable[..., Any], suspended: bool
) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="archive")
    versioning = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration=versioning)
    for key in ("a", "b"):
        s3.put_object(Bucket="archive", Key=key, Body=b"x")
        s3.delete_object(Bucket="archive", Key=key)
    if suspended:
        versioning = {"Status": "Suspended"}
        s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration=versioning)

    listed = s3.list_object_versions(Bucket="archive")
    found = [
        {"Key": one["Key"], "VersionId": one["VersionId"]}
        for kind in ("Versions", "DeleteMarkers")
        for one in listed[kind]
    ]
    s3.delete_objects(Bucket="archive", Delete={"Objects": found})
    s3.delete_bucket(Bucket="archive")

    assert s3.list_buckets()["Buckets"] == []
