"""The sandbox backend, before an emulator that stands in for AWS."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from skyproof import run
from skyproof.backends import create
from skyproof.backends.credentials import CHAIN
from skyproof.backends.embedded import Embedded
from skyproof.backends.sandbox import Sandbox
from skyproof.errors import ExitCode, SkyproofError
from skyproof.expect import RealClock
from skyproof.session import Session
from skyproof.settings import Settings
from tests.unit.skyproof.conftest import ACCOUNT

TAGGED = """
provider "aws" {
  default_tags {
    tags = { team = "shop" }
  }
}
resource "aws_sns_topic" "orders" {
  name = "tagged"
  tags = { part = "orders" }
}
resource "aws_cloudwatch_log_group" "orders" { name = "tagged" }
output "topic" { value = aws_sns_topic.orders.arn }
"""
LEADS_ELSEWHERE = """
provider "aws" {
  assume_role {
    role_arn = "arn:aws:iam::999988887777:role/deployment"
  }
}
resource "aws_sns_topic" "elsewhere" { name = "elsewhere" }
"""
OTHER = "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/tests"
RUN = run.begin(timedelta(hours=1))


def sandbox(**settings: Any) -> Sandbox:
    given: dict[str, Any] = {"backend": "sandbox", "sandbox_accounts": (ACCOUNT, OTHER)}
    backend = create(Settings(**given | settings), RUN)
    assert isinstance(backend, Sandbox)
    return backend


def test_the_normal_chain_leads_in(aws: Embedded) -> None:
    backend = sandbox(region="eu-west-1")
    backend.start()
    assert (backend.account, backend.endpoint) == (ACCOUNT, aws.endpoint)
    assert backend.describe() == f"sandbox, account {ACCOUNT} in eu-west-1 at {aws.endpoint}"
    topic = backend.client("sns").create_topic(Name="orders")["TopicArn"]
    assert topic == f"arn:aws:sns:eu-west-1:{ACCOUNT}:orders"
    assert isinstance(backend.clock(), RealClock)
    assert not backend.is_local
    backend.stop()
    backend.stop()


def test_buckets_are_reached_by_path(aws: Embedded) -> None:
    backend = sandbox()
    backend.start()
    backend.client("s3").create_bucket(Bucket="by-path")
    backend.client("s3").put_object(Bucket="by-path", Key="a", Body=b"1")
    assert backend.client("s3").get_object(Bucket="by-path", Key="a")["Body"].read() == b"1"
    backend.stop()


def test_without_an_endpoint_it_is_aws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert sandbox().endpoint is None


def test_a_role_leads_into_its_account(aws: Embedded) -> None:
    backend = sandbox(role=ROLE)
    backend.start()
    assert backend.account == OTHER
    arn = backend.client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{OTHER}:assumed-role/tests/skyproof"
    backend.stop()


def test_other_accounts_are_reached_with_their_roles(aws: Embedded) -> None:
    backend = sandbox(sandbox_roles=(ROLE,))
    backend.start()
    assert backend.account == ACCOUNT
    assert backend.client("sts", account=OTHER).get_caller_identity()["Account"] == OTHER
    assert "multi-account" in backend.capabilities
    backend.stop()


def test_an_account_without_a_role_is_named_with_the_way_out(aws: Embedded) -> None:
    backend = sandbox()
    backend.start()
    assert "multi-account" not in backend.capabilities
    with pytest.raises(SkyproofError, match=f"No credentials lead into account {OTHER}") as caught:
        backend.client("sts", account=OTHER)
    assert f"--skyproof-sandbox-roles=arn:aws:iam::{OTHER}:role/NAME" in caught.value.hint
    backend.stop()


@pytest.mark.parametrize(
    "settings",
    [
        {"sandbox_accounts": ()},
        {"sandbox_accounts": (OTHER,)},
        {"sandbox_accounts": (ACCOUNT,), "role": ROLE},
        {"sandbox_accounts": (ACCOUNT,), "sandbox_roles": (ROLE,)},
        {"account": OTHER},
    ],
)
def test_an_account_that_is_not_meant_is_not_entered(
    aws: Embedded, settings: dict[str, Any]
) -> None:
    backend = sandbox(**settings)
    for _ in range(2):
        with pytest.raises(SkyproofError, match=r"nothing is done there|names 444455556666"):
            backend.start()


@pytest.mark.parametrize("roles", [{}, {"sandbox_roles": (ROLE,)}])
def test_production_is_not_entered(aws: Embedded, roles: dict[str, Any]) -> None:
    account = OTHER if roles else ACCOUNT
    iam = aws.client("iam", account=account)
    iam.create_account_alias(AccountAlias="acme-prod")
    try:
        with pytest.raises(SkyproofError, match=f"Account {account} is called 'acme-prod'"):
            sandbox(**roles).start()
    finally:
        iam.delete_account_alias(AccountAlias="acme-prod")


@pytest.mark.parametrize("role", [None, ROLE])
def test_without_credentials_the_way_out_is_named(
    aws: Embedded, monkeypatch: pytest.MonkeyPatch, role: str | None
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(SkyproofError, match=r"cannot be entered with .*credentials") as caught:
        sandbox(role=role).start()
    assert "--skyproof-role" in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_terraform_inherits_the_chain_and_tags_everything(aws: Embedded) -> None:
    backend = sandbox(region="eu-west-1")
    backend.start()
    assert backend.environment() == {
        "TF_AWS_DEFAULT_TAGS_skyproof:run": RUN.id,
        "TF_AWS_DEFAULT_TAGS_skyproof:owner": RUN.owner,
        "TF_AWS_DEFAULT_TAGS_skyproof:expires": RUN.expires.isoformat(),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    backend.stop()


def test_a_reference_leads_back_and_tells_no_secret(
    aws: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "team")
    for name in ("AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        monkeypatch.setenv(name, "a secret")
    assert sandbox(role=ROLE, sandbox_roles=(ROLE,)).reference() == {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_PROFILE": "team",
        "AWS_REGION": "us-east-1",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SKYPROOF_ROLE": ROLE,
        "SKYPROOF_SANDBOX_ROLES": ROLE,
    }
    assert "AWS_SESSION_TOKEN" in CHAIN


def test_the_embedded_backend_cannot_be_reached_again(aws: Embedded) -> None:
    assert aws.reference() == {}


@pytest.mark.terraform
def test_the_tags_of_the_run_join_those_of_the_stack_and_make_no_drift(
    aws: Embedded, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(TAGGED)
    session = Session(Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,)))
    try:
        stack = session.stack(tmp_path)
        stack.apply()
        client = session.backend.client
        topic = client("sns").list_tags_for_resource(ResourceArn=stack.outputs["topic"])
        tags = {tag["Key"]: tag["Value"] for tag in topic["Tags"]}
        assert tags == {"team": "shop", "part": "orders", **session.run.tags}
        group = client("logs").list_tags_log_group(logGroupName="tagged")["tags"]
        assert group == {"team": "shop", **session.run.tags}
        plan = stack.plan()
        assert plan.is_empty, str(plan)
    finally:
        session.close()


@pytest.mark.terraform
def test_a_provider_that_leads_into_another_account_is_refused_by_itself(
    aws: Embedded, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(LEADS_ELSEWHERE)
    session = Session(Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,)))
    try:
        with pytest.raises(SkyproofError, match="AWS account ID not allowed: 999988887777"):
            session.apply(tmp_path)
    finally:
        session.close()
    assert aws.client("sns", account="999988887777").list_topics()["Topics"] == []
