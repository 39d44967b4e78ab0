"""The sandbox backend where callers are judged, under the policies of docs/policies alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skyproof.backends.credentials import CHAIN
from skyproof.emulator import Emulator
from skyproof.emulator.strict import read
from skyproof.errors import SkyproofError
from skyproof.session import Session
from skyproof.settings import Settings

POLICIES = Path(__file__).resolve().parents[4] / "docs" / "policies"
OWN, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{OWN}:user/ci"
ROLE, OTHER_ROLE = (f"arn:aws:iam::{account}:role/skyproof" for account in (OWN, OTHER))


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def role(arn: str, trusted: str) -> dict[str, Any]:
    """A role with what the harness needs, that one other may assume."""
    return {
        "arn": arn,
        "trust": policy(Principal={"AWS": trusted}, Action="sts:AssumeRole"),
        "policies": {"harness": json.loads((POLICIES / "harness.json").read_text())},
    }


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user who may assume the sandbox's role, and that role the other account's."""
    file = tmp_path / "strict.json"
    caller = {"access_key": "AKIASANDBOXCIEXAMPLE", "secret": "any", "account": OWN, "arn": USER}
    assumes = policy(Action="sts:AssumeRole", Resource=ROLE)
    policies = [
        {"arn": USER, "policies": {"assume": assumes}},
        role(ROLE, trusted=USER),
        role(OTHER_ROLE, trusted=ROLE),
    ]
    file.write_text(json.dumps({"callers": [caller], "policies": policies}))
    for name in CHAIN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Emulator(strict=read(file)) as emulator:
        for name, value in {
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_ACCESS_KEY_ID": caller["access_key"],
            "AWS_SECRET_ACCESS_KEY": caller["secret"],
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        yield


def session(**settings: Any) -> Session:
    return Session(Settings(backend="sandbox", sandbox_accounts=(OWN, OTHER), **settings))


def test_the_sandboxs_role_enters_the_other_accounts_and_holds_its_own(account: None) -> None:
    run = session(role=ROLE, sandbox_roles=(OTHER_ROLE,))
    try:
        assert run.backend.account == OWN
        sts = run.backend.client("sts", account=OTHER)
        assert sts.get_caller_identity()["Account"] == OTHER
        with pytest.raises(SkyproofError, match=f"Account {OWN} is held by run {run.run.id}"):
            _ = session(role=ROLE).backend
    finally:
        run.close()
    after = session(role=ROLE)
    assert after.backend.account == OWN
    after.close()


def test_whoever_may_not_enter_is_told_as_aws_tells_it(account: None) -> None:
    with pytest.raises(
        SkyproofError, match=rf"not authorized to perform: sts:AssumeRole on .*{OTHER}"
    ):
        _ = session(role=OTHER_ROLE).backend


def test_an_alias_that_may_not_be_read_keeps_everybody_out(account: None) -> None:
    with pytest.raises(SkyproofError, match=r"cannot be told: .*iam:ListAccountAliases") as caught:
        _ = session().backend
    assert caught.value.hint == "Allow iam:ListAccountAliases to the role that tests run with."
