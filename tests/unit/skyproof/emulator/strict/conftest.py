"""A strict emulator on a port, and clients that sign as its callers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from skyproof.emulator import Emulator
from skyproof.emulator.strict import StrictGateway, read

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ci"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/sandbox"
SESSION = boto3.session.Session()
SECRET = "secret"
ROOT_KEY, USER_KEY = "AKIAROOTROOTROOTROOT", "AKIAUSERUSERUSERUSER"


def statement(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    return {"Effect": effect, **members}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def described(*statements: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A file with a root, a user under these statements, and a role that the user may assume."""
    trust = statement(Principal={"AWS": USER}, Action="sts:AssumeRole")
    callers = [
        {"access_key": ROOT_KEY, "arn": f"arn:aws:iam::{ACCOUNT}:root"},
        {"access_key": USER_KEY, "arn": USER},
    ]
    return {
        "callers": [{"secret": SECRET, "account": ACCOUNT, **caller} for caller in callers],
        "policies": [
            {"arn": USER, "policies": {"own": policy(*statements)} if statements else {}},
            {
                "arn": ROLE,
                "trust": policy(trust),
                "policies": {"own": policy(statement(Action="*", Resource="*"))},
            },
        ],
        **members,
    }


class Strict:
    """A strict emulator that runs."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.endpoint = emulator.endpoint

    def client(
        self,
        service: str,
        key: str = USER_KEY,
        secret: str = SECRET,
        token: str | None = None,
        *,
        region: str = "eu-west-1",
        signature: str | None = None,
    ) -> Any:
        return SESSION.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                signature_version=signature,
            ),
        )

    def root(self, service: str) -> Any:
        return self.client(service, ROOT_KEY)

    def session(self, service: str, **members: Any) -> Any:
        """A client of a session of the role."""
        found = self.client("sts").assume_role(
            RoleArn=ROLE, RoleSessionName="apply", DurationSeconds=900, **members
        )["Credentials"]
        keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return self.client(service, *keys)

    def counts(self) -> dict[str, int]:
        answer = urllib3.request("GET", f"{self.endpoint}/_skyproof/strict")
        found: dict[str, int] = answer.json()
        return found

    def advance(self, seconds: float) -> None:
        """Turn the world's clock, by which sessions end."""
        url = f"{self.endpoint}/_skyproof/clock"
        assert urllib3.request("POST", url, json={"mode": "manual"}).status == 200
        answer = urllib3.request("POST", f"{url}/advance", json={"seconds": seconds})
        assert answer.status == 200, answer.data


Start = Callable[[dict[str, Any]], Strict]


class Watch:
    """Real time, for reads that lag: it stands until it is turned."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def start(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``start({...})``: a strict emulator with a file of this content."""
    timed = partial(StrictGateway, now=watch.now)
    monkeypatch.setattr("skyproof.emulator.strict.StrictGateway", timed)
    with ExitStack() as stack:

        def run(content: dict[str, Any]) -> Strict:
            file = tmp_path / "strict.json"
            file.write_text(json.dumps(content))
            return Strict(stack.enter_context(Emulator(strict=read(file))))

        yield run


def refusal(call: Any, **params: Any) -> tuple[int, str, str]:
    """Status, code and message of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    error = response["Error"]
    return response["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]
