"""The policies in docs/policies are well-formed, fit into IAM, and give no more than they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from skyproof.emulator.iam import Request, decide, statements
from skyproof.emulator.strict.actions import action as permission
from skyproof.emulator.wire import service_model
from skyproof.lifecycle import lock
from skyproof.lifecycle.calls import Listing
from skyproof.lifecycle.kinds import KINDS

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "policies"
POLICIES = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}
PLATFORM = ("harness", "platform-making", "platform-network", "platform-watching")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST = 6144
MOST_ATTACHED = 10

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/skyproof"
RUN = {"aws:ResourceTag/skyproof:run": "20260105T000000-k3x9qd"}
NEW = {"aws:RequestTag/skyproof:run": "20260105T000000-k3x9qd"}
HERE = {"aws:RequestedRegion": "us-east-1"}


def listed(statement: dict[str, Any], key: str) -> list[str]:
    value = statement[key]
    return [value] if isinstance(value, str) else value


def allowed(action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    request = Request(action, resource, ROLE, ACCOUNT, HERE | (context or {}))
    return decide([POLICIES[name] for name in PLATFORM], request).effect == "allow"


@pytest.mark.parametrize("name", POLICIES)
def test_iam_reads_it(name: str) -> None:
    assert len(statements(POLICIES[name])) == len(POLICIES[name]["Statement"])
    names = [statement["Sid"] for statement in POLICIES[name]["Statement"]]
    assert len(names) == len(set(names)), names
    assert [one for one in names if not one.isalnum()] == []


@pytest.mark.parametrize("name", [name for name in POLICIES if not name.startswith("trust")])
def test_it_fits_into_a_managed_policy(name: str) -> None:
    written = json.dumps(POLICIES[name], separators=(",", ":"))
    assert len(written) <= LONGEST
    assert len(PLATFORM) <= MOST_ATTACHED


@pytest.mark.parametrize("name", [*PLATFORM, "source-account"])
def test_nothing_is_allowed_by_a_wildcard_action(name: str) -> None:
    wide = [
        action
        for statement in POLICIES[name]["Statement"]
        for action in listed(statement, "Action")
        if "*" in action and action != "kms:GenerateDataKey*"
    ]
    assert wide == []


@pytest.mark.parametrize("name", [*PLATFORM, "source-account"])
def test_what_has_no_name_is_limited_by_a_condition_or_only_read(name: str) -> None:
    loose = [
        action
        for statement in POLICIES[name]["Statement"]
        if "*" in listed(statement, "Resource") and "Condition" not in statement
        for action in listed(statement, "Action")
        if not action.partition(":")[2].startswith(("Get", "List", "Describe"))
    ]
    assert loose == []


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("sns:CreateTopic", "arn:aws:sns:us-east-1:111122223333:cw-obs-k3x9qd-critical-alarms", {}),
        ("kms:CreateKey", "*", NEW),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:us-east-1:111122223333:key/1", RUN),
        ("ssm:PutParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/skyproof/lock/1", {}),
        ("ec2:DeleteVpc", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", RUN),
        (
            "logs:DeleteLogGroup",
            "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/cwsyn-cw-obs-k3x9qd-api-1",
            {},
        ),
        (
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/cw-obs-k3x9qd-replication",
            {"iam:PassedToService": "s3.amazonaws.com"},
        ),
    ],
)
def test_what_runs_make_is_theirs(action: str, resource: str, context: dict[str, str]) -> None:
    assert allowed(action, resource, context)


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("sns:DeleteTopic", "arn:aws:sns:us-east-1:111122223333:orders", {}),
        ("kms:CreateKey", "*", {}),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:us-east-1:111122223333:key/1", {}),
        ("ssm:PutParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/database", {}),
        ("ec2:DeleteVpc", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", {}),
        (
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/cw-obs-k3x9qd-replication",
            {"iam:PassedToService": "ec2.amazonaws.com"},
        ),
        ("iam:CreateRole", "arn:aws:iam::111122223333:role/admin", {}),
        ("cloudwatch:DescribeAlarms", "*", {"aws:RequestedRegion": "eu-west-1"}),
    ],
)
def test_what_is_not_theirs_is_left_alone(
    action: str, resource: str, context: dict[str, str]
) -> None:
    assert not allowed(action, resource, context)


def test_the_lock_is_allowed_where_it_is_and_with_what_it_calls() -> None:
    arn = f"arn:aws:ssm:{lock.HOME['aws']}:{ACCOUNT}:parameter{lock.FOLDER}"
    assert allowed("ssm:GetParametersByPath", arn)
    for action in ("ssm:PutParameter", "ssm:DeleteParameters"):
        assert allowed(action, f"{arn}/7")


def operations(listing: Listing | str | None) -> Iterator[str]:
    """What a listing calls: itself, and what it lies within."""
    if isinstance(listing, Listing):
        yield listing.operation
        yield from operations(listing.within)


def inventory() -> Iterator[tuple[str, str]]:
    """Service and operation of every call that finds something, or the tags of it."""
    for kind in KINDS:
        for operation in (*operations(kind.listing), *operations(kind.tags)):
            yield kind.service, operation


def test_the_inventory_is_allowed_every_call_that_it_makes() -> None:
    needed = set()
    for service, operation in inventory():
        names = {xform_name(name): name for name in service_model(service).operation_names}
        needed.add(permission(service, names[operation], {}, "GET"))
    refused = [one for one in sorted(needed) if not allowed(one, "*")]
    assert refused == [], "not in docs/policies/harness.json"


def test_github_is_trusted_for_one_branch_of_one_repository() -> None:
    [statement] = POLICIES["trust-github"]["Statement"]
    claims = statement["Condition"]["StringEquals"]
    issuer = "token.actions.githubusercontent.com"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert claims[f"{issuer}:aud"] == "sts.amazonaws.com"
    assert claims[f"{issuer}:sub"].startswith("repo:")
    assert "*" not in claims[f"{issuer}:sub"]
