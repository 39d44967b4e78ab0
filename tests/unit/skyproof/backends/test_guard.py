"""Which accounts may be entered, and what is said of the others."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from skyproof.backends.guard import (
    PRODUCTION,
    require_allowed,
    require_expected,
    require_no_production,
)
from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import Settings

ACCOUNT = "111122223333"


@pytest.fixture
def iam() -> Any:
    return boto3.client(
        "iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def test_a_listed_account_may_be_entered() -> None:
    require_allowed(ACCOUNT, Settings(sandbox_accounts=("444455556666", ACCOUNT)))


@pytest.mark.parametrize(
    ("listed", "said"), [((), "none"), (("444455556666", "777788889999"), "444455556666, 7777")]
)
def test_any_other_is_refused_with_the_way_out(listed: tuple[str, ...], said: str) -> None:
    with pytest.raises(SkyproofError, match=f"{ACCOUNT} is not on the list .* {said}") as caught:
        require_allowed(ACCOUNT, Settings(sandbox_accounts=listed))
    assert f"--skyproof-sandbox-accounts={ACCOUNT}, SKYPROOF_SANDBOX_ACCOUNTS" in caught.value.hint


def test_the_account_that_is_named_must_be_the_one_that_is_found() -> None:
    require_expected(ACCOUNT, Settings(account=ACCOUNT))
    with pytest.raises(SkyproofError, match=f"lead into account {ACCOUNT}, .* names 444455556666"):
        require_expected(ACCOUNT, Settings(account="444455556666"))


def test_the_emulators_account_names_no_sandbox() -> None:
    require_expected(ACCOUNT, Settings())


@pytest.mark.parametrize(
    "alias",
    ["prod", "acme-prod", "prod-eu", "acme-production", "prd2", "acme-live-eu", "non-prod-live"],
)
def test_an_alias_that_reads_as_production_is_refused(iam: Any, alias: str) -> None:
    with Stubber(iam) as stub:
        stub.add_response("list_account_aliases", {"AccountAliases": [alias], "IsTruncated": False})
        with pytest.raises(SkyproofError, match=f"{ACCOUNT} is called '{alias}'") as caught:
            require_no_production(ACCOUNT, iam)
    assert "give it an alias that says so" in caught.value.hint


@pytest.mark.parametrize(
    "alias", ["acme-sandbox", "acme-non-prod", "non-prod", "products", "delivery", "alive-test"]
)
def test_other_aliases_are_not(alias: str) -> None:
    assert PRODUCTION.search(alias) is None


def test_an_account_without_an_alias_may_be_entered(iam: Any) -> None:
    with Stubber(iam) as stub:
        stub.add_response("list_account_aliases", {"AccountAliases": [], "IsTruncated": False})
        require_no_production(ACCOUNT, iam)
        stub.assert_no_pending_responses()


def test_where_the_alias_may_not_be_read_nobody_can_tell(iam: Any) -> None:
    with Stubber(iam) as stub:
        stub.add_client_error("list_account_aliases", "AccessDenied", "not authorized")
        with pytest.raises(SkyproofError, match=r"cannot be told: .*AccessDenied") as caught:
            require_no_production(ACCOUNT, iam)
    assert caught.value.hint.startswith("Allow iam:ListAccountAliases")
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
