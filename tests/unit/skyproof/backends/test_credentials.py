"""A role's credentials renew themselves, in this process and inside a provider that is at work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3

from skyproof.backends import credentials
from skyproof.backends.embedded import Embedded
from skyproof.session import Session
from skyproof.settings import Settings
from tests.unit.skyproof.conftest import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/tests"
# The second topic waits until the credentials that made the first one are over.
LONG = """
resource "aws_sns_topic" "first" { name = "first" }
resource "terraform_data" "work" {
  input = aws_sns_topic.first.arn
  provisioner "local-exec" { command = "sleep 2" }
}
resource "aws_sns_topic" "second" {
  name       = "second"
  depends_on = [terraform_data.work]
}
"""


class ShortLived:
    """The emulator, but the credentials of its roles end a second after they were given out.

    It refuses a request that is signed with credentials that are over, as AWS does.
    """

    def __init__(self, endpoint: str) -> None:
        self.given: dict[str, datetime] = {}
        self.refused: list[str] = []
        self._pool = urllib3.PoolManager()
        self._endpoint = endpoint
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.answer(self)

            do_GET = do_POST  # noqa: N815 (http.server's name)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        key = re.search(r"Credential=(\w+)/", handler.headers.get("Authorization", ""))
        over = self.given.get(key[1]) if key else None
        if over is not None and datetime.now(UTC) > over + timedelta(seconds=1):
            self.refused.append(handler.path)
        answer = self._pool.request(
            handler.command,
            self._endpoint + handler.path,
            body=body,
            headers=dict(handler.headers.items()),
        )
        data = answer.data
        if b"Action=AssumeRole&" in body:
            data = self._shortened(data.decode()).encode()
        handler.send_response(answer.status)
        handler.send_header("Content-Length", str(len(data)))
        for name in ("Content-Type", "x-amzn-requestid"):
            if name in answer.headers:
                handler.send_header(name, answer.headers[name])
        handler.end_headers()
        handler.wfile.write(data)

    def _shortened(self, text: str) -> str:
        ends = datetime.now(UTC) + timedelta(seconds=1)
        key = re.search(r"<AccessKeyId>(\w+)<", text)
        assert key is not None, text
        self.given[key[1]] = ends
        return re.sub(r"(<Expiration>)[^<]+", rf"\g<1>{ends:%Y-%m-%dT%H:%M:%SZ}", text)


@pytest.fixture
def short_lived(aws: Embedded, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShortLived]:
    assert aws.endpoint is not None
    gateway = ShortLived(aws.endpoint)
    thread = threading.Thread(target=gateway.server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", gateway.url)
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()


def test_a_session_of_a_role_takes_new_credentials_when_the_old_are_over(
    short_lived: ShortLived,
) -> None:
    core = credentials.of_role("us-east-1", ROLE, credentials.of_chain("us-east-1"))
    session = boto3.session.Session(botocore_session=core)
    for _ in range(2):
        arn = session.client("sts").get_caller_identity()["Arn"]
        assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/tests/skyproof"
    assert len(short_lived.given) == 2
    assert short_lived.refused == []


@pytest.mark.terraform
def test_a_provider_takes_new_credentials_in_the_middle_of_an_apply(
    short_lived: ShortLived, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(LONG)
    session = Session(
        Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,), role=ROLE, provider_pool="off")
    )
    try:
        stack = session.stack(tmp_path)
        before = len(short_lived.given)
        stack.apply()
        assert len(short_lived.given) - before >= 2, "credentials taken during one apply"
    finally:
        session.close()
    assert short_lived.refused == []


def test_the_process_answers_as_sdks_want_it(aws: Embedded, tmp_path: Path) -> None:
    environment = os.environ | credentials.terraform_environment(ROLE, tmp_path, os.environ)
    environment["AWS_REGION"] = "us-east-1"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "skyproof.backends", ROLE],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert answer["Version"] == 1
    assert datetime.fromisoformat(answer["Expiration"]) > datetime.now(UTC)
    assert {*answer} == {
        "Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
    }  # fmt: skip


def test_a_role_that_cannot_be_assumed_is_told_in_one_line(
    aws: Embedded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert credentials.main(ROLE) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"{ROLE} cannot be assumed: Unable to locate credentials\n",
    )


def test_the_chain_is_hidden_from_the_provider_and_found_by_the_process(tmp_path: Path) -> None:
    chain = {"AWS_PROFILE": "team", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}
    given = credentials.terraform_environment(ROLE, tmp_path, chain)
    environment = {name: value for name, value in given.items() if value}
    assert "AWS_ACCESS_KEY_ID" not in environment
    assert environment["AWS_PROFILE"] == "skyproof"

    credentials.restore_chain(environment)
    assert environment == chain


def test_the_profile_holds_no_secret(tmp_path: Path) -> None:
    chain = {"AWS_SECRET_ACCESS_KEY": "verysecret", "AWS_SESSION_TOKEN": "alsosecret"}
    credentials.terraform_environment(ROLE, tmp_path, chain)
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    assert ROLE in written
    assert "secret" not in written
