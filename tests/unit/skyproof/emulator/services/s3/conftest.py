"""Buckets that act by themselves, under a clock that stands until it is advanced."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from skyproof.emulator.world import World

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY = 86_400
ACCOUNT = "123456789012"

ALLOWED = (
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionTagging",
    "s3:ReplicateObject",
    "s3:ReplicateDelete",
    "s3:ReplicateTags",
    "kms:Decrypt",
    "kms:Encrypt",
)


@pytest.fixture
def stopped(world: World) -> World:
    """The world with its clock at midnight of Monday, 5 January 2026."""
    world.clock.set(MONDAY, mode="manual")
    return world


@pytest.fixture
def settle(stopped: World) -> Callable[[], int]:
    """Let happen what is due at once."""
    return lambda: stopped.clock.advance(0)


@pytest.fixture
def make_bucket(client: Any) -> Callable[..., Any]:
    """``make_bucket(name, region=..., account=...)``: a versioned bucket, and its client."""

    def make(name: str, region: str = "us-east-1", account: str = ACCOUNT) -> Any:
        s3 = client("s3", region=region, account=account)
        where = {"LocationConstraint": region}
        s3.create_bucket(
            Bucket=name, **({} if region == "us-east-1" else {"CreateBucketConfiguration": where})
        )
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return s3

    return make


@pytest.fixture
def make_role(client: Any) -> Callable[..., str]:
    """``make_role(actions)``: the ARN of a role that S3 may assume, allowed these actions."""

    def make(actions: tuple[str, ...] = ALLOWED, service: str = "s3.amazonaws.com") -> str:
        iam = client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        role = iam.create_role(RoleName="replication", AssumeRolePolicyDocument=_policy(trust))[
            "Role"
        ]["Arn"]
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        iam.put_role_policy(
            RoleName="replication", PolicyName="p", PolicyDocument=_policy(statement)
        )
        return str(role)

    return make


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
