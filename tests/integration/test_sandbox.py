"""The sandbox's way, in an emulator that is as strict, slow and unreliable as an account may be.

Only what docs/policies allows is allowed, credentials end in the middle, many requests are
throttled, fail or lose their answer, and reads lag writes. The same files are for a real account.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof import children
from skyproof.lifecycle import take
from tests.integration.backends import ON_ITS_OWN

pytestmark = [pytest.mark.terraform, ON_ITS_OWN]

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/skyproof"
CI = f"arn:aws:iam::{ACCOUNT}:user/ci"
KEY, ROOT_KEY, SECRET = "AKIACIEXAMPLE1234567", "AKIAROOTEXAMPLE12345", "the-secret-of-ci"
POLICIES = Path(__file__).parents[2] / "docs" / "policies"
# How many of a hundred requests fail. With 20 the test takes 140 s, most of it waits of clients.
FAULTS = int(os.environ.get("SKYPROOF_FAULTS", "8")) / 100
BAD_DAY = {
    "throttle": FAULTS * 0.35,
    "errors": FAULTS * 0.35,
    "resets": FAULTS * 0.3,
    "consistency_seconds": 2,
}

PROJECT = Path(__file__).parents[1] / "sandbox"
FORBIDDEN = """
resource "aws_iam_user" "somebody" { name = var.name }
"""


class Account:
    """A strict emulator, and how it is entered as CI enters an account."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def inventory(self) -> list[str]:
        """What there is in the account, but for the lock that stays (docs/sandbox.md)."""
        session = boto3.session.Session(ROOT_KEY, SECRET)
        config = Config(retries={"mode": "standard", "total_max_attempts": 10})

        def client(service: str, region: str, _account: str) -> Any:
            return session.client(service, region, endpoint_url=self.endpoint, config=config)

        found = take(client, [ACCOUNT], ["us-east-1"]).items
        return sorted(str(one) for one in found if not one.name.startswith("/skyproof/lock/"))

    def counts(self) -> dict[str, int]:
        """What was refused, throttled, failed and read late."""
        with urllib.request.urlopen(f"{self.endpoint}/_skyproof/strict") as answer:  # noqa: S310
            told: dict[str, int] = json.load(answer)
            return told


def identities(trusted: str = CI) -> list[dict[str, Any]]:
    """A user of CI that may do nothing but assume the role, and the role of the documentation."""
    may_assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusted}}
    documented = ("harness", "platform-making", "platform-network", "platform-watching")
    return [
        {"arn": CI, "policies": {"assume": policy(may_assume)}},
        {
            "arn": ROLE,
            "trust": policy(trust),
            "policies": {
                name: json.loads((POLICIES / f"{name}.json").read_text()) for name in documented
            },
        },
    ]


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@contextmanager
def strict(folder: Path, **settings: Any) -> Iterator[Account]:
    """A strict emulator in a process of its own."""
    file, ready = folder / "strict.json", folder / "ready.json"
    who = {KEY: CI, ROOT_KEY: f"arn:aws:iam::{ACCOUNT}:root"}
    callers = [
        {"access_key": key, "secret": SECRET, "account": ACCOUNT, "arn": arn}
        for key, arn in who.items()
    ]
    told = {"callers": callers, "policies": identities(), "account_alias": "our-sandbox"}
    file.write_text(json.dumps({**told, "seed": 7, **settings}))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "skyproof.emulator", "--port", "0", "--exit-with-stdin"),
            *("--ready-file", str(ready), "--strict", str(file)),
        ],
        stdin=subprocess.PIPE,
    )
    try:
        wait = Retrying(
            retry=retry_if_result(lambda there: not there),
            wait=wait_fixed(0.05),
            stop=stop_after_delay(60),
        )
        wait(lambda: ready.exists() or process.poll() is not None)
        yield Account(json.loads(ready.read_text())["endpoint"])
    finally:
        children.end(process, 10)


def run(folder: Path, account: Account, more: str = "") -> subprocess.CompletedProcess[str]:
    """The project that is for a real account, in the emulated one."""
    shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
    (folder / "module" / "more.tf").write_text(more)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"),
            *("--skyproof-backend=sandbox", f"--skyproof-sandbox-accounts={ACCOUNT}"),
            *(f"--skyproof-role={ROLE}", f"--skyproof-home={folder / 'home'}"),
        ],
        cwd=folder,
        env={**os.environ, **account.environment, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def left(folder: Path) -> list[str]:
    """Runs whose journals are still there: something may be left of them."""
    return sorted(one.name for one in (folder / "home" / "runs").glob("*"))


# What a create that is repeated after a lost answer ends in: the provider cannot know better.
REPEATED = re.compile(r"already exists|AlreadyExists|AlreadyOwnedByYou|EntityAlreadyExists")


def test_a_bad_day_ends_clean_and_green_or_says_why_not(tmp_path: Path) -> None:
    with strict(tmp_path, session_seconds=20, **BAD_DAY) as account:
        before = account.inventory()
        done = run(tmp_path, account)
        counts = account.counts()
        after = account.inventory()
    said = f"{done.stdout}{done.stderr}\n{counts}"
    assert after == before, said
    assert left(tmp_path) == [], said
    assert done.returncode == 0 or REPEATED.search(done.stdout), said
    assert counts["expired"] == 0, said
    for kind in ("throttled", "errors", "resets", "stale"):
        assert counts[kind] > 0, f"no {kind}: {counts}"
    sys.stdout.write(f"exit code {done.returncode}, survived: {counts}\n")


def test_what_the_policies_do_not_allow_is_told_and_undone(tmp_path: Path) -> None:
    with strict(tmp_path) as account:
        done = run(tmp_path, account, FORBIDDEN)
    assert done.returncode == 1, done.stdout
    assert (
        f"is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::{ACCOUNT}:user/"
        in (done.stdout)
    )
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"account_alias": "acme-production"}, "which is the name of a production"),
        (
            {"policies": identities(trusted=f"arn:aws:iam::{ACCOUNT}:user/other")},
            "cannot be entered with role",
        ),
    ],
    ids=["production", "a role that does not trust us"],
)
def test_an_account_that_must_not_be_entered_is_left_alone(
    tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    with strict(tmp_path, **settings) as account:
        done = run(tmp_path, account)
    assert done.returncode == 1, done.stdout
    assert says in done.stdout
    assert left(tmp_path) == []
